"""One pass: open the warehouse, run the graph, commit."""

import dataclasses
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from pipeline.agenda import FeedBook, gone_rows, make_agenda, read_book
from pipeline.commit import CommitRecord, commit
from pipeline.exit_status import EVERY_FEED_FAILED
from pipeline.facts import RunFacts, collect_facts
from pipeline.graph import RunPlan, build_graph
from pipeline.options import RunOptions, choose_workers
from pipeline.outputs.opening import open_outputs
from pipeline.outputs.publishing import Output, drop_published_files, publish_pending
from pipeline.remedies import describe
from pipeline.runners import beam_options, check_known, check_output, engine_workers
from pipeline.version import newsbeam_version
from pipeline.warehouse import Warehouse, open_warehouse
from pipeline.worker_output import sorted_worker_output
from schemas.errors import CommitError
from schemas.flow import Lineage
from schemas.layout import Layout, RunId
from schemas.rows import Run
from transforms.annotate_articles import Model
from transforms.ask_feeds import AskedFeeds, ask_feeds
from transforms.feed_lists import read_feed_lists
from transforms.feed_tasks import write_tasks
from transforms.merge_state import merge
from transforms.parquet_files import StagedFile
from transforms.polling import Agenda
from transforms.progress import StageCounter
from transforms.stage_rows import StagedTables
from transforms.state import Hashes, StateFiles, hash_of, number_deltas
from transforms.urls import feed_key
from transforms.write_state import read_manifest, write_manifest

log = logging.getLogger("newsbeam.run")

Watch = Callable[[RunPlan], AbstractContextManager[None]]


@dataclass(frozen=True)
class RunReport:
    """A pass that is over; without a `record` nothing was due, and nothing was written."""

    layout: Layout
    run: RunId
    facts: RunFacts
    record: CommitRecord | None
    seconds: float
    workers: int
    agenda: Agenda
    next_due: datetime | None  # when the first of the listed feeds is due again; None: never
    finished: tuple[str, ...]  # killed runs that this start made whole
    cleared: tuple[str, ...]  # killed runs of which nothing is left
    archive: str | None = None  # what was read instead of feeds

    @property
    def exit_status(self) -> int:
        """0, or 3 where no feed could be read."""
        if self.record is not None:
            return self.record.exit_status
        agenda = self.agenda
        return EVERY_FEED_FAILED if agenda.gone and not agenda.not_due else 0


def run_once(options: RunOptions, watch: Watch, model: Model | None = None) -> RunReport:
    """Make one pass over the feeds that are due and commit it; `watch` shows it meanwhile.

    A caller that makes several passes hands in the model, so that it is loaded once. Where no feed
    is due nothing is loaded, fetched or written. Raises UsageError before anything is fetched,
    CommitError where nothing was committed.
    """
    check_known(options.beam_args)
    check_output(options.beam_args, options.output)
    feeds = read_feed_lists(options.feeds)
    model = model or Model(options.spacy_model)
    version = model.version()
    with open_for_run(options) as (warehouse, outputs):
        book = _read_book(warehouse)
        agenda = make_agenda(book, feeds, options, (warehouse.started, version))
        if not agenda.due:
            return _idle_report(warehouse, agenda, book.next_due(_keys(agenda), options.poll))
        last = warehouse.last.rows.get("articles") if warehouse.last else None
        workers = choose_workers(wanted_workers(options), len(agenda.due), last)
        plan = plan_run(warehouse, agenda, model, version, workers)
        with watch(plan):
            _ask_and_make(plan, options, workers)
        report = commit_run(warehouse, plan, options, workers)
        publish_pending(warehouse.layout, outputs)
        return report


@contextmanager
def open_for_run(options: RunOptions) -> Iterator[tuple[Warehouse, tuple[Output, ...]]]:
    """Open the warehouse and the other outputs, and bring these what they have not got yet."""
    outputs = open_outputs(options.bigquery, options.beam_args)
    with open_warehouse(options.output) as warehouse:
        publish_pending(warehouse.layout, outputs)
        if not options.keeps_files:
            drop_published_files(warehouse.layout, outputs)
        yield warehouse, outputs


def wanted_workers(options: RunOptions) -> int | None:
    """Return the workers that were asked for, here or of an engine; None: as many as are worth."""
    return options.workers or engine_workers(options.beam_args)


def _read_book(warehouse: Warehouse) -> FeedBook:
    try:
        return read_book(StateFiles(warehouse.state_paths))
    except (OSError, pa.ArrowException) as error:
        raise CommitError(
            f"what earlier runs left in {warehouse.layout.states()} cannot be read, so articles "
            f"would be written twice; restore it from a backup: {describe(error)}",
            warehouse.layout.root,
        ) from error


def _idle_report(warehouse: Warehouse, agenda: Agenda, due: datetime | None) -> RunReport:
    run = warehouse.new_run()
    seconds = (datetime.now(UTC) - warehouse.started).total_seconds()
    return RunReport(
        layout=warehouse.layout,
        run=run,
        facts=collect_facts([]),
        record=None,
        seconds=seconds,
        workers=0,
        agenda=agenda,
        next_due=due,
        finished=warehouse.finished,
        cleared=warehouse.cleared,
    )


