"""Decisions of the ingestion, as pure functions: fetch or not, try again or not, which date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from schemas.flow import ArticleRequest, FeedEntry, KnownArticle
from schemas.rows import Article
from transforms.web.values import FetchOutcome, Retrieval, RetrieveOptions

FULL_CONTENT_CHARACTERS = 500  # of HTML, from which a feed's content is taken for an article
FULL_SUMMARY_CHARACTERS = 2_000  # the same for a summary: many feeds put all into it
EARLIEST_DATE = datetime(1990, 1, 1, tzinfo=UTC)
_RETRY_OUTCOMES = frozenset(
    {FetchOutcome.TIMEOUT, FetchOutcome.CONNECTION_ERROR, FetchOutcome.DNS_ERROR}
)
_RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})
_BUSY_STATUSES = frozenset({429, 503})
_JITTER = 0.5  # a wait is stretched by up to this share


class FetchReason(StrEnum):
    """Why a page is fetched, or is not."""

    NEW = "new"
    ENTRY_CHANGED = "entry_changed"
    MODEL_CHANGED = "model_changed"
    UNCHANGED = "unchanged"
    NO_LINK = "no_link"


@dataclass(frozen=True)
class FetchDecision:
    """What to do with an article's request."""

    wanted: bool  # the article is to be made
    fetch: bool  # its page is to be fetched for that; else the feed's content is all there is
    reason: FetchReason


@dataclass(frozen=True)
class Wait:
    """Try again after so many seconds."""

    seconds: float


def should_fetch(request: ArticleRequest, model_version: str) -> FetchDecision:
    """Decide whether an article has to be made (again) from its page."""
    has_link = request.entry.link is not None
    known = request.known
    if known is not None and not _has_changed(request, known):
        if known.model_version == model_version:
            return FetchDecision(wanted=False, fetch=False, reason=FetchReason.UNCHANGED)
        return FetchDecision(wanted=True, fetch=has_link, reason=FetchReason.MODEL_CHANGED)
    if not has_link:
        return FetchDecision(wanted=True, fetch=False, reason=FetchReason.NO_LINK)
    reason = FetchReason.NEW if known is None else FetchReason.ENTRY_CHANGED
    return FetchDecision(wanted=True, fetch=True, reason=reason)


def _has_changed(request: ArticleRequest, known: KnownArticle) -> bool:
    """Whether an entry is another than the one that led to the last fetch.

    A feed that lists a known article for the first time changes nothing; one that lists it again,
    after the entry had left the feed, may.
    """
    if known.entry_hash == request.entry_hash:
        return False
    feeds = {ref.feed_url for ref in known.feed_refs}
    return request.is_changed or request.entry.feed_url in feeds


def should_retry(
    retrieval: Retrieval, options: RetrieveOptions, jitter: float = 0.0
) -> Wait | None:
    """Decide whether another try of the same pass can help, and after how long.

    `jitter` is a random number in [0, 1). A server's Retry-After is obeyed to the second or more;
    where it asks for longer than `options.max_wait_s`, this pass does not try again.
    """
    can_improve = retrieval.outcome in _RETRY_OUTCOMES or retrieval.status in _RETRY_STATUSES
    if not can_improve or retrieval.attempt > options.max_retries:
        return None
    backoff = options.retry_wait_s * 2 ** (retrieval.attempt - 1)
    wait = max(backoff, retrieval.retry_after_s or 0.0)
    if (retrieval.retry_after_s or 0.0) > options.max_wait_s:
        return None
    return Wait(wait * (1 + _JITTER * jitter))


def is_unanswered(retrieval: Retrieval) -> bool:
    """Whether a host gave no answer at all: it may be down, and others wait behind it."""
    return retrieval.status is None and retrieval.outcome in _RETRY_OUTCOMES


def is_passing(retrieval: Retrieval) -> bool:
    """Whether a failure may be over by the next pass, so that it is worth while to wait for it."""
    return (
        retrieval.outcome in _RETRY_OUTCOMES
        or retrieval.outcome in (FetchOutcome.DEFERRED, FetchOutcome.ROBOTS_UNAVAILABLE)
        or retrieval.status in _RETRY_STATUSES
    )


def feed_stands_in(entry: FeedEntry, retrieval: Retrieval) -> bool:
    """Whether an article is made of the feed's words because its page could not be had.

    Full content in the feed, or a summary as long as one, is as good as the page. Less is taken
    only where the page will not come later (the next pass asks again) and was not taken away.
    """
    content, summary = len(entry.content_html or ""), len(entry.summary_html or "")
    if content >= FULL_CONTENT_CHARACTERS or summary >= FULL_SUMMARY_CHARACTERS:
        return True
    if is_passing(retrieval) or retrieval.status in (404, 410):
        return False
    return bool(entry.content_html or entry.summary_html)


def host_pause(retrieval: Retrieval) -> float:
    """Seconds for which the whole host is to be left alone after this answer."""
    if retrieval.status in _BUSY_STATUSES and retrieval.retry_after_s:
        return retrieval.retry_after_s
    return 0.0


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3), seconds or a date; None where it says nothing."""
    text = (value or "").strip()
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def is_believable_date(moment: datetime, now: datetime) -> bool:
    """Whether a date can be true: not before 1990, not beyond tomorrow."""
    return EARLIEST_DATE <= moment <= now + timedelta(days=1)


def believe_date(
    candidates: Iterable[tuple[str, datetime | None]], now: datetime
) -> tuple[str, datetime] | None:
    """Take the first date that can be true, of (source, UTC) pairs in the order of belief."""
    for source, moment in candidates:
        if moment is not None and is_believable_date(moment, now):
            return source, moment
    return None


def is_outdated(article: Article, known: KnownArticle | None) -> bool:
    """Whether an article is an older copy, out of an archive, than the one that is known."""
    return (
        known is not None
        and known.article_id == article.article_id
        and known.content_hash != article.content_hash
        and article.ingested_at < known.last_seen
    )


def next_revision(article: Article, known: KnownArticle | None, model_version: str) -> int | None:
    """The revision under which to write an article; None where nothing changed since the last.

    An article that is known under another id (its canonical address changed) starts anew.
    """
    if known is None or known.article_id != article.article_id:
        return 1
    if known.content_hash == article.content_hash and known.model_version == model_version:
        return None
    return known.revision + 1
