"""Look at feeds as an operator would: reachable, readable, fresh, allowed, with pages that read?"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urljoin

from schemas.errors import ElementError, ExtractError, ParseError
from schemas.flow import ArticleRequest, Feed, FeedEntry, Lineage, ParsedFeed
from transforms.annotate_articles import MODEL_LANGUAGES
from transforms.extract_articles import TRAFILATURA, extract_article
from transforms.feed_history import believable_dates, permanent_target, usual_gap_s
from transforms.fetch_feeds import ACCEPT, read_retrieval
from transforms.fetch_pages import page_of, page_request
from transforms.retrieve import (
    FetchOutcome,
    Retrieval,
    RetrieveOptions,
    RetrieveRequest,
    retrieve_all,
)

STALE_AFTER = timedelta(days=30)
STALE_GAPS = 10  # times the usual gap between two entries
_FORBIDDEN = (401, 403, 451)
_LINEAGE = Lineage("check", "", "")


class Level(StrEnum):
    """How bad a finding is."""

    PROBLEM = "problem"  # nothing can be had
    WARNING = "warning"  # less than there might be
    NOTE = "note"  # good to know


@dataclass(frozen=True)
class Finding:
    """One thing about a feed, and what to do about it."""

    level: Level
    code: str  # as in transforms/data/feed_findings.toml
    what: str
    remedy: str


@dataclass(frozen=True)
class PageCheck:
    """What came of the page of one entry."""

    url: str
    outcome: str  # of the request
    robots_decision: str | None
    words: int = 0  # of the article
    method: str | None = None  # text_extraction_method; None: no article
    language: str | None = None
    is_truncated: bool = False
    is_paywalled: bool = False
    error: str | None = None


@dataclass(frozen=True)
class FeedCheck:
    """What there is to say of one feed."""

    url: str  # as listed
    final_url: str | None
    outcome: str
    http_status: int | None
    robots_decision: str | None
    format: str | None = None  # None: no feed came
    title: str | None = None
    entries: int = 0
    newest: datetime | None = None  # UTC; of the entries' believable dates
    gap_s: float | None = None  # median time between two entries
    pages: tuple[PageCheck, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether a run gets anything from this feed."""
        return all(finding.level is not Level.PROBLEM for finding in self.findings)


@dataclass(frozen=True)
class _ReadFeed:
    """One feed's answer and what it held."""

    retrieval: Retrieval
    parsed: ParsedFeed | None
    error: str | None  # why it is no feed


def check_feeds(
    feeds: Sequence[Feed], options: RetrieveOptions, now: datetime, pages: int = 2
) -> list[FeedCheck]:
    """Check feeds and the pages of their `pages` newest entries; the result is in input order."""
    read = dict(_read_feeds(feeds, options))
    looked_at = _check_pages(read, options, pages)
    return [_judge(feed.url, read[feed.url], looked_at[feed.url], now) for feed in feeds]


def finding(code: str, **named: Any) -> Finding:
    """Return the finding with this code ("found.stale"), its words filled in."""
    group, _, name = code.partition(".")
    words = _findings()[group][name]
    return Finding(
        level=Level(words["level"]),
        code=code,
        what=words["what"].format_map(named),
        remedy=words["remedy"].format_map(named),
    )


@cache
def _findings() -> Mapping[str, Any]:
    text = (files("transforms") / "data" / "feed_findings.toml").read_text("utf-8")
    return tomllib.loads(text)


def _read_feeds(feeds: Iterable[Feed], options: RetrieveOptions) -> Iterator[tuple[str, _ReadFeed]]:
    requests = [RetrieveRequest(feed.url, accept=ACCEPT, context=feed.url) for feed in feeds]
    for retrieval in retrieve_all(requests, options):
        if not retrieval.is_final:
            continue
        parsed, error = None, None
        try:
            parsed = read_retrieval(retrieval)
        except ParseError as failure:
            error = failure.message
        except ElementError:
            pass  # the retrieval says itself what is wrong
        yield retrieval.request.context, _ReadFeed(retrieval, parsed, error)


def _check_pages(
    read: Mapping[str, _ReadFeed], options: RetrieveOptions, pages: int
) -> dict[str, list[PageCheck]]:
    checked: dict[str, list[PageCheck]] = defaultdict(list)
    requests = [
        page_request(ArticleRequest(f"{url}\n{entry.link}", entry, (), ""))
        for url, answer in read.items()
        for entry in newest_entries(answer.parsed, pages)
    ]
    for retrieval in retrieve_all(requests, options):
        if retrieval.is_final:
            url = retrieval.request.context.key.partition("\n")[0]
            checked[url].append(check_page(retrieval))
    return checked


def newest_entries(parsed: ParsedFeed | None, count: int) -> list[FeedEntry]:
    """The newest entries with a link; those without a date come last."""
    linked = [entry for entry in (parsed.entries if parsed else ()) if entry.link]
    return sorted(linked, key=lambda entry: -_seconds(entry))[:count]


def _seconds(entry: FeedEntry) -> float:
    date = entry.published or entry.updated
    return date.timestamp() if date else 0.0


