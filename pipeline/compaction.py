"""The record that a day was merged or dropped, and what has to happen once it is in place.

The merged files of a table lie ready as a folder below `_staging/<id>`; the folder of the day is
swapped with it in one step. A reader that lists files sees the old ones or the new ones, never both
and never neither. Whatever is killed in between is finished by the next start.
"""

import dataclasses
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from pipeline.commit import CommitRecord, committed_runs, read_record
from pipeline.exchange import exchange
from schemas.errors import CommitError
from schemas.layout import Layout
from schemas.tables import TABLES
from transforms import storage

PREFIX = "compact-"  # of the ids, and so of the staging folders, of compactions
DROP = "drop"


@dataclass(frozen=True)
class DayRecord:
    """What `_compactions/<day>.json` holds, or `<day>.drop.json` where the day is dropped."""

    id: str
    day: str  # ISO 8601
    committed_at: str  # ISO 8601, UTC
    files: dict[str, list[str]]  # names of the merged files, by table; empty where it is dropped
    rows: dict[str, int]  # by table


def commit_day(layout: Layout, record: DayRecord, kind: str = "") -> None:
    """Put a day's record in place and do what it says; raises OSError, nothing done, without it."""
    path = layout.compaction(date.fromisoformat(record.day), kind)
    storage.write_atomically(path, json.dumps(dataclasses.asdict(record), indent=1).encode())
    storage.make_durable(layout.compactions())
    _finish(layout, record, kind)


def recover_days(layout: Layout) -> tuple[str, ...]:
    """Finish the days whose record is in place, clear what has none; return the days finished.

    Only for a caller that holds the warehouse's lock, before it looks after runs.
    """
    finished = []
    staged = _names(layout.staging(), PREFIX)
    for name in _names(layout.compactions()):
        path = f"{layout.compactions()}/{name}"
        if name.endswith(storage.TEMPORARY):
            os.remove(path)
            continue
        kind = DROP if name.endswith(f".{DROP}.json") else ""
        if not kind and not staged:
            continue
        record = _read(path)
        if kind or record.id in staged:
            _finish(layout, record, kind)
            finished.append(record.day)
    for name in _names(layout.staging(), PREFIX):
        storage.delete_folder(layout.staging(name))
    return tuple(finished)


def _finish(layout: Layout, record: DayRecord, kind: str) -> None:
    """Do what a record says, from wherever it was left off; may be interrupted anywhere."""
    day = date.fromisoformat(record.day)
    staging = layout.staging(record.id)
    for table, names in record.files.items():
        if not os.path.exists(f"{layout.day(table, day)}/{names[0]}"):
            _swap(f"{staging}/{table}", layout.day(table, day), record)
    if kind == DROP:
        os.makedirs(staging, exist_ok=True)
        for table in TABLES:
            with suppress(FileNotFoundError):
                os.rename(layout.day(table, day), f"{staging}/{table}")
        with suppress(FileNotFoundError):
            os.remove(layout.compaction(day))
    for run in _folded_runs(layout, day):
        os.remove(layout.record(run))
        with suppress(FileNotFoundError):
            os.remove(layout.summary(run))
    storage.delete_folder(staging)
    if kind == DROP:
        os.remove(layout.compaction(day, DROP))


def _swap(merged: str, folder: str, record: DayRecord) -> None:
    if not os.path.isdir(merged):
        raise CommitError(
            f"the merged files of {record.day} are gone, restore {folder} from a backup", merged
        )
    exchange(merged, folder)
    storage.make_durable(os.path.dirname(folder))


def _folded_runs(layout: Layout, day: date) -> list[str]:
    """Return the runs of a day whose records are of no more use: their files are merged or gone.

    The last run's record stays: it says where the state lies.
    """
    runs = committed_runs(layout)[:-1]
    of_day = [run for run in runs if run.startswith(day.strftime("%Y%m%d"))]
    return [run for run in of_day if _is_gone(layout, read_record(layout, run))]


def _is_gone(layout: Layout, record: CommitRecord) -> bool:
    tables = [move.target for move in record.moves if move.target.split("/")[0] in TABLES]
    return not any(os.path.exists(layout.path(target)) for target in tables)


def _read(path: str) -> DayRecord:
    return DayRecord(**json.loads(storage.read(path)))


def _names(folder: str, prefix: str = "") -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.startswith(prefix))
    except (FileNotFoundError, NotADirectoryError):
        return []
