"""From news in feeds to articles: each is looked up, fetched and read once, however often listed.

A slot of hosts remembers, in the engine's state, the articles that are under way (`InFlight`), its
robots.txt files, and which hosts asked to be left alone; what is committed it looks up in the
warehouse. One worker at a time holds a slot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import apache_beam as beam
from apache_beam.coders import PickleCoder
from apache_beam.metrics import Metrics
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec

from schemas.flow import ArticleRequest, KnownArticle, Page
from schemas.rows import Failure, Fetch
from schemas.state import RobotsFile
from transforms.annotate_articles import applied_model, remember
from transforms.extract_articles import ExtractedArticle, try_extract
from transforms.fetch_pages import PassingLoss, fetch_pages
from transforms.find_state import find_by_keys
from transforms.join_known import Wanted, build_request, wanted_model
from transforms.plan_retries import plan_retry
from transforms.policy import should_fetch
from transforms.polling import PollOptions
from transforms.retrieve import FetchOutcome
from transforms.spread_hosts import address_of, host_of
from transforms.state import StateFiles, hash_of, shard_of
from transforms.streaming.ask_feeds import PAGES_SHARE, with_shares
from transforms.streaming.committed import Committed, InFlight, still_in_flight
from transforms.streaming.items import (
    Expected,
    MoreRefs,
    NewEntries,
    News,
    RetryFact,
    Update,
    told_apart,
)
from transforms.streaming.plan import StreamPlan, by_name
from transforms.streaming.slot_robots import SlotRobots
from transforms.streaming.windows import moment_of
from transforms.urls import host_key

KEPT = "kept"
_BUSY = (429, 503)


@dataclass
class Decided:
    """What is to be done about some news."""

    requests: list[ArticleRequest] = field(default_factory=list)
    wanted: dict[str, Wanted] = field(default_factory=dict)  # by key of the article
    facts: list[NewEntries | MoreRefs] = field(default_factory=list)


def decide_news(
    news: Iterable[News], known: Mapping[str, KnownArticle], model_version: str
) -> Decided:
    """Decide which articles have to be made, as `JoinKnown` does for a pass."""
    decided = Decided()
    counts: dict[str, int] = defaultdict(int)
    for key, group in _by_key(news).items():
        held = known.get(key)
        changes = [item.change for item in group]
        for item in group:
            counts[item.fetch_id] += held is None and item.change.is_new
        request = build_request(key, changes, held)
        if should_fetch(request, wanted_model(held, model_version)).wanted:
            feeds = tuple(sorted({change.feed_key for change in changes}))
            attempts = max(change.attempts for change in changes)
            decided.wanted[key] = Wanted(key, feeds, attempts)
            decided.requests.append(request)
        elif held is not None and held.feed_refs != request.feed_refs:
            decided.facts.append(MoreRefs(key, request.feed_refs))
    decided.facts += [NewEntries(*pair) for pair in counts.items() if pair[0]]
    return decided


def _by_key(news: Iterable[News]) -> dict[str, list[News]]:
    groups: dict[str, list[News]] = defaultdict(list)
    for item in news:
        groups[item.change.key].append(item)
    return groups


def find_known(files: StateFiles, keys: Iterable[str]) -> dict[str, KnownArticle]:
    """Return what is committed of the articles with these keys."""
    shards: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        shards[shard_of(hash_of(key))].append(key)
    found: dict[str, KnownArticle] = {}
    for shard, members in shards.items():
        found |= find_by_keys(files, shard, members)
    return found


def without_paused(
    requests: Sequence[ArticleRequest], pauses: Mapping[str, datetime], now: datetime
) -> tuple[list[ArticleRequest], list[PassingLoss]]:
    """Leave out the pages of hosts that asked, in an earlier round, to be left alone."""
    kept, lost = [], []
    for request in requests:
        if request.entry.link and pauses.get(host_of(request), now) > now:
            lost.append(PassingLoss(request.key))
        else:
            kept.append(request)
    return kept, lost


def pause_after(row: Fetch, options: PollOptions) -> float:
    """Return the seconds for which a page's host is to be left alone after a request."""
    if row.target_type != "page":
        return 0.0
    if row.outcome == FetchOutcome.DEFERRED:
        return row.retry_after_s or options.min_interval_s
    return row.retry_after_s or 0.0 if row.http_status in _BUSY else 0.0


@dataclass
class PageSlot:
    """What one slot of hosts remembers."""

    flight: dict[str, InFlight]  # by key of the article
    pauses: dict[str, datetime]  # by host
    robots: dict[str, RobotsFile]  # by site


