"""Commit the windows of a stream, one after the other: each is a run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import apache_beam as beam
from apache_beam.coders import PickleCoder
from apache_beam.metrics import Metrics
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import BagStateSpec, TimerSpec, on_timer
from apache_beam.transforms.window import GlobalWindows

from pipeline.commit_run import LOCK_WAIT_S, commit_claimed, no_check
from pipeline.outputs.opening import make_outputs
from pipeline.outputs.publishing import drop_published_files, publish_pending
from pipeline.outputs.targets import BigQueryOptions
from pipeline.staged_run import StagedRun
from pipeline.warehouse import locked
from schemas.flow import KnownArticle
from schemas.state import FeedRetries
from transforms import storage
from transforms.join_known import merge_refs
from transforms.parquet_files import StagedFile
from transforms.plan_retries import plan_retry
from transforms.polling import PollOptions
from transforms.state import ARTICLES, StateFiles, StateWriter
from transforms.streaming.ask_feeds import Retries, read_retries
from transforms.streaming.close_windows import PreparedWindow, WindowRef, read_prepared
from transforms.streaming.items import MoreRefs, RetryFact
from transforms.streaming.make_articles import find_known
from transforms.streaming.plan import StreamPlan
from transforms.streaming.window_stories import group_window
from transforms.streaming.windows import stamp
from transforms.syndication.fill_stories import fill_file
from transforms.syndication.known import STORY_WINDOW, KnownSignatures
from transforms.write_state import write_manifest

log = logging.getLogger("newsbeam.commit")


def fold_retries(before: Retries, facts: Iterable[RetryFact]) -> Iterator[FeedRetries]:
    """Say for each feed concerned what is to be tried again, after a window with these facts.

    An entry that failed in the window has its next try, whatever else is said of it.
    """
    folded = {key: {retry.key_hash: retry for retry in rows} for key, rows in before.items()}
    concerned = set()
    for fact in sorted(facts, key=lambda fact: fact.retry is not None):
        held = folded.setdefault(fact.feed_key, {})
        concerned.add(fact.feed_key)
        held.pop(fact.key_hash, None)
        if fact.retry is not None:
            held[fact.key_hash] = fact.retry
    for key in sorted(concerned):
        yield FeedRetries(key, tuple(folded[key][hashed] for hashed in sorted(folded[key])))


def fold_refs(
    rows: Mapping[str, KnownArticle], before: Mapping[str, KnownArticle], more: Iterable[MoreRefs]
) -> dict[str, KnownArticle]:
    """Add references to articles of the window, or to known ones; of an unknown one: none."""
    folded = dict(rows)
    for refs in more:
        known = folded.get(refs.key) or before.get(refs.key)
        if known is not None:
            merged = merge_refs(known.feed_refs, refs.refs)
            folded[refs.key] = replace(known, feed_refs=merged)
    return folded


def find_lost(prepared: PreparedWindow, now: datetime, options: PollOptions) -> Iterator[RetryFact]:
    """Say that articles are to be tried again that were read in a window and missed its end.

    An engine may let time run ahead of elements that are still on their way, and Beam drops what
    comes after the end of its window. Nothing else would miss such an article.
    """
    for expected in prepared.expected:
        if (ARTICLES.name, expected.wanted.key) not in prepared.state:
            log.warning("%s came too late for its window: tried again", expected.wanted.key)
            retry = plan_retry(expected.wanted, now, options, was_tried=True, is_passing=True)
            for feed_key in expected.wanted.feeds:
                yield RetryFact(feed_key, retry.key_hash, retry)


def finish_window(
    prepared: PreparedWindow, files: StateFiles, plan: StreamPlan, ref: WindowRef
) -> list[StagedFile]:
    """Add what depends on the windows before: stories, retries, references. Returns all files."""
    folder = plan.staging(plan.windows.run(ref.begin))
    known = KnownSignatures(files, ref.begin - STORY_WINDOW)
    decisions, stories = group_window(prepared.signed, known)
    staged = [
        fill_file(file, decisions, folder) if file.table == "articles" and decisions else file
        for file in prepared.files
    ]
    writer = StateWriter(folder)
    lost = list(find_lost(prepared, ref.begin + plan.windows.size, plan.poll))
    prepared.retries += lost
    for row in (*stories, *_state_rows(prepared, files)):
        writer.write(row)
    return [*staged, *writer.close()]


def _state_rows(prepared: PreparedWindow, files: StateFiles) -> Iterator[Any]:
    articles = {key: row for (kind, key), row in prepared.state.items() if kind == ARTICLES.name}
    known = find_known(files, {refs.key for refs in prepared.refs})
    yield from fold_refs(articles, known, prepared.refs).values()
    yield from (row for (kind, _), row in prepared.state.items() if kind != ARTICLES.name)
    before = read_retries(files, {fact.feed_key for fact in prepared.retries})
    yield from fold_retries(before, prepared.retries)


@dataclass(frozen=True)
class WindowOrder:
    """What the commit of windows needs to know besides; the claim names the plan's run."""

    plan: StreamPlan
    options: str  # JSON, as `runs` holds it
    listed: str  # path of the order that names the feeds that are listed
    bigquery: BigQueryOptions = field(default_factory=BigQueryOptions)
    keeps_files: bool = True


