"""A pass that commits itself: its graph is handed to an engine, and its starter may leave."""

import json
import time
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace

import apache_beam as beam

from pipeline.claim import SUBMITTED, Claim, held_claim, take_claim
from pipeline.commit import read_record
from pipeline.commit_run import CommitOrder, CommitRun, clear_claimed, write_order
from pipeline.graph import RunPlan, build_graph
from pipeline.options import RunOptions
from pipeline.outputs.targets import STREAMING_INSERTS
from pipeline.remedies import describe
from pipeline.run import (
    RunReport,
    Watch,
    execute_graph,
    listed_keys,
    open_for_run,
    plan_or_idle,
    report_committed,
    staged_run,
)
from pipeline.runners import (
    IN_PROCESS,
    beam_options,
    check_known,
    check_output,
    goes_on_alone,
    runner_of,
    writes_template,
)
from pipeline.staged_run import committed_facts
from pipeline.summary import agenda_summary
from pipeline.warehouse import Warehouse, locked
from schemas.errors import CommitError, PublishError, UsageError
from schemas.layout import Layout
from transforms import storage
from transforms.annotate_articles import Model
from transforms.feed_lists import read_feed_lists
from transforms.feed_tasks import write_tasks

LOCK_WAIT_S = 60.0


@dataclass(frozen=True)
class Submission:
    """A run that an engine carries on."""

    layout: Layout
    run_id: str
    runner: str

    @property
    def summary(self) -> str:
        """Path of the file that says what becomes of it."""
        return self.layout.summary(self.run_id)


def submit(options: RunOptions, watch: Watch, model: Model | None = None) -> RunReport | Submission:
    """Hand one pass to an engine, with the commit as the last step of its graph.

    Where the engine lives in this process, or Beam's runner stays for it, the run is waited for and
    reported. Raises UsageError before anything is fetched, CommitError where nothing was committed.
    """
    check_known(options.beam_args)
    check_output(options.beam_args, options.output)
    _check_method(options)
    feeds = read_feed_lists(options.feeds)
    model = model or Model(options.spacy_model)
    version = model.version()
    with ExitStack() as stack:
        with open_for_run(options) as (warehouse, _):
            plan = plan_or_idle(warehouse, options, feeds, (model, version))
            if isinstance(plan, RunReport):
                _submit_nothing(options)
                return plan
            order = _order(plan, options)
            _claim(plan, options, stack)
        _execute(plan, options, order, watch)
    return _outcome(warehouse, plan, options)


def _check_method(options: RunOptions) -> None:
    if options.bigquery.addresses and options.bigquery.method == STREAMING_INSERTS:
        raise UsageError(
            f"{STREAMING_INSERTS} needs a graph of its own after the commit, which nobody would "
            "start here: choose FILE_LOADS or STORAGE_WRITE_API, or leave --detach out"
        )


def _submit_nothing(options: RunOptions) -> None:
    """Give a launcher that waits for the description of a job that of an empty one."""
    if writes_template(options.beam_args):
        with beam.Pipeline(options=beam_options(options.beam_args, 1)) as root:
            _ = root | "NothingDue" >> beam.Create(["no feed is due"])


def _order(plan: RunPlan, options: RunOptions) -> CommitOrder:
    """Say how the run is to be committed; what is long goes into a file."""
    order = CommitOrder(staged_run(plan, options), plan.slots, options.poll, options.bigquery)
    told = {
        "run_id": plan.lineage.run_id,
        "runner": runner_of(options.beam_args),
        "output": plan.layout.root,
        "started": plan.started.isoformat(timespec="seconds"),
        **agenda_summary(plan.agenda),
    }
    write_order(order, listed_keys(plan.agenda), told)
    return order


def _claim(plan: RunPlan, options: RunOptions, stack: ExitStack) -> None:
    """Put the claim in place; it is held, until the stack ends, where the engine ends with us."""
    runner = runner_of(options.beam_args)
    dies = runner in IN_PROCESS
    claim = Claim(plan.lineage.run_id, runner, time.time(), options.silence_s, dies)
    take_claim(plan.layout, claim)
    if dies:
        stack.enter_context(held_claim(plan.layout))


def _execute(plan: RunPlan, options: RunOptions, order: CommitOrder, watch: Watch) -> None:
    is_alone = goes_on_alone(options.beam_args)
    args = (*options.beam_args, "--no_wait_until_finish") if is_alone else options.beam_args

    def build(root: beam.Pipeline) -> object:
        tasks = write_tasks(plan.staging, plan.agenda.due, plan.slots)
        return build_graph(root, plan, options, tasks) | "CommitRun" >> CommitRun(order)

    held = None if is_alone else plan.model.acquire()  # until the graph has found it loaded
    try:
        with nullcontext() if is_alone else watch(plan):
            execute_graph(plan, replace(options, beam_args=args), plan.slots, build)
    except CommitError as error:
        _give_up(plan.layout, plan.lineage.run_id, error)
    del held


def _give_up(layout: Layout, run_id: str, error: CommitError) -> None:
    """Clear a run whose graph has failed; raise what it failed with."""
    with locked(layout, LOCK_WAIT_S):
        if storage.exists(layout.record(run_id)):
            raise PublishError(
                f"run {run_id} is committed, but its last step failed, and the next start goes on "
                f"from there: {describe(error.__cause__ or error)}",
                layout.root,
            ) from error
        clear_claimed(layout, run_id)
    raise error


def _outcome(warehouse: Warehouse, plan: RunPlan, options: RunOptions) -> RunReport | Submission:
    """Report a run that is committed by now; else say who carries it on."""
    layout, run_id = plan.layout, plan.lineage.run_id
    if goes_on_alone(options.beam_args):
        return Submission(layout, run_id, runner_of(options.beam_args))
    record = read_record(layout, run_id)
    facts = committed_facts(layout, record)
    return report_committed(warehouse, plan, options, (record, facts))


def submitted(submission: Submission) -> str:
    """Return what is printed of a run that an engine carries on."""
    return (
        f"submitted  run {submission.run_id} to {submission.runner}, which commits it\n"
        f"summary    {submission.summary}\n"
        f"tables     {submission.layout.root}"
    )


def submission_json(submission: Submission) -> str:
    """Return the same as one line of JSON."""
    line = {
        "run_id": submission.run_id,
        "status": SUBMITTED,
        "runner": submission.runner,
        "output": submission.layout.root,
        "summary": submission.summary,
    }
    return json.dumps(line, ensure_ascii=False)
