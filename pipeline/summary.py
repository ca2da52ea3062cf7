"""What a run prints at its end: the table of who said what, and the numbers."""

import dataclasses
import json
from collections.abc import Iterator
from textwrap import shorten
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline.agenda import gone_reason
from pipeline.commit import read_record
from pipeline.facts import RunFacts
from pipeline.run import RunReport
from schemas.layout import Layout
from transforms.parquet_files import read_columns
from transforms.polling import Agenda

SLOWEST_HOSTS = 3
QUOTE_WIDTH = 110  # characters of a quotation in the printed table
NAMED_FEEDS = 10


def summary_json(report: RunReport) -> str:
    """Return the summary as one line of JSON."""
    line = {
        "run_id": report.run.value if report.record else None,
        "exit_status": report.exit_status,
        "output": report.layout.root,
        "seconds": round(report.seconds, 1),
        "workers": report.workers,
        "archive": report.archive,
        "next_due": report.next_due.isoformat(timespec="seconds") if report.next_due else None,
        **agenda_summary(report.agenda),
        **facts_summary(report.facts),
    }
    return json.dumps(line, ensure_ascii=False)


def agenda_summary(agenda: Agenda) -> dict[str, Any]:
    """Return what a summary says of feeds that were not asked."""
    return {
        "feeds_not_due": len(agenda.not_due),
        "feeds_gone": [state.url for state in agenda.gone],
        "feeds_doubles": {feed.url: other for feed, other in agenda.doubles},
    }


def facts_summary(facts: RunFacts) -> dict[str, Any]:
    """Return what a summary says of the work that was done."""
    return {
        "feeds": facts.feeds,
        "feeds_failed": dict(facts.feeds_failed),
        "feeds_malformed": dict(facts.feeds_malformed),
        "entries": facts.entries,
        "entries_new": facts.entries_new,
        "pages": dict(facts.pages),
        "rows": dict(facts.rows),
        "articles_without_annotation": facts.articles_plain,
        "failures": {f"{stage}/{kind}": n for (stage, kind), n in facts.failures.items()},
        "slowest_hosts": [dataclasses.asdict(host) for host in facts.hosts[:SLOWEST_HOSTS]],
    }


def print_summary(report: RunReport, console: Console) -> None:
    """Print the numbers of a run, a line each."""
    for line in summary_lines(report):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def summary_lines(report: RunReport) -> Iterator[str]:
    """Yield the lines of the summary."""
    facts, rows = report.facts, report.facts.rows
    for run_id in report.finished:
        yield f"finished   run {run_id}, which was killed while it was being committed"
    for run_id in report.cleared:
        yield f"cleared    run {run_id}, which was killed before it was committed"
    if report.record is None:
        yield from _idle_lines(report)
        return
    yield from _feed_lines(report) if report.archive is None else [f"archive    {report.archive}"]
    plain = f" ({facts.articles_plain} without annotation)" if facts.articles_plain else ""
    yield f"articles   {rows['articles']}{plain}"
    yield f"names      {rows['entities']} entities, {rows['mentions']} mentions"
    yield f"quotations {rows['quotes']}"
    failures = {f"{stage} {kind}": n for (stage, kind), n in sorted(facts.failures.items())}
    yield f"failures   {_counts(failures)}"
    for host in facts.hosts[:SLOWEST_HOSTS]:
        yield f"slow host  {host.host}: {host.requests} requests, slowest {host.slowest_ms} ms"
    plural = "" if report.workers == 1 else "s"
    yield f"time       {report.seconds:.1f} s, {report.workers} worker{plural}"
    yield f"tables     {report.layout.root} (run {report.run.value})"


