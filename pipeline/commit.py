"""The commit of a run: all of its files appear, or none.

A run writes below `_staging/<run_id>`. Its commit record, put in place atomically, is the moment
from which the run counts; then each file is renamed into its table. Whatever is killed in between
is finished by the next start, and a run without a record is cleared away.
"""

import dataclasses
import json
import posixpath
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.remedies import describe
from schemas.errors import CommitError
from schemas.layout import Layout, RunId, run_at
from transforms import storage
from transforms.parquet_files import StagedFile
from transforms.write_state import STATE


@dataclass(frozen=True)
class Move:
    """One file's way from the staging folder into its table."""

    source: str  # relative to the warehouse
    target: str  # relative to the warehouse


@dataclass(frozen=True)
class CommitRecord:
    """What `_runs/<run_id>.json` holds."""

    run_id: str
    committed_at: str  # ISO 8601, UTC
    exit_status: int
    rows: dict[str, int]  # by table
    moves: tuple[Move, ...]
    state: tuple[str, ...]  # files of the state that this run leaves, relative to the warehouse

    def state_paths(self, layout: Layout) -> tuple[str, ...]:
        """Return where the files of its state lie."""
        return tuple(map(layout.path, self.state))


def new_run_id(now: datetime, last: str | None) -> RunId:
    """Name a run by its start; later than the last run's name, whatever the clock says."""
    run = run_at(now)
    return run if last is None or run.value > last else RunId(f"{last}+", run.day)


def plan_moves(layout: Layout, run: RunId, files: Iterable[StagedFile]) -> list[Move]:
    """Give every staged file its final path; shards are numbered in the manifest's order."""
    moves = []
    shards: dict[str, int] = {}
    for file in files:
        if file.table.startswith(STATE):
            target = layout.state(run.value, file.group)
        else:
            shard = shards.setdefault(file.table, 0)
            shards[file.table] += 1
            target = layout.part(file.table, run, shard)
        moves.append(Move(_relative(layout, file.path), _relative(layout, target)))
    return moves


def commit(
    layout: Layout,
    run: RunId,
    files: list[StagedFile],
    exit_status: int,
    kept_state: Iterable[str] = (),
) -> CommitRecord:
    """Put a finished run in place; `kept_state` are files of the old state that still count.

    Raises CommitError, with the tables as before, if it cannot; only where the output becomes
    unwritable between the record and the last file, the next start has to finish it.
    """
    rows: dict[str, int] = {}
    for file in files:
        if not file.table.startswith(STATE):
            rows[file.table] = rows.get(file.table, 0) + file.rows
    moves = plan_moves(layout, run, files)
    new_state = (move.target for move in moves if move.target.startswith(f"{STATE}/"))
    state = (*(_relative(layout, path) for path in kept_state), *new_state)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    record = CommitRecord(run.value, now, exit_status, rows, tuple(moves), state)
    body = json.dumps(dataclasses.asdict(record), indent=1).encode()
    try:
        _prepare(layout, moves)
        storage.write_atomically(layout.record(run.value), body)
        storage.make_durable(layout.records())
    except OSError as error:
        with suppress(OSError):
            storage.delete_folder(layout.path(STATE, run.value))
        raise CommitError(f"nothing was committed: {describe(error)}", layout.root) from error
    try:
        roll_forward(layout, record)
    except OSError as error:
        raise CommitError(
            f"run {run.value} is committed, but not all of its files are in their tables yet; the "
            f"next start puts them there: {describe(error)}",
            layout.root,
        ) from error
    return record


def _prepare(layout: Layout, moves: Iterable[Move]) -> None:
    """Do beforehand whatever could fail between the record and the last move.

    Staged files are on the disk, not only in memory, and the folders that they go to exist.
    """
    for folder in sorted({posixpath.dirname(move.target) for move in moves}):
        storage.make_folder(layout.path(folder))
    for move in moves:
        storage.make_durable(layout.path(move.source))


