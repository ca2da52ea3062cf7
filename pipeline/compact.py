"""Housekeeping: merge the many small files of closed days, drop days that are too old."""

import logging
import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from pipeline.compaction import DROP, PREFIX, DayRecord, commit_day
from pipeline.exchange import can_exchange
from pipeline.merge import MergedFile, merge_files
from pipeline.outputs.publishing import first_waiting
from pipeline.remedies import describe
from pipeline.warehouse import open_warehouse
from schemas.errors import CommitError, OutputError
from schemas.layout import PARTITION, Layout
from schemas.tables import TABLES, arrow_schema
from transforms import storage

SUFFIX = ".parquet"

log = logging.getLogger("newsbeam.compact")


@dataclass(frozen=True)
class MergedDay:
    """What became of one day of one table."""

    table: str
    day: date
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int
    rows: int


@dataclass(frozen=True)
class CompactReport:
    """What a compaction did."""

    merged: tuple[MergedDay, ...] = ()
    dropped: tuple[date, ...] = ()
    failed: tuple[CommitError, ...] = ()


@dataclass(frozen=True)
class _Task:
    """One day of one table that is to be merged."""

    table: str
    day: date
    names: tuple[str, ...]  # of its files


def compact(
    output: str, retain_days: int | None = None, wait_s: float = 0.0, today: date | None = None
) -> CompactReport:
    """Merge the files of each closed day, by table, and drop the days older than `retain_days`.

    A day is closed when it is before today (UTC). The lock is held a day at a time, so that runs
    come in between. Raises OutputError where the output cannot be written or is in use for longer
    than `wait_s`. A day that fails is as before, is in the report and does not stop the others.
    """
    layout = _local(output)
    today = today or datetime.now(UTC).date()
    oldest = today - timedelta(days=retain_days) if retain_days is not None else date.min
    report = CompactReport()
    for day in sorted({day for table in TABLES for day in _days(layout, table) if day < today}):
        try:
            with open_warehouse(output, wait_s):
                report = _keep_house(layout, day, day < oldest, report)
        except CommitError as error:  # one bad file must not keep other days from being merged
            log.error("%s", error)
            report = replace(report, failed=(*report.failed, error))
    return report


def _keep_house(layout: Layout, day: date, is_old: bool, report: CompactReport) -> CompactReport:
    output = first_waiting(layout, _runs(layout, day))
    if output is not None:
        log.warning("%s is left as it is: %s has not got all of its runs yet", day, output)
        return report
    try:
        if is_old:
            _drop(layout, day)
            return replace(report, dropped=(*report.dropped, day))
        return replace(report, merged=(*report.merged, *_merge_day(layout, day)))
    except (OSError, pa.ArrowException) as error:
        raise CommitError(f"{day} is as before: {describe(error)}", layout.root) from error


def _local(output: str) -> Layout:
    if storage.is_remote(output):
        raise OutputError(
            "is no local folder: an object store has no step that swaps many files for few", output
        )
    if not os.path.isdir(output):
        raise OutputError("is no folder; name the --output of `newsbeam run`", output)
    return Layout(os.path.abspath(output))


def _days(layout: Layout, table: str) -> Iterator[date]:
    """Yield the days of which a table has a folder."""
    if not os.path.isdir(layout.table(table)):
        return
    for name in os.listdir(layout.table(table)):
        if name.startswith(PARTITION):
            try:
                yield date.fromisoformat(name.removeprefix(PARTITION))
            except ValueError:
                continue


def _runs(layout: Layout, day: date) -> set[str]:
    """Return the runs whose files, not merged yet, a day holds."""
    paths = (path for table in TABLES for path in storage.list_files(layout.day(table, day)))
    makers = (_maker(posixpath.basename(path)).removeprefix("part-") for path in paths)
    return {maker for maker in makers if not maker.startswith(PREFIX)}


def _drop(layout: Layout, day: date) -> None:
    for table in TABLES:
        if os.path.isdir(layout.day(table, day)):
            _check_disk(layout, layout.day(table, day))
    commit_day(layout, _record(_new_id(), day, {}), DROP)


def _merge_day(layout: Layout, day: date) -> list[MergedDay]:
    """Merge one day of all tables that gain by it, and commit them together."""
    tasks = [task for table in TABLES if (task := _task(layout, table, day))]
    if not tasks:
        return []
    new_id = _new_id()
    _check_exchange(layout, new_id)
    written = {task.table: _merge(layout, task, new_id) for task in tasks}
    done = [_result(layout, task, written[task.table]) for task in tasks]
    commit_day(layout, _record(new_id, day, written))
    return done


def _new_id() -> str:
    return datetime.now(UTC).strftime(f"{PREFIX}%Y%m%dT%H%M%S%fZ")


def _record(new_id: str, day: date, written: dict[str, list[MergedFile]]) -> DayRecord:
    return DayRecord(
        id=new_id,
        day=day.isoformat(),
        committed_at=datetime.now(UTC).isoformat(timespec="seconds"),
        files={
            table: [posixpath.basename(f.path) for f in files] for table, files in written.items()
        },
        rows={table: sum(file.rows for file in files) for table, files in written.items()},
    )


def _task(layout: Layout, table: str, day: date) -> _Task | None:
    """Return what is to be merged; None where there is nothing to gain or something unknown."""
    folder = layout.day(table, day)
    if not os.path.isdir(folder):
        return None
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    strange = [e.name for e in found if not (e.is_file() and e.name.endswith(SUFFIX))]
    if strange or os.path.islink(folder):
        log.warning(
            "%s is left as it is: newsbeam did not make %s",
            folder,
            ", ".join(strange) or "the link",
        )
        return None
    names = tuple(entry.name for entry in found)
    is_merged = names[:1] and names[0].startswith(f"part-{PREFIX}")
    gains = len(names) > 1 and not (is_merged and len(set(map(_maker, names))) == 1)
    return _Task(table, day, names) if gains else None


def _maker(name: str) -> str:
    """Return what a file's name says before the number of its shard: who made it."""
    return name.rpartition("-")[0]


def _check_exchange(layout: Layout, new_id: str) -> None:
    if not can_exchange(layout.staging(new_id)):
        raise CommitError(
            "nothing was merged: this file system cannot swap two folders in one step "
            "(renameat2 with RENAME_EXCHANGE: Linux with ext4, xfs, btrfs or tmpfs can)",
            layout.root,
        )


def _check_disk(layout: Layout, folder: str) -> None:
    if os.stat(folder).st_dev != os.stat(layout.root).st_dev:
        raise CommitError("left as it is: it lies on another disk than its warehouse", folder)


def _merge(layout: Layout, task: _Task, new_id: str) -> list[MergedFile]:
    """Write the merged files of one table to the staging folder."""
    source, staged = layout.day(task.table, task.day), f"{layout.staging(new_id)}/{task.table}"
    _check_disk(layout, source)
    os.makedirs(staged)
    table = TABLES[task.table]
    paths = [f"{source}/{name}" for name in task.names]
    written = merge_files(paths, staged, f"part-{new_id}", arrow_schema(table), table.cluster_by)
    for path in (*(file.path for file in written), staged):
        storage.make_durable(path)
    return written


def _result(layout: Layout, task: _Task, written: list[MergedFile]) -> MergedDay:
    folder = layout.day(task.table, task.day)
    return MergedDay(
        table=task.table,
        day=task.day,
        files_before=len(task.names),
        files_after=len(written),
        bytes_before=sum(os.path.getsize(f"{folder}/{name}") for name in task.names),
        bytes_after=sum(os.path.getsize(file.path) for file in written),
        rows=sum(file.rows for file in written),
    )