def _feed_lines(report: RunReport) -> Iterator[str]:
    """What is said of feeds and pages."""
    facts = report.facts
    faults = f"{len(facts.feeds_failed)} failed, {len(facts.feeds_malformed)} malformed"
    yield f"feeds      {facts.feeds} ({faults}){_skipped(report)}"
    for url, reason in facts.feeds_failed[:NAMED_FEEDS]:
        yield f"             failed: {url} ({reason})"
    if len(facts.feeds_failed) > NAMED_FEEDS:
        yield f"             … and {len(facts.feeds_failed) - NAMED_FEEDS} more in `fetches`"
    for url, reason in facts.feeds_malformed[:NAMED_FEEDS]:
        yield f"             malformed: {url} ({reason})"
    yield f"entries    {facts.entries} ({facts.entries_new} new)"
    yield f"pages      {_counts(facts.pages)}"


def _idle_lines(report: RunReport) -> Iterator[str]:
    """What is said of a pass in which no feed was due."""
    agenda = report.agenda
    listed = len(agenda.not_due) + len(agenda.gone) + len(agenda.doubles)
    yield f"feeds      none of {listed} is due{_next_due(report)}; --force asks for them anyway"
    for state in agenda.gone[:NAMED_FEEDS]:
        yield f"             gone: {state.url} ({gone_reason(state)})"
    yield f"tables     {report.layout.root} (as before: nothing was written)"


def _skipped(report: RunReport) -> str:
    agenda = report.agenda
    parts = [f"{len(agenda.not_due)} not due"] if agenda.not_due else []
    if agenda.doubles:
        parts.append(f"{len(agenda.doubles)} left out: they lead to another listed feed")
    return f", {', '.join(parts)}{_next_due(report)}" if parts else ""


def _next_due(report: RunReport) -> str:
    return f"; the next is at {report.next_due:%Y-%m-%d %H:%M} UTC" if report.next_due else ""


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in counts.items()) or "none"


def print_quotes(layout: Layout, run_id: str, console: Console, most: int) -> None:
    """Print some of the run's quotations: who, what, where."""
    quotes = read_run(layout, "quotes", run_id, QUOTE_COLUMNS)
    if most == 0:
        return
    if not quotes:
        console.print("No new quotations: what the feeds carry was known before, or quotes nobody.")
        return
    titles = {
        row["article_id"]: row
        for row in read_run(layout, "articles", run_id, ("article_id", "title", "publisher"))
    }
    table = Table(title="Who said what", title_justify="left", expand=True)
    table.add_column("speaker", ratio=3)
    table.add_column("quotation", ratio=8)
    table.add_column("where", ratio=4)
    for quote in choose_quotes(quotes)[:most]:
        where = titles.get(quote["article_id"], {})
        speaker = quote["speaker_canonical"] or quote["speaker_text"] or "(unknown)"
        words = shorten(quote["quote_text"], QUOTE_WIDTH, placeholder=" …")
        table.add_row(speaker, words, where.get("publisher") or where.get("title"))
    console.print(table)
    if len(quotes) > most:
        console.print(
            f"… and {len(quotes) - most} more in {layout.table('quotes')}", soft_wrap=True
        )


def choose_quotes(quotes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order quotations for a reader: whole sentences of named people first, an article a line."""

    def rank(quote: dict[str, Any]) -> tuple[bool, bool, float, str]:
        is_fragment = quote["quote_type"] != "direct" or len(quote["quote_text"].split()) < 5
        is_unnamed = quote["speaker_canonical"] is None
        return is_unnamed, is_fragment, -quote["confidence"], quote["quote_id"]

    ordered = sorted(quotes, key=rank)
    first = {quote["article_id"]: quote for quote in reversed(ordered)}
    leading = [quote for quote in ordered if first[quote["article_id"]] is quote]
    return leading + [quote for quote in ordered if first[quote["article_id"]] is not quote]


QUOTE_COLUMNS = (
    "quote_id",
    "article_id",
    "quote_text",
    "quote_type",
    "speaker_canonical",
    "speaker_text",
    "confidence",
)


def read_run(
    layout: Layout, table: str, run_id: str, columns: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return the rows of one run; only for small runs, or few columns."""
    moves = read_record(layout, run_id).moves
    targets = [m.target for m in moves if m.target.startswith(f"{table}/")]
    return [row for target in targets for row in read_columns(layout.path(target), columns)]
