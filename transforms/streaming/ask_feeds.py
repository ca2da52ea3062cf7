"""Ask for feeds for ever: a slot of hosts remembers its feeds and wakes when the first is due.

What is known of a feed (`FeedMemory`) lies in the engine's state, by slot, and so does the timer
that `next_fetch_at` sets. One worker at a time holds a slot, so a host is never asked by two.

The timer is one of event time, and event time is the clock (a periodic impulse moves it on). A
timer of processing time would hold back, in Beam's Python SDK, the watermark at the element that
set it, and with it every window, until the feed is asked for again: for a day, maybe.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.coders import PickleCoder
from apache_beam.metrics import Metrics
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec, TimerSpec, on_timer

from schemas.flow import EntryChange, Feed
from schemas.rows import Failure, Fetch
from schemas.state import (
    EntryRetry,
    FeedContents,
    FeedRetries,
    FeedState,
    FeedTask,
    RobotsFile,
)
from transforms import storage
from transforms.fetch_feeds import BROUGHT, FeedItem, FeedReader, output_of
from transforms.find_state import MarksIndex
from transforms.polling import Agenda, PassMoment, next_due, plan_pass
from transforms.retrieve import RetrieveOptions
from transforms.state import FEEDS, RETRIES, StateFiles, StateKind, hash_of, read_rows
from transforms.streaming.committed import Committed
from transforms.streaming.items import News, RetryFact, Update, told_apart
from transforms.streaming.plan import StreamPlan, by_name
from transforms.streaming.slot_robots import SlotRobots
from transforms.streaming.windows import moment_of, stamp, whole_ms
from transforms.urls import feed_key, host_key, host_slot
from transforms.web.shares import HostShare

NEWS_A_GROUP = 48  # entries that travel together: three batches for the language pipeline
LIFE_S = 30.0  # between two signs of life of one worker
SHORTEST_SLEEP = timedelta(seconds=1)
FEEDS_SHARE, PAGES_SHARE = HostShare(0, 2), HostShare(1, 2)  # of what may be asked of a host
NEWS = "news"

Retries = Mapping[str, tuple[EntryRetry, ...]]


@dataclass(frozen=True)
class FeedMemory:
    """What a slot knows of one of its feeds."""

    feed: Feed
    state: FeedState
    marks: bytes = b""  # of its entries


@dataclass
class SlotMemory:
    """What a slot knows of all of its feeds, by their keys; it answers as `Marks` does."""

    feeds: dict[str, FeedMemory]
    tried: dict[tuple[str, bytes], str] = field(default_factory=dict)  # retries, and in which run

    def find(self, feed_key: str) -> bytes:
        """Return the marks of the entries that were in a feed."""
        return self.feeds[feed_key].marks if feed_key in self.feeds else b""

    def learn(self, row: FeedState | FeedContents) -> None:
        """Take in what a fetch leaves."""
        held = self.feeds[row.key]
        if isinstance(row, FeedState):
            self.feeds[row.key] = replace(held, state=row)
        else:
            self.feeds[row.key] = replace(held, marks=row.marks)

    def left_of(self, retries: Retries, last: str) -> Retries:
        """Leave out what was tried in windows after the last one that is committed.

        Until then the warehouse names an entry that goes on already; afterwards it knows better.
        """
        self.tried = {key: run_id for key, run_id in self.tried.items() if run_id > last}
        return {
            feed: tuple(row for row in rows if (feed, row.key_hash) not in self.tried)
            for feed, rows in retries.items()
        }

    def states(self) -> dict[str, FeedState]:
        """Return the feeds' states."""
        return {key: memory.state for key, memory in self.feeds.items()}


def remember_feeds(feeds: Iterable[Feed], files: StateFiles) -> SlotMemory:
    """Begin a slot's memory with what the warehouse knows of its feeds."""
    listed = {feed_key(feed.url): feed for feed in feeds}
    states = {row.key: row for row in _rows(files, FEEDS, listed)}
    marks = MarksIndex(files)
    memory = SlotMemory({})
    for key, feed in listed.items():
        state = replace(states.get(key) or FeedState(key, feed.url, feed.url), url=feed.url)
        memory.feeds[key] = FeedMemory(feed, state, marks.find(key))
    return memory


