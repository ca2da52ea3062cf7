"""Make the page of a warehouse, or of a few annotated texts."""

import dataclasses
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipeline.alerts import FeedSilent, NoQuotations, Rule, find_alerts
from pipeline.export import COLUMNS
from pipeline.report.articles import ReportArticle, read_articles
from pipeline.report.charts import chart_library, chart_specs
from pipeline.report.facts import collect_facts
from pipeline.report.page import write_page
from pipeline.report.payload import Part, pack_articles
from pipeline.report.source import open_current
from pipeline.version import newsbeam_version
from schemas.flow import AnnotatedArticle
from schemas.tables import to_record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_QUOTES = 50_000
# Of the alerts' rules, those that say what the page does not count anyhow.
SHOWN_RULES: dict[str, Rule] = {"feed_silent": FeedSilent(), "no_quotations": NoQuotations()}


def write_report(
    warehouse: str, path: str, *, limit: int = MOST_QUOTES, days: int | None = None
) -> int:
    """Write the page of a warehouse; return its size in bytes.

    The page lists the newest `limit` quotations; its numbers count all articles of the last `days`
    (None: all). Raises UsageError where there is no warehouse, OutputError where the page cannot be
    written.
    """
    specs, library = chart_specs(), chart_library()
    with open_current(warehouse, days) as connection:
        name = os.path.basename(os.path.abspath(warehouse))
        more = {"charts": specs, "limit": limit, "days": days}
        parts = _report_parts(connection, name, more)
        return write_page(path, f"newsbeam report: {name}", parts, library)


def _report_parts(
    connection: "DuckDBPyConnection", name: str, more: dict[str, Any]
) -> Iterator[Part]:
    facts = dataclasses.asdict(collect_facts(connection))
    last = datetime.fromtimestamp(facts["run"]["finished"] / 1000, UTC)
    alerts = [dataclasses.asdict(alert) for alert in find_alerts(connection, SHOWN_RULES, last)]
    yield _head("report", name, facts=facts | {"alerts": alerts}, **more)
    yield from pack_articles(read_articles(connection, more["limit"]))


def write_reader(articles: Iterable[tuple[str, AnnotatedArticle]], path: str, name: str) -> int:
    """Write a page with the reader alone; return its size in bytes.

    `articles` are ids as given and what was annotated; they are taken one by one.
    """
    return write_page(path, f"newsbeam: {name}", _reader_parts(articles, name))


def _reader_parts(articles: Iterable[tuple[str, AnnotatedArticle]], name: str) -> Iterator[Part]:
    yield _head("reader", name)
    yield from pack_articles(_report_article(given, item) for given, item in articles)


def _head(mode: str, name: str, **more: Any) -> Part:
    made = {
        "mode": mode,
        "name": name,
        "made": _milliseconds(datetime.now(UTC)),
        "version": newsbeam_version(),
        "export": list(COLUMNS),
    }
    return Part("head", 0, made | more)


def _report_article(given: str, item: AnnotatedArticle) -> ReportArticle:
    article = item.article
    record = to_record(article) | {
        "title": article.title or given,
        "outlet": article.publisher or article.canonical_domain or "",
        "is_copy": False,
        "shown_at": _milliseconds(article.date_published or article.ingested_at),
        "published": _milliseconds(article.date_published),
    }
    rows = (item.entities, item.mentions, item.quotes)
    return ReportArticle(record, *([to_record(row) for row in group] for group in rows))


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
