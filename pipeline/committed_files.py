"""The tables' files that count: those of committed runs, wherever they lie at the moment."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.commit import read_record
from schemas.layout import PARTITION, Layout
from schemas.tables import TABLES
from transforms import storage


@dataclass(frozen=True)
class DataFile:
    """One Parquet file of a table, and the day of the run that wrote it."""

    path: str
    day: str  # ISO 8601, as the partition's folder says it


def committed_files(layout: Layout) -> dict[str, list[DataFile]]:
    """Return each table's files that committed runs have written.

    A run counts from its commit record on, so what a record names but is not yet moved is taken
    from where it is staged: a reader sees all of a run or nothing.
    """
    waiting = dict(_waiting(layout))  # before the tables: a file that is moved meanwhile is in both
    files: dict[str, list[DataFile]] = {}
    for table in TABLES:
        there = {path: path for path in storage.list_files(layout.table(table)) if _is_part(path)}
        for target, source in waiting.items():
            if target.startswith(f"{layout.table(table)}/"):
                there.setdefault(target, source)
        files[table] = [DataFile(path, _day(target)) for target, path in sorted(there.items())]
    return files


def _is_part(path: str) -> bool:
    return path.endswith(".parquet") and "/part-" in path


def _day(target: str) -> str:
    return target.split("/")[-2].removeprefix(PARTITION)


def _waiting(layout: Layout) -> Iterator[tuple[str, str]]:
    """Yield target and source of the files that committed runs have not yet put in place."""
    staged = set(storage.list_files(layout.staging()))
    root = layout.path("")
    for run_id in sorted({path.removeprefix(root).split("/")[1] for path in staged}):
        if storage.exists(layout.record(run_id)):
            for move in read_record(layout, run_id).moves:
                if layout.path(move.source) in staged:
                    yield layout.path(move.target), layout.path(move.source)
