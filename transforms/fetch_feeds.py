"""Fetch feeds and read them: tasks in, entries that are new or changed out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.errors import ElementError, ParseError
from schemas.flow import EntryChange, ParsedFeed
from schemas.rows import Failure, Fetch
from schemas.state import FeedContents, FeedRetries, FeedState, FeedTask, RobotsFile
from transforms.failures import failure_row
from transforms.feed_history import Reading, after_failure, after_reading, after_unchanged
from transforms.feed_marks import by_key, find_changes, pack_marks, signature, unpack_marks
from transforms.feed_tasks import read_tasks
from transforms.fetch_rows import Verdict, fetch_error, fetch_row, robots_items
from transforms.find_state import MarksIndex
from transforms.parse_feeds import parse_feed
from transforms.polling import DUE_EARLY
from transforms.retrieve import (
    FetchOutcome,
    Retrieval,
    RetrieveRequest,
    retrieve_all,
)
from transforms.settings import PassSettings

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
CHANGES, BROUGHT, ROWS = "changes", "brought", "rows"  # names of outputs
STATE, PENDING, ROBOTS = "state", "pending", "robots"

FeedItem = EntryChange | Fetch | Failure | FeedState | FeedContents | FeedRetries | RobotsFile


def feed_request(task: FeedTask) -> RetrieveRequest:
    """What to ask for to have a feed; with validators unless a body must come."""
    state = task.state
    is_plain = task.is_full or state.validators_lie
    return RetrieveRequest(
        url=state.fetch_url,
        etag=None if is_plain else state.etag,
        last_modified=None if is_plain else state.last_modified,
        accept=ACCEPT,
        context=task,
    )


def read_retrieval(retrieval: Retrieval) -> ParsedFeed:
    """The feed that a retrieval brought; ElementError where it brought none."""
    if retrieval.outcome is not FetchOutcome.OK or retrieval.body is None:
        raise fetch_error(retrieval)
    try:
        return parse_feed(
            retrieval.body,
            url=retrieval.final_url or retrieval.requested_url,
            content_type=retrieval.content_type,
        )
    except ParseError:
        raise
    except Exception as error:
        raise ParseError(
            f"{type(error).__name__}: {error}", target=retrieval.requested_url
        ) from error


class Marks(Protocol):
    """Knows the marks of the entries that were in a feed."""

    def find(self, feed_key: str) -> bytes:
        """Return them; none where the feed is new."""


@dataclass
class FeedReader:
    """Fetches the feeds of one slot and says what came of each."""

    settings: PassSettings
    slot: str = ""  # whose robots.txt files these are
    marks: Marks | None = None  # of the entries that feeds had before; None: those of the state

    def read(self, tasks: Iterable[FeedTask]) -> Iterator[FeedItem]:
        """Fetch feeds concurrently; yield, as each arrives, its row and what is new in it.

        A feed that is as it was gives a row of `fetches` and its new state, and nothing else.
        """
        settings = self.settings
        requests = map(feed_request, tasks)
        for retrieval in retrieve_all(requests, settings.options, settings.robots_before_feeds()):
            yield from self._outputs(retrieval)

    def _outputs(self, retrieval: Retrieval) -> Iterator[FeedItem]:
        run_id = self.settings.lineage.run_id
        if retrieval.is_robots:
            yield from robots_items(retrieval, run_id, f"feeds {self.slot}")
            return
        task: FeedTask = retrieval.request.context
        if retrieval.will_retry:
            yield fetch_row(retrieval, run_id, "feed", task.feed.url)
        elif self._is_as_before(task, retrieval):
            yield from self._unchanged(task, retrieval)
        else:
            yield from self._read(task, retrieval)

    def _is_as_before(self, task: FeedTask, retrieval: Retrieval) -> bool:
        if retrieval.outcome is FetchOutcome.NOT_MODIFIED:
            return not task.is_full  # no validators were sent: the server is wrong
        is_same = retrieval.body is not None and retrieval.body_hash == task.state.body_hash
        return is_same and not task.takes_all and not _due(task, self.settings.now)

    def _unchanged(self, task: FeedTask, retrieval: Retrieval) -> Iterator[FeedItem]:
        state = after_unchanged(task, retrieval, self._moment(retrieval), self.settings.poll)
        seen = None if retrieval.body is None else state.entries
        row = self._row(retrieval, state, Verdict(entries_seen=seen))
        yield replace(row, entries_new=0)
        yield state

    def _read(self, task: FeedTask, retrieval: Retrieval) -> Iterator[FeedItem]:
        try:
            parsed = read_retrieval(retrieval)
        except ElementError as error:
            yield from self._failed(task, retrieval, error)
            return
        entries = by_key(replace(entry, feed_url=task.feed.url) for entry in parsed.entries)
        marks = pack_marks(entries)
        reading = Reading(parsed, marks, signature(marks))
        moment = (self._moment(retrieval), self.settings.poll)
        state = after_reading(task, retrieval, reading, moment)
        outcome = FetchOutcome.MALFORMED if parsed.problem else None
        verdict = Verdict(outcome, parsed.problem, len(parsed.entries))
        row = self._row(retrieval, state, verdict)
        due = _due(task, self.settings.now)
        is_same = state.signature == task.state.signature and not due and not task.takes_all
        changes = []
        if not is_same:
            held = self._held(task.state)
            changes = list(find_changes(entries, held, state.key, due, takes_all=task.takes_all))
        yield row if changes else replace(row, entries_new=0)
        yield state
        yield from self._contents(task, marks, state)
        yield from changes

    def _contents(self, task: FeedTask, marks: bytes, state: FeedState) -> Iterator[FeedItem]:
        """Yield the marks where they changed, and what still waits for another try."""
        if state.signature != task.state.signature:
            yield FeedContents(state.key, marks)
        if task.retries:
            listed, due = unpack_marks(marks), _due(task, self.settings.now)
            waiting = [r for r in task.retries if r not in due and r.key_hash in listed]
            yield FeedRetries(state.key, tuple(waiting))

    def _held(self, state: FeedState) -> bytes:
        if state.signature is None:
            return b""
        self.marks = self.marks or MarksIndex(self.settings.files)
        return self.marks.find(state.key)

    def _failed(
        self, task: FeedTask, retrieval: Retrieval, error: ElementError
    ) -> Iterator[FeedItem]:
        is_fetched = isinstance(error, ParseError)
        outcome = FetchOutcome.BAD_CONTENT if is_fetched else None
        state = after_failure(
            task, retrieval, error.message, self._moment(retrieval), self.settings.poll
        )
        yield self._row(retrieval, state, Verdict(outcome, error.message))
        yield state
        stage = "parse_feeds" if is_fetched else "fetch_feeds"
        yield failure_row(self.settings.lineage.run_id, stage, task.feed.url, error)

    def _moment(self, retrieval: Retrieval) -> datetime:
        """When a feed was asked for: not before its pass, whatever a worker's clock says."""
        return max(retrieval.started_at, self.settings.now)

    def _row(self, retrieval: Retrieval, state: FeedState, verdict: Verdict) -> Fetch:
        row = fetch_row(retrieval, self.settings.lineage.run_id, "feed", state.url, verdict)
        return replace(row, next_fetch_at=state.next_fetch_at)