@dataclass
class PageRound:
    """One round of a slot: makes articles of some news, and learns what came."""

    plan: StreamPlan
    slot: PageSlot
    committed: Committed
    now: datetime

    def make(self, name: str, news: Iterable[News]) -> Iterator[Any]:
        """Yield articles, rows, updates of the state, and facts for the end of the window."""
        known = self._known([item.change.key for item in news])
        decided = decide_news(news, known, self.plan.lineage.model_version)
        yield from decided.facts
        requests, passing = without_paused(decided.requests, self.slot.pauses, self.now)
        made: set[str] = set()
        for item in self._fetch(name, requests):
            if isinstance(item, PassingLoss):
                passing.append(item)
                continue
            if isinstance(item, ExtractedArticle):
                made.add(item.request.key)
            yield item
        yield from self._retries(decided.wanted, made, {loss.key for loss in passing})

    def _known(self, keys: Sequence[str]) -> dict[str, KnownArticle]:
        self.slot.flight = still_in_flight(self.slot.flight, self.committed)
        found = self.committed.ask(lambda files: find_known(files, keys))
        return found | {key: item.known for key, item in self.slot.flight.items()}

    def _fetch(self, name: str, requests: Sequence[ArticleRequest]) -> Iterator[Any]:
        options = with_shares(self.plan.retrieve, map(address_of, requests), PAGES_SHARE)
        robots = SlotRobots(self.slot.robots, self.committed, self.now)
        settings = self.plan.settings(self.now, options, robots)
        for item in fetch_pages(requests, settings, name) if requests else ():
            if isinstance(item, Page):
                yield self._article(item)
            elif isinstance(item, RobotsFile):
                robots.keep(item)
                yield Update(item, self.now)
            elif isinstance(item, Fetch):
                yield self._row(item)
            else:
                yield item
        self.slot.robots = robots.fresh()

    def _row(self, row: Fetch) -> Fetch:
        pause = pause_after(row, self.plan.poll)
        if pause:
            host = host_key(row.requested_url)
            until = max(row.fetched_at, self.now) + timedelta(seconds=pause)
            self.slot.pauses[host] = max(until, self.slot.pauses.get(host, until))
        return told_apart(row)

    def _article(self, page: Page) -> ExtractedArticle | Failure:
        lineage = self.plan.lineage_at(self.now)
        extracted = try_extract(page, lineage)
        if isinstance(extracted, Failure):
            return extracted
        model = applied_model(extracted.article, lineage.model_version)
        known = remember(extracted, replace(extracted.article, model_version=model))
        self.slot.flight[page.request.key] = InFlight(lineage.run_id, known)
        return extracted

    def _retries(
        self, wanted: Mapping[str, Wanted], made: set[str], passing: set[str]
    ) -> Iterator[RetryFact | Expected]:
        for key, article in wanted.items():
            if key in made:
                yield Expected(article)
                continue
            retry = plan_retry(
                article, self.now, self.plan.poll, was_tried=True, is_passing=key in passing
            )
            for feed_key in article.feeds:
                yield RetryFact(feed_key, retry.key_hash, retry)


class _MakeArticles(beam.DoFn):  # type: ignore[misc]
    """(slot, News) → (id of the article, ExtractedArticle); tagged `kept`: all else."""

    SLOT = ReadModifyWriteStateSpec("slot", PickleCoder())

    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan
        self._made = Metrics.counter("newsbeam", "articles_extracted")

    def setup(self) -> None:
        self._committed = Committed(self._plan.look)

    def process(
        self,
        element: tuple[str, tuple[News, ...]],
        at: Any = beam.DoFn.TimestampParam,
        state: Any = beam.DoFn.StateParam(SLOT),
    ) -> Iterator[Any]:
        name, news = element
        slot = state.read() or PageSlot({}, {}, {})
        now = moment_of(at)
        slot.pauses = {host: until for host, until in slot.pauses.items() if until > now}
        for item in PageRound(self._plan, slot, self._committed, now).make(name, news):
            if isinstance(item, ExtractedArticle):
                self._made.inc()
                yield item.article.article_id, item
            else:
                yield beam.pvalue.TaggedOutput(KEPT, item)
        state.write(slot)


@dataclass
class MakeArticles(beam.PTransform):  # type: ignore[misc]
    """PCollection[(slot, News)] → `articles`, (article_id, ExtractedArticle), and `kept`.

    `kept`: Fetch, Failure, Update, NewEntries, MoreRefs, RetryFact and Expected.
    """

    plan: StreamPlan

    def expand(self, news: beam.PCollection) -> Any:
        """Wire the work."""
        work = beam.ParDo(_MakeArticles(self.plan))
        return news | "ByName" >> by_name() | "Make" >> work.with_outputs(KEPT, main="articles")
