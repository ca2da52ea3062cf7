"""The last step of a graph that nobody waits for: it commits what the graph has staged.

A bundle may run twice, at once or one after the other, and may come back from the dead. So the step
does its work under the warehouse's lock, and only while the claim names its run (`pipeline.claim`):

| record | claim | what the step does |
|---|---|---|
| none | its own | commits |
| there | its own | finishes what a bundle before it has begun |
| there | none, or another's | nothing: all of it was done |
| none | none, or another's | fails: the run was given up, and its files are cleared |

Rows are published (BigQuery) after that, in each case: publishing begins where it was left off.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam

from pipeline.agenda import read_book
from pipeline.claim import COMMITTED, SUBMITTED, drop_claim, read_claim, settle_claim
from pipeline.commit import CommitRecord, finish_commit, last_state, read_record, recover
from pipeline.outputs.opening import make_outputs
from pipeline.outputs.publishing import publish_pending
from pipeline.outputs.targets import BigQueryOptions
from pipeline.staged_run import Check, StagedRun, commit_staged, committed_facts
from pipeline.summary import facts_summary
from pipeline.warehouse import locked
from schemas.errors import CommitError
from schemas.layout import Layout
from transforms import storage
from transforms.polling import PollOptions
from transforms.state import StateFiles

LOCK_WAIT_S = 900.0  # for a start that only looks, or another bundle of the same step

log = logging.getLogger("newsbeam.commit")


@dataclass(frozen=True)
class CommitOrder:
    """What the step needs to know; what grows with the feeds is in a file (`write_order`)."""

    staged: StagedRun
    workers: int
    poll: PollOptions
    bigquery: BigQueryOptions

    @property
    def path(self) -> str:
        """Where the order lies until the run is done, and its summary afterwards."""
        return self.staged.layout.summary(self.staged.run.value)


@dataclass
class CommitRun(beam.PTransform):  # type: ignore[misc]
    """PCollection with the manifest's path, once all is staged → the run's id, once it counts."""

    order: CommitOrder

    def expand(self, manifest: beam.PCollection) -> beam.PCollection:
        """Keep what comes before from being repeated with the commit."""
        return manifest | "Staged" >> beam.Reshuffle() | "Commit" >> beam.ParDo(_Commit(self.order))


class _Commit(beam.DoFn):  # type: ignore[misc]
    def __init__(self, order: CommitOrder) -> None:
        self._order = order

    def process(self, manifest: str) -> Iterator[str]:
        commit_in_graph(self._order)
        yield self._order.staged.run.value


def write_order(order: CommitOrder, listed: Iterable[str], told: Mapping[str, Any]) -> None:
    """Leave the listed feeds' keys for the step, and what the starter has to tell of the pass."""
    body = {"status": SUBMITTED, **told, "listed": sorted(listed)}
    storage.write_atomically(order.path, json.dumps(body, ensure_ascii=False).encode())


def commit_in_graph(order: CommitOrder) -> None:
    """Commit a run whose claim is in place, write its summary, take the claim away, publish.

    Raises CommitError where the run was given up or cannot be committed, PublishError where another
    output has not got it; calling it again goes on from there.
    """
    layout, run_id = order.staged.layout, order.staged.run.value
    with locked(layout, LOCK_WAIT_S) as lease:
        check = lease.check if lease else no_check
        if commit_claimed(order.staged, run_id, order.path, check):
            _write_summary(order)
            drop_claim(layout)
        publish_pending(layout, make_outputs(order.bigquery, ()))
    log.info("run %s is committed in %s", run_id, layout.root)


def commit_claimed(staged: StagedRun, claimed_by: str, listed: str, check_lock: Check) -> bool:
    """Commit a run under the claim of `claimed_by`; False where nothing was left to do.

    `listed` is the path of the order that names the listed feeds. May be called again at any point.
    Only for a caller that holds the lock.
    """
    layout, run_id = staged.layout, staged.run.value
    claim = read_claim(layout)
    is_ours = claim is not None and claim.run_id == claimed_by
    is_committed = storage.exists(layout.record(run_id))
    if not is_ours and not is_committed:
        raise CommitError(
            f"run {run_id} was given up, as it was silent for too long, or by hand; nothing of it "
            "was committed",
            layout.root,
        )
    if not is_ours:
        storage.delete_folder(layout.staging(run_id))  # what this bundle wrote, too late
        return False
    if is_committed:
        finish_commit(layout, run_id)
        return True
    keys = json.loads(storage.read(listed))["listed"]
    _, state = last_state(layout)
    commit_staged(staged, StateFiles(state), keys, check_lock)
    return True


def clear_claimed(layout: Layout, run_id: str) -> None:
    """Clear what a run has staged and take its claim away, where that is still its own.

    Only for a caller that holds the lock.
    """
    claim = read_claim(layout)
    if claim is not None and claim.run_id == run_id:
        recover(layout)
        settle_claim(layout)


def no_check() -> None:
    """A local lock cannot be lost."""


def _write_summary(order: CommitOrder) -> None:
    """Put the summary in the order's place."""
    layout = order.staged.layout
    told = json.loads(storage.read(order.path))
    if "listed" not in told:
        return  # a bundle before this one has written it
    listed = told.pop("listed")
    record = read_record(layout, order.staged.run.value)
    summary = {**told, **_committed_summary(order, record, listed)}
    storage.write_atomically(order.path, json.dumps(summary, ensure_ascii=False).encode())


def _committed_summary(
    order: CommitOrder, record: CommitRecord, listed: Iterable[str]
) -> dict[str, Any]:
    layout = order.staged.layout
    book = read_book(StateFiles(record.state_paths(layout)))
    due = book.next_due(frozenset(listed), order.poll)
    seconds = (datetime.now(UTC) - order.staged.started).total_seconds()
    return {
        "status": COMMITTED,
        "exit_status": record.exit_status,
        "seconds": round(seconds, 1),
        "workers": order.workers,
        "next_due": due.isoformat(timespec="seconds") if due else None,
        **facts_summary(committed_facts(layout, record)),
    }