def read_retries(files: StateFiles, keys: Iterable[str]) -> Retries:
    """Return what is to be tried again of the feeds with these keys."""
    return {row.key: row.retries for row in _rows(files, RETRIES, keys)}


def _rows(files: StateFiles, kind: StateKind, keys: Iterable[str]) -> Iterator[Any]:
    wanted = np.array([hash_of(key) for key in keys], np.uint64)
    return read_rows(files.of(kind), kind, wanted)


def plan_slot(memory: SlotMemory, retries: Retries, moment: PassMoment) -> Agenda:
    """Decide which of a slot's feeds are due, as a pass does."""
    feeds = [held.feed for held in memory.feeds.values()]
    return plan_pass(feeds, memory.states(), retries, moment)


def next_wake(memory: SlotMemory, retries: Retries, now: datetime, plan: StreamPlan) -> datetime:
    """Return when a slot has to look again: when a feed is due, or when a window was committed.

    Only the commit says which entries have to be tried again; so no slot sleeps for long.
    """
    due = next_due(memory.states().values(), retries, plan.poll)
    wake = now + plan.windows.size
    if due is not None:
        wake = min(wake, due)
    return whole_ms(max(wake, now + SHORTEST_SLEEP))


def settle_retries(task: FeedTask, waiting: FeedRetries) -> Iterator[RetryFact]:
    """Say which retries of a feed are over: those that go on now, or that it has not any more."""
    left = {retry.key_hash for retry in waiting.retries}
    for retry in task.retries:
        if retry.key_hash not in left:
            yield RetryFact(waiting.key, retry.key_hash)


def group_news(news: Iterable[News], slots: int) -> Iterator[tuple[str, tuple[News, ...]]]:
    """Deal news to the slots of their pages' hosts, so many at a time."""
    dealt: dict[str, list[News]] = defaultdict(list)
    for item in news:
        entry = item.change.entry
        dealt[host_slot(entry.link or entry.feed_url, slots)].append(item)
    for slot, items in dealt.items():
        for at in range(0, len(items), NEWS_A_GROUP):
            yield slot, tuple(items[at : at + NEWS_A_GROUP])


def with_shares(options: RetrieveOptions, urls: Iterable[str], share: HostShare) -> RetrieveOptions:
    """Give the hosts of these addresses a share of what may be asked of them."""
    shares = {host_key(url): share for url in urls}
    return replace(options, host_shares={**options.host_shares, **shares})


@dataclass
class SlotRound:
    """One round of a slot: asks for the feeds that are due and learns what came."""

    plan: StreamPlan
    memory: SlotMemory
    robots: SlotRobots
    now: datetime
    news: list[News] = field(default_factory=list)

    def ask(self, slot: str, due: Iterable[FeedTask]) -> Iterator[Any]:
        """Yield rows, updates of the state and facts about retries; news are gathered."""
        tasks = {task.state.key: task for task in due}
        addresses = [task.state.fetch_url for task in tasks.values()]
        options = with_shares(self.plan.retrieve, addresses, FEEDS_SHARE)
        settings = self.plan.settings(self.now, options, self.robots)
        brought = ""  # the fetch whose entries come now
        for item in FeedReader(settings, slot, self.memory).read(tasks.values()):
            if isinstance(item, Fetch):
                item = told_apart(item)
                brought = item.fetch_id if output_of(item) == BROUGHT else brought
            if isinstance(item, EntryChange):
                self.news.append(News(item, brought))
            elif isinstance(item, FeedRetries):
                for fact in settle_retries(tasks[item.key], item):
                    run = self.plan.windows.run(self.now)
                    self.memory.tried[fact.feed_key, fact.key_hash] = run.value
                    yield fact
            else:
                yield self._kept(item)

    def _kept(self, item: FeedItem) -> Any:
        if isinstance(item, Fetch | Failure):
            return item
        if isinstance(item, RobotsFile):
            self.robots.keep(item)
        elif isinstance(item, FeedState | FeedContents):
            self.memory.learn(item)
        return Update(item, self.now)