def plan_run(
    warehouse: Warehouse, agenda: Agenda, model: Model, version: str, workers: int
) -> RunPlan:
    """Name a run and say all that its graph depends on."""
    lineage = Lineage(warehouse.new_run().value, newsbeam_version(), version)
    return RunPlan(
        layout=warehouse.layout,
        lineage=lineage,
        started=warehouse.started,
        model=model,
        agenda=agenda,
        state=StateFiles(warehouse.state_paths),
        slots=workers,
    )


def _ask_and_make(plan: RunPlan, options: RunOptions, workers: int) -> None:
    """Ask for feeds and make articles of what is new in them, up to the manifest.

    One process asks for feeds by itself, and needs neither graph nor model where nothing changed.
    """
    is_first = any(task.takes_all for task in plan.agenda.due)
    held = plan.model.acquire() if is_first else None  # a model that does not load is told early
    asked = _ask(plan, options) if workers == 1 and not options.beam_args else None
    if asked is not None and asked.changes is None:
        with _told(plan):
            write_manifest(plan.layout.manifest(plan.lineage.run_id), asked.files)
        return
    held = held or plan.model.acquire()  # until the graph of this process has found it loaded
    execute_graph(plan, options, workers, _feeds_graph(plan, options, asked))
    del held


def _ask(plan: RunPlan, options: RunOptions) -> AskedFeeds:
    counter = StageCounter("feeds", plan.progress)
    with _told(plan):
        return ask_feeds(plan.agenda.due, plan.settings(options), counter)


def _feeds_graph(
    plan: RunPlan, options: RunOptions, asked: AskedFeeds | None
) -> Callable[[beam.Pipeline], None]:
    def build(root: beam.Pipeline) -> None:
        source = asked or write_tasks(plan.staging, plan.agenda.due, plan.slots)
        build_graph(root, plan, options, source)

    return build


@contextmanager
def _told(plan: RunPlan) -> Iterator[None]:
    """Turn whatever fails before the commit into a CommitError that says so."""
    try:
        yield
    except Exception as error:
        log.debug("the run failed", exc_info=error)
        raise CommitError(
            f"the run failed and nothing was committed: {describe(error)}", plan.layout.root
        ) from error


def execute_graph(
    plan: RunPlan, options: RunOptions, workers: int, build: Callable[[beam.Pipeline], None]
) -> None:
    """Run what `build` adds to a pipeline, to its end; CommitError where it fails."""
    with (
        _told(plan),
        sorted_worker_output() if workers > 1 else nullcontext(),
        beam.Pipeline(options=beam_options(options.beam_args, workers)) as root,
    ):
        build(root)


def commit_run(warehouse: Warehouse, plan: RunPlan, options: RunOptions, workers: int) -> RunReport:
    """Commit what the graph has staged; CommitError, with the tables as before, if it cannot."""
    run = RunId(plan.lineage.run_id, plan.started.date())
    try:
        files = read_manifest(plan.layout.manifest(run.value))
        files += _stage(plan, gone_rows(plan.agenda, run.value, plan.started))
        facts = collect_facts(files)
        status = EVERY_FEED_FAILED if facts.every_feed_failed else 0
        files += _stage(plan, [_run_row(plan, options, facts, status)])
        merged = merge(plan.state, files, plan.staging, plan.started, _listed(plan.agenda))
    except (OSError, pa.ArrowException) as error:
        raise CommitError(f"nothing was committed: {describe(error)}", plan.layout.root) from error
    warehouse.check_lock()
    record = commit(plan.layout, run, number_deltas(merged.files), status, merged.kept)
    book = read_book(StateFiles(tuple(map(plan.layout.path, record.state))))
    seconds = (datetime.now(UTC) - plan.started).total_seconds()
    return RunReport(
        layout=plan.layout,
        run=run,
        facts=facts,
        record=record,
        seconds=seconds,
        workers=workers,
        agenda=plan.agenda,
        next_due=book.next_due(_keys(plan.agenda), options.poll),
        finished=warehouse.finished,
        cleared=warehouse.cleared,
    )


def _keys(agenda: Agenda) -> frozenset[str]:
    """The keys of all listed feeds that are asked for from time to time."""
    states = (*(task.state for task in agenda.due), *agenda.not_due, *agenda.gone)
    doubles = (feed_key(feed.url) for feed, _ in agenda.doubles)
    return frozenset((*(state.key for state in states), *doubles))


def _listed(agenda: Agenda) -> Hashes:
    return np.array([hash_of(key) for key in _keys(agenda)], np.uint64)


def _stage(plan: RunPlan, rows: Iterable[Any]) -> list[StagedFile]:
    tables = StagedTables(plan.staging)
    for row in rows:
        tables.write_row(row)
    return list(tables.close())


def _run_row(plan: RunPlan, options: RunOptions, facts: RunFacts, status: int) -> Run:
    return Run(
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
