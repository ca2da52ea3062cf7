"""A stream on an engine: one job without end, whose graph commits window by window.

The driver hands the graph over and stays to tell what was committed. A job that fails is started
again, from what is committed: an engine that restores its workers' state does not come to that.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import StandardOptions
from apache_beam.runners.runner import PipelineState

from pipeline.alert_options import AlertOptions, after_run
from pipeline.claim import Claim, take_claim
from pipeline.commit import committed_runs, last_state, read_record
from pipeline.commit_run import LOCK_WAIT_S, clear_claimed
from pipeline.commit_windows import WindowOrder
from pipeline.exit_status import NOTHING_COMMITTED
from pipeline.options import RunOptions
from pipeline.outputs.targets import STREAMING_INSERTS
from pipeline.remedies import describe
from pipeline.run import open_for_run, wanted_workers
from pipeline.runners import (
    IN_PROCESS,
    STREAMING,
    beam_options,
    check_known,
    check_output,
    runner_of,
)
from pipeline.stopping import Stopper
from pipeline.stream_graph import Slots, build_stream_graph
from pipeline.version import newsbeam_version
from pipeline.warehouse import Warehouse, locked
from schemas.errors import CommitError, UsageError
from schemas.flow import Feed, Lineage
from schemas.layout import Layout
from schemas.state import FeedState, FeedTask
from transforms import storage
from transforms.annotate_articles import Model
from transforms.feed_lists import read_feed_lists
from transforms.feed_tasks import write_tasks
from transforms.streaming.plan import StreamPlan
from transforms.streaming.windows import Windows, whole_ms
from transforms.urls import feed_key

FEEDS_A_SLOT = 25  # about; a slot asks for its feeds one host beside the other
SLOTS_A_WORKER = 4  # of pages
SHORTEST_WINDOW_S = 1.0
TICKS_A_WINDOW = 30
SHORTEST_TICK, LONGEST_TICK = timedelta(seconds=0.5), timedelta(seconds=5)
SILENCE_S = 900.0  # of a stream, after which it counts as dead; three windows where these are long
FINISH_BUNDLES, CHECKPOINTS = "finish_bundle_before_checkpointing", "checkpointing_interval"
CHECKPOINT_MS = 10_000  # between two of Flink's checkpoints, unless an option says otherwise
LOOK_S = 1.0
FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 900.0

log = logging.getLogger("newsbeam.stream")


@dataclass(frozen=True)
class JobOptions:
    """What a stream on an engine does besides what a pass does."""

    window_s: float = 300.0
    windows: int | None = None  # ends after that many; None: never
    alerts: AlertOptions | None = None  # checked after each window that was committed


def runs_as_job(beam_args: Iterable[str]) -> bool:
    """Say whether a stream is one job of an engine's, and not a loop of passes."""
    return runner_of(list(beam_args)) not in IN_PROCESS


def check_job(options: RunOptions, job: JobOptions) -> None:
    """Raise UsageError for what a stream on an engine cannot do."""
    runner = runner_of(options.beam_args)
    refused = {
        "--limit": options.limit is not None,
        "--force": options.force,
        "--archive": options.archive is not None,
    }
    for option, is_given in refused.items():
        if is_given:
            raise UsageError(f"{option} is for passes: a stream on {runner} has none")
    if runner not in STREAMING:
        raise UsageError(
            f"{runner} runs no graph without end: take one of {', '.join(STREAMING)}, or leave "
            "--runner out for a loop of passes on this machine"
        )
    if options.retrieve.per_host_connections < 2:
        raise UsageError("a host needs two connections: one for its feeds and one for its pages")
    if job.window_s < SHORTEST_WINDOW_S:
        raise UsageError(f"--window is shorter than {SHORTEST_WINDOW_S:g} s")
    if options.bigquery.addresses and options.bigquery.method == STREAMING_INSERTS:
        raise UsageError(f"{STREAMING_INSERTS} needs a graph of its own: choose FILE_LOADS")


def stream_job(options: RunOptions, job: JobOptions) -> int:
    """Run the job until the process is asked to end; return the exit status.

    A job that fails is told and started again later, from what is committed. With `windows`, 4
    where the last job failed.
    """
    check_known(options.beam_args)
    check_output(options.beam_args, options.output)
    check_job(options, job)
    feeds = read_feed_lists(options.feeds)
    model = Model(options.spacy_model)
    ends = None if job.windows is None else time.time() + job.windows * job.window_s
    failed = 0
    with Stopper(grace_s=0.0) as stopper:
        while not stopper.is_stopping:
            started = time.time()
            try:
                _run_once(options, job, (feeds, model), stopper, ends)
                return 0
            except Exception as error:
                if isinstance(error, UsageError):
                    raise
                failed = failed + 1 if time.time() - started < LONGEST_RETRY_S else 1
                log.error("the job failed: %s", describe(error))
                log.debug("the job failed", exc_info=error)
            pause = min(FIRST_RETRY_S * 2.0 ** min(failed - 1, 16), LONGEST_RETRY_S)
            if ends is not None and time.time() + pause >= ends:
                return NOTHING_COMMITTED
            stopper.sleep(pause)
    return 0


def _run_once(
    options: RunOptions,
    job: JobOptions,
    what: tuple[tuple[Feed, ...], Model],
    stopper: Stopper,
    ends: float | None,
) -> None:
    """Submit one job and stay until it ends, or until the process is asked to."""
    feeds, model = what
    with open_for_run(options) as (warehouse, _):
        plan = plan_stream(warehouse, options, job, (len(feeds), model.version()))
        if ends is not None:
            plan = dataclasses.replace(plan, until=_until(plan, ends))
        order = order_of(plan, options, feeds)
        slots = deal_feeds(plan, feeds)
        _claim(plan, options)
    with _claimed(plan):
        args = beam_options(job_args(options.beam_args), plan.page_slots)
        args.view_as(StandardOptions).streaming = True
        root = beam.Pipeline(options=args)
        build_stream_graph(root, order, model, slots)
        _watch(root.run(), plan, job, stopper)