class _AskFeeds(beam.DoFn):  # type: ignore[misc]
    """(slot, feeds), once → rows and updates; tagged `news`: (slot of pages, News)."""

    FEEDS = ReadModifyWriteStateSpec("feeds", PickleCoder())
    ROBOTS = ReadModifyWriteStateSpec("robots", PickleCoder())
    DUE = TimerSpec("due", TimeDomain.WATERMARK)

    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan
        self._asked = Metrics.counter("newsbeam", "feeds_asked")

    def setup(self) -> None:
        self._committed = Committed(self._plan.look)
        self._shown_at = float("-inf")

    def process(
        self,
        element: tuple[str, tuple[Feed, ...]],
        feeds: Any = beam.DoFn.StateParam(FEEDS),
        due: Any = beam.DoFn.TimerParam(DUE),
    ) -> None:
        memory = self._committed.ask(lambda files: remember_feeds(element[1], files))
        feeds.write(memory)
        due.set(stamp(self._plan.windows.start))

    @on_timer(DUE)  # type: ignore[untyped-decorator]
    def ask(
        self,
        slot: str = beam.DoFn.KeyParam,
        at: Any = beam.DoFn.TimestampParam,
        feeds: Any = beam.DoFn.StateParam(FEEDS),
        robots: Any = beam.DoFn.StateParam(ROBOTS),
        due: Any = beam.DoFn.TimerParam(DUE),
    ) -> Iterator[Any]:
        plan, clock = self._plan, datetime.now(UTC)
        if moment_of(at) > clock + plan.early:
            return  # the source has ended and takes all timers with it: nothing is due
        self._show_life()
        now = whole_ms(max(moment_of(at), clock + plan.tick))
        memory: SlotMemory = feeds.read()
        known = SlotRobots(robots.read() or {}, self._committed, now)
        retries = self._retries(memory)
        moment = PassMoment(now, plan.lineage.model_version, plan.poll)
        tasks = plan_slot(memory, retries, moment).due
        current = SlotRound(plan, memory, known, now)
        for item in current.ask(slot, tasks):
            yield beam.window.TimestampedValue(item, stamp(now))
        for group in group_news(current.news, plan.page_slots):
            stamped = beam.window.TimestampedValue(group, stamp(now))
            yield beam.pvalue.TaggedOutput(NEWS, stamped)
        if tasks:
            self._asked.inc(len(tasks))
            feeds.write(memory)
            robots.write(known.fresh())
        wake = next_wake(memory, self._retries(memory), now, plan)
        if plan.until is None or wake < plan.until:
            due.set(stamp(wake))

    def _show_life(self) -> None:
        if self._plan.alive and time.monotonic() - self._shown_at > LIFE_S:
            storage.write_atomically(self._plan.alive, b"")
            self._shown_at = time.monotonic()

    def _retries(self, memory: SlotMemory) -> Retries:
        self._committed.refresh()
        retries = self._committed.ask(lambda files: read_retries(files, memory.feeds))
        return memory.left_of(retries, self._committed.last)


@dataclass
class AskFeeds(beam.PTransform):  # type: ignore[misc]
    """PCollection[(slot, feeds)], in time with the clock → `kept` and `news`.

    `kept`: Fetch, Failure, Update and RetryFact; `news`: (slot, News), by the hosts of pages.
    """

    plan: StreamPlan

    def expand(self, slots: beam.PCollection) -> Any:
        """Wire the work."""
        work = beam.ParDo(_AskFeeds(self.plan))
        return slots | "ByName" >> by_name() | "Ask" >> work.with_outputs(NEWS, main="kept")
