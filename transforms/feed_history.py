"""What one fetch does to a feed's state: validators, redirects, pace, back-off. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import pairwise
from statistics import median

from schemas.flow import FeedEntry, ParsedFeed
from schemas.state import FeedState, FeedTask
from transforms.policy import is_believable_date, is_passing
from transforms.polling import PollOptions, backoff_s, interval_s, smooth_pace
from transforms.web.values import FetchOutcome, Retrieval

PASSING_WEIGHT = 0.25  # of a failure that may be over by the next pass
LASTING_WEIGHT = 1.0
LOST_SCORE = 3.0  # from which a feed that moved is looked for at its listed address again
FIRST_GAPS = 10  # newest entries whose dates tell the pace of a feed that is new
_PERMANENT = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_NO_CACHE = re.compile(r"no-cache|no-store", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """What reading a feed's body gave."""

    parsed: ParsedFeed
    marks: bytes
    signature: str


def after_failure(
    task: FeedTask, retrieval: Retrieval, problem: str, now: datetime, options: PollOptions
) -> FeedState:
    """Return the state after a try that brought nothing; 410 ends it, all else is tried again.

    A feed that was followed to another address and is not to be had there is asked for at its
    listed one again.
    """
    state = replace(task.state, last_fetch=now, last_problem=problem)
    weight = PASSING_WEIGHT if is_passing(retrieval) else LASTING_WEIGHT
    is_gone = retrieval.outcome is FetchOutcome.GONE
    is_lost = is_gone or state.failure_score + weight >= LOST_SCORE
    if is_lost and state.fetch_url != state.url:
        state = replace(state, fetch_url=state.url, etag=None, last_modified=None)
    elif is_gone:
        return replace(state, gone_since=state.gone_since or now, next_fetch_at=None)
    state = replace(state, failure_score=state.failure_score + weight)
    wait = backoff_s(state, options, retrieval.retry_after_s)
    return replace(state, next_fetch_at=now + timedelta(seconds=wait))


def after_unchanged(
    task: FeedTask, retrieval: Retrieval, now: datetime, options: PollOptions
) -> FeedState:
    """Return the state after a 304, or after the same body as before."""
    state = replace(_after_answer(task, retrieval, now, options), model_version=task.model_version)
    if retrieval.body is not None:
        state = _with_validators(state, retrieval, now)
    return _planned(state, retrieval, now, options)


def after_reading(
    task: FeedTask,
    retrieval: Retrieval,
    reading: Reading,
    moment: tuple[datetime, PollOptions],
) -> FeedState:
    """Return the state after a body that could be read."""
    now, options = moment
    was = task.state
    state = _with_validators(_after_answer(task, retrieval, now, options), retrieval, now)
    is_changed = reading.signature != was.signature
    state = replace(
        state,
        body_hash=retrieval.body_hash,
        signature=reading.signature,
        validators_lie=was.validators_lie or (is_changed and _same_validators(was, retrieval)),
        model_version=task.model_version,
        entries=len(reading.parsed.entries),
        ttl_s=reading.parsed.ttl_s,
        update_period_s=reading.parsed.update_period_s,
    )
    if is_changed:
        state = replace(state, pace_s=_pace(was, reading, now), last_change=now)
    return _planned(state, retrieval, now, options)


def _after_answer(
    task: FeedTask, retrieval: Retrieval, now: datetime, options: PollOptions
) -> FeedState:
    """What every success does: failures are forgotten, and where redirects led is noted."""
    moved = _after_redirects(task.state, retrieval, options)
    return replace(moved, last_fetch=now, failure_score=0.0, last_problem=None, gone_since=None)


def _after_redirects(state: FeedState, retrieval: Retrieval, options: PollOptions) -> FeedState:
    target = permanent_target(retrieval)
    if target is None:
        return replace(state, moved_to=None, moved_passes=0)
    passes = state.moved_passes + 1 if target == state.moved_to else 1
    if passes >= options.redirect_passes:
        return replace(state, fetch_url=target, moved_to=None, moved_passes=0)
    return replace(state, moved_to=target, moved_passes=passes)


def permanent_target(retrieval: Retrieval) -> str | None:
    """Return where the permanent redirects at the beginning of a chain lead; None: nowhere.

    Behind the first 302, 303 or 307 nothing counts: that one may lead elsewhere the next time.
    """
    hops = [*retrieval.redirect_chain[1:], retrieval.final_url]
    target = None
    for status, leads_to in zip(retrieval.redirect_statuses, hops, strict=False):
        if status not in _PERMANENT:
            break
        target = leads_to
    return target


def _with_validators(state: FeedState, retrieval: Retrieval, now: datetime) -> FeedState:
    return replace(
        state,
        etag=retrieval.etag,
        last_modified=retrieval.last_modified,
        last_full_fetch=now,
    )


def _same_validators(state: FeedState, retrieval: Retrieval) -> bool:
    """Whether a server gave the validators that it gave for another content before.

    Last-Modified counts alone where there is no ETag; the two contents can be of one second only
    if they were fetched within it.
    """
    if state.last_full_fetch is None:
        return False
    if state.etag is not None or retrieval.etag is not None:
        return state.etag == retrieval.etag
    return state.last_modified is not None and state.last_modified == retrieval.last_modified


def _planned(
    state: FeedState, retrieval: Retrieval, now: datetime, options: PollOptions
) -> FeedState:
    wait = interval_s(state, now, options, parse_max_age(retrieval.cache_control))
    return replace(state, next_fetch_at=now + timedelta(seconds=wait))


def _pace(was: FeedState, reading: Reading, now: datetime) -> float | None:
    if was.last_change is None:
        return first_pace(reading.parsed.entries, now)
    return smooth_pace(was.pace_s, (now - was.last_change).total_seconds())


def first_pace(entries: Sequence[FeedEntry], now: datetime) -> float | None:
    """Return the median of the gaps between the dates of the newest entries; None: too few."""
    return usual_gap_s(sorted(believable_dates(entries, now))[-FIRST_GAPS - 1 :])


def believable_dates(entries: Iterable[FeedEntry], now: datetime) -> Iterator[datetime]:
    """Yield the entries' dates that can be true."""
    for entry in entries:
        date = entry.published or entry.updated
        if date is not None and is_believable_date(date, now):
            yield date


def usual_gap_s(dates: Sequence[datetime]) -> float | None:
    """Return the median seconds between neighbours of dates in order; None for fewer than three."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(dates)]
    return median(gaps) if len(gaps) > 1 else None


def parse_max_age(cache_control: str | None) -> float | None:
    """Read `max-age` of Cache-Control (RFC 9111, 5.2.2.1); None where caching is forbidden."""
    if not cache_control or _NO_CACHE.search(cache_control):
        return None
    found = _MAX_AGE.search(cache_control)
    return float(found[1]) if found else None