def check_page(retrieval: Retrieval) -> PageCheck:
    """Make the article of a page as a run would, and say what came of it."""
    check = PageCheck(
        url=retrieval.requested_url,
        outcome=str(retrieval.outcome),
        robots_decision=retrieval.robots_decision,
    )
    if retrieval.outcome is not FetchOutcome.OK:
        return replace(check, error=retrieval.error or retrieval.outcome.meaning)
    try:
        article = extract_article(page_of(retrieval), _LINEAGE)
    except ExtractError as error:
        return replace(check, error=error.message)
    is_from_page = article.text_extraction_method == TRAFILATURA
    return replace(
        check,
        words=article.word_count,
        method=article.text_extraction_method,
        language=article.language,
        is_truncated=article.truncation_suspected,
        is_paywalled=article.paywall_suspected,
        error=None if is_from_page else "the feed carries more than the page",
    )


def _judge(url: str, answer: _ReadFeed, pages: list[PageCheck], now: datetime) -> FeedCheck:
    retrieval, parsed = answer.retrieval, answer.parsed
    entries = parsed.entries if parsed else ()
    dates = sorted(believable_dates(entries, now))
    return FeedCheck(
        url=url,
        final_url=retrieval.final_url,
        outcome=str(retrieval.outcome),
        http_status=retrieval.status,
        robots_decision=retrieval.robots_decision,
        format=parsed.format if parsed else None,
        title=parsed.title if parsed else None,
        entries=len(entries),
        newest=dates[-1] if dates else None,
        gap_s=usual_gap_s(dates),
        pages=tuple(pages),
        findings=(
            *access_findings(retrieval, answer.error),
            *(content_findings(parsed, now, url) if parsed else ()),
            *page_findings(pages),
        ),
    )


def access_findings(retrieval: Retrieval, error: str | None) -> Iterator[Finding]:
    """What is to be said of the way to the feed."""
    url, site = retrieval.requested_url, urljoin(retrieval.requested_url, "/")
    if error is not None:
        yield finding("found.no_feed", error=error, url=url)
    elif retrieval.outcome is not FetchOutcome.OK:
        is_forbidden = retrieval.status in _FORBIDDEN
        code = "forbidden" if is_forbidden else str(retrieval.outcome)
        said = retrieval.error or retrieval.outcome.meaning
        yield finding(f"outcome.{code}", error=said, site=site, url=url)
    moved_to = permanent_target(retrieval)
    if moved_to is not None and moved_to == retrieval.final_url:
        yield finding("found.moved", target=moved_to)


def content_findings(parsed: ParsedFeed, now: datetime, url: str) -> Iterator[Finding]:
    """What is to be said of a feed's document and its entries."""
    entries, site = parsed.entries, urljoin(url, "/")
    if parsed.problem:
        yield finding("found.malformed", error=parsed.problem)
    if not entries:
        yield finding("found.empty", site=site)
        return
    for code, count in _entry_counts(entries, now).items():
        if count:
            yield finding(f"found.{code}", count=count, entries=len(entries))
    dates = sorted(believable_dates(entries, now))
    if dates and is_stale(dates, now):
        yield finding("found.stale", age=in_words(now - dates[-1]), site=site)


def _entry_counts(entries: Sequence[FeedEntry], now: datetime) -> dict[str, int]:
    claimed = [entry.published or entry.updated for entry in entries]
    return {
        "linkless": sum(not entry.link for entry in entries),
        "undated": sum(date is None for date in claimed),
        "future": sum(date is not None and date > now + timedelta(days=1) for date in claimed),
        "same_ids": sum(n for n in Counter(e.entry_id for e in entries).values() if n > 1),
    }


def is_stale(dates: Sequence[datetime], now: datetime) -> bool:
    """Whether a feed has been silent for long, and for far longer than it usually is."""
    silence, gap = now - dates[-1], usual_gap_s(dates)
    is_unusual = gap is None or silence.total_seconds() > STALE_GAPS * gap
    return silence > STALE_AFTER and is_unusual


def in_words(span: timedelta) -> str:
    """A span of time as people say it: "3 days", "5 hours"."""
    for name, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = round(span.total_seconds() / seconds)
        if count >= 1:
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "less than a minute"


def page_findings(pages: Sequence[PageCheck]) -> Iterator[Finding]:
    """What is to be said of the pages of the newest entries."""
    forbidden = FetchOutcome.ROBOTS_DISALLOWED
    fetched = [page for page in pages if page.outcome == FetchOutcome.OK]
    groups = {
        "robots": [page for page in pages if page.outcome == forbidden],
        "failed": [p for p in pages if p.outcome not in (FetchOutcome.OK, forbidden)],
        "no_text": [page for page in fetched if page.method != TRAFILATURA],
        "truncated": [page for page in fetched if page.is_truncated],
        "paywall": [page for page in fetched if page.is_paywalled],
        "language": [page for page in fetched if (page.language or "en") not in MODEL_LANGUAGES],
    }
    for code, members in groups.items():
        if members:
            said = members[0].language if code == "language" else members[0].error
            yield finding(f"page.{code}", count=len(members), pages=len(pages), error=said)