def job_args(beam_args: tuple[str, ...]) -> tuple[str, ...]:
    """Return Beam's options, and on Flink those without which a stream would lose something.

    Without checkpoints a worker that dies takes the job's state along. Where one is made in the
    middle of a bundle, Flink (seen with Beam's runner 2.62) lets the watermark pass before what
    the bundle gives: articles came too late for their window.
    """
    if runner_of(beam_args) != "FlinkRunner":
        return beam_args
    added = [f"--{FINISH_BUNDLES}"]
    if not any(arg.startswith(f"--{CHECKPOINTS}") for arg in beam_args):
        added.append(f"--{CHECKPOINTS}={CHECKPOINT_MS}")
    return (*beam_args, *(arg for arg in added if arg not in beam_args))


def _until(plan: StreamPlan, ends: float) -> datetime:
    """Return the end of the last whole window that begins before that time."""
    left = ends - plan.windows.start.timestamp()
    windows = max(1, math.ceil(left / plan.windows.size.total_seconds() - 0.5))
    return plan.windows.start + windows * plan.windows.size


def plan_stream(
    warehouse: Warehouse, options: RunOptions, job: JobOptions, sizes: tuple[int, str]
) -> StreamPlan:
    """Say all that the graph depends on, for so many feeds and a model's version."""
    feeds, version = sizes
    start = whole_ms(datetime.now(UTC))
    windows = Windows(start, timedelta(milliseconds=round(job.window_s * 1000)))
    last = warehouse.last.run_id if warehouse.last else ""
    if windows.run(start).value <= last:
        raise CommitError(
            f"the clock is behind the last run, {last}: set it right, or wait until it has passed",
            warehouse.layout.root,
        )
    layout = warehouse.layout
    name = f"stream-{windows.run(start).value}"
    workers = wanted_workers(options) or 1
    return StreamPlan(
        layout=layout,
        lineage=Lineage(name, newsbeam_version(), version),
        windows=windows,
        retrieve=options.retrieve,
        feed_slots=max(workers, math.ceil(feeds / FEEDS_A_SLOT)),
        page_slots=SLOTS_A_WORKER * workers,
        look=partial(last_state, layout),
        poll=options.poll,
        tick=min(max(windows.size / TICKS_A_WINDOW, SHORTEST_TICK), LONGEST_TICK),
        alive=f"{layout.staging(name)}/alive",
    )


def deal_feeds(plan: StreamPlan, feeds: Iterable[Feed]) -> Slots:
    """Deal feeds to slots by host; what is known of them is looked up by the slots."""
    listed: dict[str, Feed] = {}
    for feed in feeds:
        listed.setdefault(feed_key(feed.url), feed)
    tasks = (
        FeedTask(feed, FeedState(key, feed.url, feed.url), "", False, False)
        for key, feed in listed.items()
    )
    return write_tasks(plan.layout.staging(plan.lineage.run_id), tasks, plan.feed_slots)


def order_of(plan: StreamPlan, options: RunOptions, feeds: Iterable[Feed]) -> WindowOrder:
    """Say how windows are to be committed; what is long goes into a file."""
    path = f"{plan.layout.staging(plan.lineage.run_id)}/order.json"
    keys = sorted({feed_key(feed.url) for feed in feeds})
    storage.write_atomically(path, json.dumps({"listed": keys}).encode())
    told = json.dumps(dataclasses.asdict(options), sort_keys=True, default=str)
    return WindowOrder(plan, told, path, options.bigquery, options.keeps_files)


def _claim(plan: StreamPlan, options: RunOptions) -> None:
    silence = max(SILENCE_S, 3 * plan.windows.size.total_seconds())
    runner = runner_of(options.beam_args)
    take_claim(plan.layout, Claim(plan.lineage.run_id, runner, time.time(), silence))


@contextmanager
def _claimed(plan: StreamPlan) -> Iterator[None]:
    """Give the claim back when the job is over, with what was not committed."""
    try:
        yield
    finally:
        with locked(plan.layout, LOCK_WAIT_S):
            clear_claimed(plan.layout, plan.lineage.run_id)


def _watch(result: Any, plan: StreamPlan, job: JobOptions, stopper: Stopper) -> None:
    """Tell what is committed until the job ends; raises what it failed with."""
    told = plan.windows.run(plan.windows.start).value
    is_over = False
    while not is_over:
        stopper.sleep(LOOK_S)
        is_over = stopper.is_stopping or PipelineState.is_terminal(result.state)
        for run_id in committed_runs(plan.layout):
            if run_id >= told:
                _tell(plan.layout, run_id)
                after_run(job.alerts, plan.layout.root, 0)
                told = f"{run_id}~"
    if stopper.is_stopping:
        log.info("the job is cancelled; the next start makes up for the window under way")
        result.cancel()
    else:
        result.wait_until_finish()


def _tell(layout: Layout, run_id: str) -> None:
    rows = read_record(layout, run_id).rows
    fields = {
        "run_id": run_id,
        "articles": rows.get("articles", 0),
        "quotations": rows.get("quotes", 0),
        "fetches": rows.get("fetches", 0),
        "failures": rows.get("failures", 0),
    }
    text = "window: " + ", ".join(f"{name} {value}" for name, value in fields.items())
    log.info(text, extra={"fields": fields})
