"""A committed run as an output takes it: its files by table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.commit import CommitRecord
from schemas.layout import PARTITION, Layout
from schemas.tables import TABLES


@dataclass(frozen=True)
class CommittedTable:
    """What a run wrote to one table."""

    table: str
    files: tuple[str, ...]  # whole paths
    rows: int


@dataclass(frozen=True)
class CommittedRun:
    """What a run wrote."""

    run_id: str
    day: date  # of its partition
    tables: tuple[CommittedTable, ...]  # those with rows, in the order of `TABLES`


def committed_run(layout: Layout, record: CommitRecord) -> CommittedRun | None:
    """Return what a record lists; None where the run left no rows at all."""
    paths: dict[str, list[str]] = {}
    days: set[str] = set()
    for move in record.moves:
        table, _, rest = move.target.partition("/")
        if table in TABLES:
            paths.setdefault(table, []).append(layout.path(move.target))
            days.add(rest.partition("/")[0].removeprefix(PARTITION))
    if not days:
        return None
    (day,) = days
    return CommittedRun(record.run_id, date.fromisoformat(day), _tables(paths, record.rows))


def _tables(paths: Mapping[str, list[str]], rows: Mapping[str, int]) -> tuple[CommittedTable, ...]:
    return tuple(
        CommittedTable(name, tuple(paths[name]), rows[name])
        for name in TABLES
        if name in paths and rows[name]
    )
