"""One pass: open the warehouse, run the graph, commit."""

import dataclasses
import json
import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

import apache_beam as beam

from pipeline.commit import CommitRecord, commit
from pipeline.facts import RunFacts, collect_facts
from pipeline.graph import RunPlan, build_graph
from pipeline.options import RunOptions, choose_workers
from pipeline.remedies import describe
from pipeline.runners import beam_options, check_known
from pipeline.version import newsbeam_version
from pipeline.warehouse import Warehouse, open_warehouse
from pipeline.worker_output import sorted_worker_output
from schemas.errors import CommitError
from schemas.flow import Feed, Lineage
from schemas.layout import Layout, RunId
from schemas.rows import Run
from transforms.annotate_articles import Model
from transforms.feed_lists import read_feed_list
from transforms.nlp.load import model_version
from transforms.parquet_files import StagedFile
from transforms.stage_rows import StagedTables
from transforms.write_state import read_manifest

EVERY_FEED_FAILED = 3

log = logging.getLogger("newsbeam.run")

Watch = Callable[[RunPlan], AbstractContextManager[None]]


@dataclass(frozen=True)
class RunReport:
    """A committed run."""

    layout: Layout
    run: RunId
    facts: RunFacts
    record: CommitRecord
    seconds: float
    workers: int
    finished: tuple[str, ...]  # killed runs that this start made whole
    cleared: tuple[str, ...]  # killed runs of which nothing is left

    @property
    def exit_status(self) -> int:
        """0, or 3 where no feed could be read."""
        return self.record.exit_status


def run_once(options: RunOptions, watch: Watch) -> RunReport:
    """Make one pass over the feeds and commit it; `watch` shows it while it goes on.

    Raises UsageError before anything is fetched, CommitError where nothing was committed.
    """
    check_known(options.beam_args)
    feeds = list_feeds(options.feeds)
    model = Model(options.spacy_model)
    nlp = model.acquire()  # held, so that the graph of this process finds it loaded
    with open_warehouse(options.output) as warehouse:
        plan, workers = _plan(warehouse, options, feeds, model, model_version(nlp))
        with watch(plan):
            _execute(plan, options, workers)
        return _commit(warehouse, plan, options, workers)


def list_feeds(sources: Iterable[str]) -> tuple[Feed, ...]:
    """Read all feed lists; a feed that is listed twice comes once."""
    feeds: dict[str, Feed] = {}
    for source in sources:
        for feed in read_feed_list(source):
            feeds.setdefault(feed.url, feed)
    return tuple(feeds.values())


def _plan(
    warehouse: Warehouse, options: RunOptions, feeds: tuple[Feed, ...], model: Model, version: str
) -> tuple[RunPlan, int]:
    last = warehouse.last.rows.get("articles") if warehouse.last else None
    workers = choose_workers(options.workers, len(feeds), last)
    lineage = Lineage(warehouse.new_run().value, newsbeam_version(), version)
    plan = RunPlan(
        layout=warehouse.layout,
        lineage=lineage,
        started=warehouse.started,
        model=model,
        feeds=feeds,
        state_paths=warehouse.state_paths,
        slots=workers,
    )
    return plan, workers


def _execute(plan: RunPlan, options: RunOptions, workers: int) -> None:
    try:
        with (
            sorted_worker_output() if workers > 1 else nullcontext(),
            beam.Pipeline(options=beam_options(options.beam_args, workers)) as root,
        ):
            build_graph(root, plan, options)
    except Exception as error:
        log.debug("the graph failed", exc_info=error)
        raise CommitError(
            f"the run failed and nothing was committed: {describe(error)}", plan.layout.root
        ) from error


def _commit(warehouse: Warehouse, plan: RunPlan, options: RunOptions, workers: int) -> RunReport:
    run = RunId(plan.lineage.run_id, plan.started.date())
    try:
        files = read_manifest(plan.layout.manifest(run.value))
        facts = collect_facts(files)
        status = EVERY_FEED_FAILED if facts.every_feed_failed else 0
        files += _stage_run_row(plan, options, facts, status)
    except OSError as error:
        raise CommitError(f"nothing was committed: {describe(error)}", plan.layout.root) from error
    record = commit(plan.layout, run, files, status)
    seconds = (datetime.now(UTC) - plan.started).total_seconds()
    return RunReport(
        layout=plan.layout,
        run=run,
        facts=facts,
        record=record,
        seconds=seconds,
        workers=workers,
        finished=warehouse.finished,
        cleared=warehouse.cleared,
    )


def _stage_run_row(
    plan: RunPlan, options: RunOptions, facts: RunFacts, status: int
) -> list[StagedFile]:
    tables = StagedTables(plan.staging)
    tables.write_row(
        Run(
            run_id=plan.lineage.run_id,
            started_at=plan.started,
            finished_at=datetime.now(UTC),
            pipeline_version=plan.lineage.pipeline_version,
            model_version=plan.lineage.model_version,
            beam_version=beam.__version__,
            options=json.dumps(dataclasses.asdict(options), sort_keys=True, default=str),
            counts=facts.counts(),
            exit_status=status,
        )
    )
    return list(tables.close())