def commit_window(order: WindowOrder, ref: WindowRef) -> bool:
    """Commit a window whose turn it is, under the stream's claim; False where that was done before.

    May be called again at any point. Raises CommitError where it cannot be committed, or another
    has the claim; PublishError where another output has not got it.
    """
    layout = order.plan.layout
    with locked(layout, LOCK_WAIT_S) as lease:
        run = order.plan.windows.run(ref.begin)
        is_new = not storage.exists(layout.record(run.value))
        if is_new:
            _write_manifest(order.plan, ref)
        staged = StagedRun(
            layout=layout,
            lineage=order.plan.lineage_at(ref.begin),
            started=ref.begin,
            manifest=layout.manifest(run.value),
            options=order.options,
        )
        check = lease.check if lease else no_check
        commit_claimed(staged, order.plan.lineage.run_id, order.listed, check)
        outputs = make_outputs(order.bigquery, ())
        publish_pending(layout, outputs)
        if not order.keeps_files:
            drop_published_files(layout, outputs)
    return is_new


def _write_manifest(plan: StreamPlan, ref: WindowRef) -> None:
    _, paths = plan.look()
    files = finish_window(read_prepared(ref.path), StateFiles(paths), plan, ref)
    write_manifest(plan.layout.manifest(plan.windows.run(ref.begin).value), files)


class _CommitWindows(beam.DoFn):  # type: ignore[misc]
    """(key, WindowRef) → ids of runs that were committed, in their order.

    Windows may arrive in any order; the timer fires when none before its own can come any more.
    """

    WAITING = BagStateSpec("waiting", PickleCoder())
    OVER = TimerSpec("over", TimeDomain.WATERMARK)

    def __init__(self, order: WindowOrder) -> None:
        self._order = order
        self._committed = Metrics.counter("newsbeam", "windows_committed")

    def process(
        self,
        element: tuple[str, WindowRef],
        at: Any = beam.DoFn.TimestampParam,
        waiting: Any = beam.DoFn.StateParam(WAITING),
        over: Any = beam.DoFn.TimerParam(OVER),
    ) -> None:
        waiting.add(element[1])
        over.set(at)

    @on_timer(OVER)  # type: ignore[untyped-decorator]
    def commit(
        self,
        at: Any = beam.DoFn.TimestampParam,
        waiting: Any = beam.DoFn.StateParam(WAITING),
        over: Any = beam.DoFn.TimerParam(OVER),
    ) -> Iterator[str]:
        plan = self._order.plan
        held = sorted(waiting.read(), key=lambda ref: (ref.begin, ref.path))
        ripe = [ref for ref in held if stamp(ref.begin) <= at]
        for ref in ripe:
            if commit_window(self._order, ref):
                self._committed.inc()
                yield plan.windows.run(ref.begin).value
        waiting.clear()
        for ref in held[len(ripe) :]:
            waiting.add(ref)
        if len(ripe) < len(held):
            over.set(stamp(held[len(ripe)].begin + plan.windows.size))


@dataclass
class CommitWindows(beam.PTransform):  # type: ignore[misc]
    """PCollection[WindowRef] → ids of the runs that were committed, one after the other."""

    order: WindowOrder

    def expand(self, windows: beam.PCollection) -> beam.PCollection:
        """Bring all windows to one place."""
        return (
            windows
            | "AllWindows" >> beam.WindowInto(GlobalWindows())
            | "OnePlace" >> beam.Map(lambda ref: ("windows", ref))
            | "Commit" >> beam.ParDo(_CommitWindows(self.order))
        )
