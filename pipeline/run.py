"""One pass: open the warehouse, run the graph, commit."""

import dataclasses
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

import apache_beam as beam
import pyarrow as pa

from pipeline.agenda import FeedBook, gone_rows, make_agenda, read_book
from pipeline.commit import CommitRecord
from pipeline.exit_status import EVERY_FEED_FAILED
from pipeline.facts import RunFacts, collect_facts
from pipeline.graph import RunPlan, build_graph
from pipeline.options import RunOptions, choose_workers
from pipeline.outputs.opening import open_outputs
from pipeline.outputs.publishing import Output, drop_published_files, publish_pending
from pipeline.remedies import describe
from pipeline.runners import beam_options, check_known, check_output, engine_workers
from pipeline.staged_run import StagedRun, commit_staged, stage_rows
from pipeline.version import newsbeam_version
from pipeline.warehouse import Warehouse, open_warehouse
from pipeline.worker_output import sorted_worker_output
from schemas.errors import CommitError
from schemas.flow import Feed, Lineage
from schemas.layout import Layout, RunId
from transforms.annotate_articles import Model
from transforms.ask_feeds import AskedFeeds, ask_feeds
from transforms.feed_lists import read_feed_lists
from transforms.feed_tasks import write_tasks
from transforms.polling import Agenda
from transforms.progress import StageCounter
from transforms.state import StateFiles
from transforms.urls import feed_key
from transforms.write_state import write_manifest

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
        plan = plan_or_idle(warehouse, options, feeds, (model, version))
        if isinstance(plan, RunReport):
            return plan
        with watch(plan):
            _ask_and_make(plan, options, plan.slots)
        report = commit_run(warehouse, plan, options)
        publish_pending(warehouse.layout, outputs)
        return report


def plan_or_idle(
    warehouse: Warehouse, options: RunOptions, feeds: Sequence[Feed], model: tuple[Model, str]
) -> RunPlan | RunReport:
    """Plan a pass with a model and its version; where no feed is due, return the report of that."""
    book = _read_book(warehouse)
    agenda = make_agenda(book, feeds, options, (warehouse.started, model[1]))
    if not agenda.due:
        return _idle_report(warehouse, agenda, book.next_due(listed_keys(agenda), options.poll))
    last = warehouse.last.rows.get("articles") if warehouse.last else None
    workers = choose_workers(wanted_workers(options), len(agenda.due), last)
    return plan_run(warehouse, agenda, *model, workers)


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
) -> Callable[[beam.Pipeline], object]:
    def build(root: beam.Pipeline) -> object:
        source = asked or write_tasks(plan.staging, plan.agenda.due, plan.slots)
        return build_graph(root, plan, options, source)

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
    plan: RunPlan, options: RunOptions, workers: int, build: Callable[[beam.Pipeline], object]
) -> None:
    """Run what `build` adds to a pipeline, to its end; CommitError where it fails."""
    with (
        _told(plan),
        sorted_worker_output() if workers > 1 else nullcontext(),
        beam.Pipeline(options=beam_options(options.beam_args, workers)) as root,
    ):
        build(root)


def commit_run(warehouse: Warehouse, plan: RunPlan, options: RunOptions) -> RunReport:
    """Commit what the graph has staged; CommitError, with the tables as before, if it cannot."""
    with _told(plan):
        staged = staged_run(plan, options)
    keys = listed_keys(plan.agenda)
    committed = commit_staged(staged, plan.state, keys, warehouse.check_lock)
    return report_committed(warehouse, plan, options, committed)


def report_committed(
    warehouse: Warehouse,
    plan: RunPlan,
    options: RunOptions,
    committed: tuple[CommitRecord, RunFacts],
) -> RunReport:
    """Return the report of a run that is in its tables."""
    record, facts = committed
    book = read_book(StateFiles(record.state_paths(plan.layout)))
    seconds = (datetime.now(UTC) - plan.started).total_seconds()
    return RunReport(
        layout=plan.layout,
        run=RunId(plan.lineage.run_id, plan.started.date()),
        facts=facts,
        record=record,
        seconds=seconds,
        workers=plan.slots,
        agenda=plan.agenda,
        next_due=book.next_due(listed_keys(plan.agenda), options.poll),
        finished=warehouse.finished,
        cleared=warehouse.cleared,
    )


def staged_run(plan: RunPlan, options: RunOptions) -> StagedRun:
    """Return what the commit of a run needs; the rows that are known by now are staged."""
    return StagedRun(
        layout=plan.layout,
        lineage=plan.lineage,
        started=plan.started,
        manifest=plan.layout.manifest(plan.lineage.run_id),
        options=json.dumps(dataclasses.asdict(options), sort_keys=True, default=str),
        ahead=stage_rows(plan.staging, gone_rows(plan.agenda, plan.lineage.run_id, plan.started)),
    )


def listed_keys(agenda: Agenda) -> frozenset[str]:
    """The keys of all listed feeds that are asked for from time to time."""
    states = (*(task.state for task in agenda.due), *agenda.not_due, *agenda.gone)
    doubles = (feed_key(feed.url) for feed, _ in agenda.doubles)
    return frozenset((*(state.key for state in states), *doubles))
