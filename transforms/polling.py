"""When to ask for a feed: pure decisions over what the state knows and the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.flow import Feed
from schemas.ids import sha256_hex
from schemas.state import EntryRetry, FeedState, FeedTask
from transforms.urls import feed_key

FIRST_PACE_S = 3_600.0  # between two changes, of a feed of which nothing is known
ASKS_A_CHANGE = 2.0  # a feed is asked that often between two of its changes
QUIET_SHARE = 0.25  # of the time without a change, that the pace is at least
SMOOTHING = 0.3  # weight of the last gap between two changes
JITTER = 0.1  # up to that share is added to an interval
DUE_EARLY = timedelta(seconds=30)  # a schedule that ticks a moment too early finds its feeds due
LONGEST_SHIFT = 16  # doublings of a back-off


@dataclass(frozen=True)
class PollOptions:
    """How often to ask; these are all the defaults there are."""

    min_interval_s: float = 600.0  # no feed is asked more often …
    max_interval_s: float = 86_400.0  # … and none less often, whatever its publisher or its errors
    full_fetch_s: float = 86_400.0  # a body must come that often, whatever the validators say
    redirect_passes: int = 3  # for which a permanent redirect holds before it is followed for good
    lasting_retry_s: float = 21_600.0  # first wait of an entry whose page is no article


_DEFAULTS = PollOptions()


@dataclass(frozen=True)
class Agenda:
    """What a pass does with the listed feeds."""

    due: tuple[FeedTask, ...]
    not_due: tuple[FeedState, ...] = ()
    gone: tuple[FeedState, ...] = ()  # not asked: status 410
    doubles: tuple[tuple[Feed, str], ...] = ()  # not asked: the feed that stands for it


def plan_pass(
    feeds: Iterable[Feed],
    states: Mapping[str, FeedState],
    retries: Mapping[str, tuple[EntryRetry, ...]],
    moment: PassMoment,
) -> Agenda:
    """Decide for each listed feed whether this pass asks for it; keys are feed keys.

    Of feeds that turned out to be one, the first that is listed under its own address is asked.
    """
    listed: dict[str, Feed] = {}
    for feed in feeds:
        listed.setdefault(feed_key(feed.url), feed)
    chosen, doubles = _without_doubles(listed, states, moment)
    due, not_due, gone = [], [], []
    for key, feed in chosen.items():
        state = replace(states.get(key) or FeedState(key, feed.url, feed.url), url=feed.url)
        pending = retries.get(key, ())
        if state.gone_since is not None and not moment.force:
            gone.append(state)
        elif moment.force or _is_due(state, pending, moment):
            due.append(_task(feed, state, pending, moment))
        else:
            not_due.append(state)
    return Agenda(tuple(due), tuple(not_due), tuple(gone), tuple(doubles))


@dataclass(frozen=True)
class PassMoment:
    """What a pass knows besides feeds and their states."""

    now: datetime
    model_version: str
    options: PollOptions = _DEFAULTS
    force: bool = False


def _without_doubles(
    listed: dict[str, Feed], states: Mapping[str, FeedState], moment: PassMoment
) -> tuple[dict[str, Feed], list[tuple[Feed, str]]]:
    """Leave out feeds that lead, by permanent redirects, to another one that is listed or kept.

    A feed that has not led there for long is asked again once a day, to see whether it still does.
    """
    kept: dict[str, Feed] = {}
    doubles = []
    taken: dict[str, str] = {}  # key of an address → the listed feed that is asked there
    for key in sorted(listed, key=lambda key: _leads_away(key, states)):
        target = _target(states.get(key))
        other = taken.get(target or key)
        if other is not None and not _is_stale(states[key], moment):
            doubles.append((listed[key], other))
            continue
        kept[key] = listed[key]
        taken.setdefault(target or key, listed[key].url)
    ordered = {key: kept[key] for key in listed if key in kept}
    return ordered, doubles


def _leads_away(key: str, states: Mapping[str, FeedState]) -> bool:
    return _target(states.get(key)) not in (None, key)


def _target(state: FeedState | None) -> str | None:
    """The key of the address to which permanent redirects lead, followed for good or not yet."""
    return None if state is None else feed_key(state.moved_to or state.fetch_url)


def _is_stale(state: FeedState, moment: PassMoment) -> bool:
    if state.last_fetch is None:
        return True
    return moment.now - state.last_fetch >= timedelta(seconds=moment.options.full_fetch_s)


def _is_due(state: FeedState, retries: Sequence[EntryRetry], moment: PassMoment) -> bool:
    if state.model_version != moment.model_version and not state.failure_score:
        return True
    due = due_at(state, retries, moment.options)
    is_clock_wrong = state.last_fetch is not None and state.last_fetch > moment.now + DUE_EARLY
    return due is None or is_clock_wrong or due <= moment.now + DUE_EARLY


def due_at(
    state: FeedState, retries: Sequence[EntryRetry] = (), options: PollOptions = _DEFAULTS
) -> datetime | None:
    """Return when a feed is due: as planned, or when one of its entries has to be tried again.

    None: now. While the feed itself fails, its entries have to wait. What was planned under a
    longer `max_interval_s` is brought forward.
    """
    if state.next_fetch_at is None or state.last_fetch is None:
        return None
    latest = state.last_fetch + timedelta(seconds=options.max_interval_s)
    planned = min(state.next_fetch_at, latest)
    if state.failure_score or not retries:
        return planned
    return min(planned, *(retry.next_try_at for retry in retries))


def next_due(
    states: Iterable[FeedState],
    retries: Mapping[str, tuple[EntryRetry, ...]] | None = None,
    options: PollOptions = _DEFAULTS,
) -> datetime | None:
    """Return when the first of these feeds is due; None where none ever is (all are gone)."""
    pending = retries or {}
    moments = (
        due_at(state, pending.get(state.key, ()), options)
        for state in states
        if state.gone_since is None
    )
    return min((moment for moment in moments if moment is not None), default=None)


def _task(
    feed: Feed, state: FeedState, retries: Sequence[EntryRetry], moment: PassMoment
) -> FeedTask:
    due = any(retry.next_try_at <= moment.now + DUE_EARLY for retry in retries)
    takes_all = state.model_version != moment.model_version
    last = state.last_full_fetch
    full_after = timedelta(seconds=moment.options.full_fetch_s)
    is_full = last is None or due or takes_all or moment.now - last >= full_after
    return FeedTask(feed, state, moment.model_version, is_full, takes_all, tuple(retries))


def smooth_pace(pace_s: float | None, gap_s: float) -> float:
    """Return the smoothed seconds between two changes, after one more gap."""
    return gap_s if pace_s is None else (1 - SMOOTHING) * pace_s + SMOOTHING * gap_s


def interval_s(
    state: FeedState, now: datetime, options: PollOptions, max_age_s: float | None = None
) -> float:
    """Return the seconds until a feed that was asked with success is asked again.

    Half its pace: the smoothed gap between its changes (what the publisher says, or an hour, where
    none was seen), or a quarter of the time since the last one where that is longer. The publisher
    can ask for more time with `ttl` and with Cache-Control; the bounds of the options hold anyway.
    """
    pace = state.pace_s or state.update_period_s or FIRST_PACE_S
    if state.last_change is not None:
        pace = max(pace, QUIET_SHARE * (now - state.last_change).total_seconds())
    wanted = max(pace / ASKS_A_CHANGE, state.ttl_s or 0.0, max_age_s or 0.0)
    return _spread(_bounded(wanted, options), state.key, options)


def backoff_s(state: FeedState, options: PollOptions, retry_after_s: float | None = None) -> float:
    """Return the seconds until a feed that failed is asked again: doubling, a day at the most."""
    pace = _bounded((state.pace_s or FIRST_PACE_S) / ASKS_A_CHANGE, options)
    wait = pace * 2 ** min(state.failure_score, LONGEST_SHIFT)
    return _spread(_bounded(max(wait, retry_after_s or 0.0), options), state.key, options)


def entry_backoff_s(attempts: int, is_passing: bool, options: PollOptions) -> float:
    """Return the seconds until an entry is tried again, after that many attempts that failed.

    What may be over soon begins with the shortest interval, all else with some hours; both double,
    up to the longest interval, for as long as the entry is in its feed.
    """
    first = options.min_interval_s if is_passing else options.lasting_retry_s
    return _bounded(first * 2 ** min(attempts - 1, LONGEST_SHIFT), options)


def _bounded(seconds: float, options: PollOptions) -> float:
    return max(options.min_interval_s, min(seconds, options.max_interval_s))


def _spread(seconds: float, key: str, options: PollOptions) -> float:
    """Add up to a tenth to an interval, the same for one feed, so that not all are due at once."""
    share = int(sha256_hex(key)[:8], 16) / 0xFFFFFFFF
    return min(options.max_interval_s, seconds * (1 + JITTER * share))
