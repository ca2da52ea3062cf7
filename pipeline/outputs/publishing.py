"""Bring committed runs to the other outputs: each once, in order, whoever was killed in between.

A cursor a dataset, `_published/<project>.<dataset>.json`, names the last run that it has. It is
moved after a run was published, and publishing a run again changes nothing: a start that finds runs
after the cursor publishes them, and nothing is lost or doubled.
"""

import json
from collections.abc import Iterable
from typing import Protocol

from pipeline.commit import committed_runs, read_record
from pipeline.outputs.committed import CommittedRun, committed_run
from schemas.errors import PublishError
from schemas.layout import Layout
from schemas.tables import TABLES
from transforms import storage


class Output(Protocol):
    """A place besides the files that gets every committed run."""

    @property
    def name(self) -> str:
        """Name of its cursor; tells it from all others."""

    def prepare(self) -> None:
        """See that it can be written, and make what is missing; OutputError where it cannot."""

    def publish(self, run: CommittedRun) -> None:
        """Add a run's rows, all at once and once; PublishError where that fails."""


def publish_pending(layout: Layout, outputs: Iterable[Output]) -> list[str]:
    """Publish what was committed after each output's cursor; return the runs' ids.

    An output that is met for the first time starts with the next run. Only for a caller that holds
    the warehouse's lock.
    """
    published = []
    for output in outputs:
        cursor = _read_cursor(layout, output)
        runs = committed_runs(layout)
        if cursor is None:
            _move_cursor(layout, output, runs[-1] if runs else "")
            continue
        for run_id in runs:
            if run_id > cursor:
                _publish(layout, output, run_id)
                _move_cursor(layout, output, run_id)
                published.append(run_id)
    return published


def first_waiting(layout: Layout, runs: Iterable[str]) -> str | None:
    """Return the name of an output that has not got all of these runs yet; None: all have."""
    newest = max(runs, default="")
    for path in storage.list_files(layout.path("_published")):
        if path.endswith(".json") and newest > str(json.loads(storage.read(path))["last"]):
            return path
    return None


def drop_published_files(layout: Layout, outputs: Iterable[Output]) -> None:
    """Delete the tables' files that every output has, but those of the last run."""
    cursors = [_read_cursor(layout, output) or "" for output in outputs]
    oldest = min(cursors, default="")
    for table in TABLES:
        for path in list(storage.list_files(layout.table(table))):
            if _run_of(path) < oldest:
                storage.delete_folder(path)


def _publish(layout: Layout, output: Output, run_id: str) -> None:
    run = committed_run(layout, read_record(layout, run_id))
    if run is None:
        return
    lost = [path for table in run.tables for path in table.files if not storage.exists(path)]
    if lost:
        raise PublishError(
            f"run {run_id} was not published, and its file {lost[0]} is gone: restore it, or load "
            f"the run by hand and write its id into {_cursor(layout, output)}",
            output.name,
        )
    try:
        output.publish(run)
    except PublishError as error:
        raise PublishError(
            f"run {run_id} is committed in {layout.root}, but not here: {error.message}. The next "
            "start tries again; no row of the run is visible here",
            error.target,
        ) from error


def _cursor(layout: Layout, output: Output) -> str:
    return layout.path("_published", f"{output.name}.json")


def _read_cursor(layout: Layout, output: Output) -> str | None:
    path = _cursor(layout, output)
    return str(json.loads(storage.read(path))["last"]) if storage.exists(path) else None


def _move_cursor(layout: Layout, output: Output, run_id: str) -> None:
    storage.write_atomically(_cursor(layout, output), json.dumps({"last": run_id}).encode())


def _run_of(path: str) -> str:
    return path.rsplit("/part-", 1)[-1].rsplit("-", 1)[0]