def _due(task: FeedTask, now: datetime) -> list[Any]:
    return [retry for retry in task.retries if retry.next_try_at <= now + DUE_EARLY]


@dataclass
class FetchFeeds(beam.PTransform):  # type: ignore[misc]
    """(slot, path of its tasks) → new and changed entries, rows, and the state that feeds leave.

    Outputs: `changes` (EntryChange), `brought` (Fetch of feeds of which entries have to be
    counted), `rows` (other Fetch, Failure), `state` (FeedState, FeedContents), `pending`
    (FeedRetries) and `robots` (RobotsFile).
    """

    settings: PassSettings

    def expand(self, slots: beam.PCollection) -> Any:
        """Wire the work."""
        return slots | "Fetch" >> beam.ParDo(_FetchFeeds(self.settings)).with_outputs(
            BROUGHT, ROWS, STATE, PENDING, ROBOTS, main=CHANGES
        )


class _FetchFeeds(beam.DoFn):  # type: ignore[misc]
    def __init__(self, settings: PassSettings) -> None:
        self._settings = settings
        self._changes = Metrics.counter("newsbeam", "entries_changed")
        self._failed = Metrics.counter("newsbeam", "feeds_failed")

    def process(self, element: tuple[str, str]) -> Iterator[Any]:
        slot, path = element
        for item in FeedReader(self._settings, slot).read(read_tasks(path)):
            output = output_of(item)
            self._changes.inc(output == CHANGES)
            self._failed.inc(isinstance(item, Failure))
            yield item if output == CHANGES else beam.pvalue.TaggedOutput(output, item)


def output_of(item: FeedItem) -> str:
    """Name the output that an item goes to."""
    if isinstance(item, EntryChange):
        return CHANGES
    if isinstance(item, Fetch):
        has_new = item.entries_seen is not None and item.entries_new is None
        return BROUGHT if has_new else ROWS
    if isinstance(item, Failure):
        return ROWS
    if isinstance(item, FeedRetries):
        return PENDING
    return ROBOTS if isinstance(item, RobotsFile) else STATE