def roll_forward(layout: Layout, record: CommitRecord) -> None:
    """Finish a committed run: move what is not yet moved, drop older states and its staging.

    May be interrupted and called again at any point.
    """
    for move in record.moves:
        source, target = layout.path(move.source), layout.path(move.target)
        if storage.exists(source):
            storage.rename(source, target)
        elif not storage.exists(target):
            raise CommitError(
                f"run {record.run_id} is committed, but its file is gone: restore {move.target} "
                f"from a backup, or delete {layout.record(record.run_id)} to forget the run",
                source,
            )
    for path in _outdated(layout, record):
        storage.delete_folder(path)
    storage.delete_folder(layout.staging(record.run_id))


def _outdated(layout: Layout, record: CommitRecord) -> list[str]:
    """Return the folders and single files of older states."""
    kept = {posixpath.dirname(path) for path in record.state}
    found = set()
    for path in storage.list_files(layout.states()):
        name = _relative(layout, path)
        if posixpath.dirname(name) not in kept:
            found.add(posixpath.dirname(path))
        elif name not in record.state:
            found.add(path)
    return sorted(found)


def recover(layout: Layout) -> tuple[list[str], list[str]]:
    """Finish runs that were killed after their record, clear the rest: (finished, cleared).

    Only for a caller that holds the warehouse's lock.
    """
    finished, cleared = [], []
    for run_id in sorted({_run_of(layout, path) for path in _staged(layout)}):
        if storage.exists(layout.record(run_id)):
            if finish_commit(layout, run_id):
                finished.append(run_id)
        else:
            storage.delete_folder(layout.staging(run_id))
            cleared.append(run_id)
    storage.delete_folder(layout.staging())  # empty folders, too
    for path in list(storage.list_files(layout.records())):
        if path.endswith(storage.TEMPORARY):  # of a run that was killed while writing its record
            storage.delete_folder(path)
    return finished, cleared


def finish_commit(layout: Layout, run_id: str) -> bool:
    """Finish what a run with a record has begun, and say whether something was left to do.

    Only the last run can be under way: nobody starts before that is finished. What lies in the
    staging folder of another was left there by a bundle that came too late, and goes.
    """
    record = read_record(layout, run_id)
    if run_id == committed_runs(layout)[-1] and _is_under_way(layout, record):
        roll_forward(layout, record)
        return True
    storage.delete_folder(layout.staging(run_id))
    return False


def _is_under_way(layout: Layout, record: CommitRecord) -> bool:
    """Say whether a file is still to be moved, or an older state to be dropped."""
    is_staged = any(storage.exists(layout.path(move.source)) for move in record.moves)
    return is_staged or bool(_outdated(layout, record))


def committed_runs(layout: Layout) -> list[str]:
    """Return the ids of the committed runs, oldest first."""
    names = (path.rsplit("/", 1)[-1] for path in storage.list_files(layout.records()))
    return sorted(name.removesuffix(".json") for name in names if name.endswith(".json"))


def read_record(layout: Layout, run_id: str) -> CommitRecord:
    """Read a run's commit record."""
    fields = json.loads(storage.read(layout.record(run_id)))
    fields["moves"] = tuple(Move(**move) for move in fields["moves"])
    fields["state"] = tuple(fields["state"])
    return CommitRecord(**fields)


def last_record(layout: Layout) -> CommitRecord | None:
    """Return the record of the last run that counts."""
    runs = committed_runs(layout)
    return read_record(layout, runs[-1]) if runs else None


def last_state(layout: Layout) -> tuple[str, tuple[str, ...]]:
    """Return the last run that counts, and where the files of its state lie."""
    record = last_record(layout)
    return (record.run_id, record.state_paths(layout)) if record else ("", ())


def _staged(layout: Layout) -> Iterator[str]:
    return storage.list_files(layout.staging())


def _run_of(layout: Layout, path: str) -> str:
    return _relative(layout, path).split("/")[1]


def _relative(layout: Layout, path: str) -> str:
    return path.removeprefix(layout.path(""))
