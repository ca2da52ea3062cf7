from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import commit as commit_module
from pipeline.commit import (
    CommitRecord,
    commit,
    committed_runs,
    new_run_id,
    plan_moves,
    read_record,
    recover,
    roll_forward,
)
from schemas.errors import CommitError
from schemas.layout import Layout, RunId
from tests.rows import NOW, fetch, known
from transforms import storage
from transforms.parquet_files import StagedFile
from transforms.stage_rows import StagedTables
from transforms.state import StateWriter, number_deltas

RUN = RunId("20261124T083000000000Z", NOW.date())


def stage(layout: Layout, run: RunId = RUN) -> list[StagedFile]:
    """Stage two files of `fetches` and one of the state."""
    files = []
    for number in range(2):
        tables = StagedTables(layout.staging(run.value))
        tables.write_row(fetch(fetch_id=str(number)))
        files += list(tables.close())
    writer = StateWriter(layout.staging(run.value))
    writer.write(known())
    return number_deltas([*files, *writer.close()])


def tree(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(str(tmp_path))


def test_a_commit_puts_every_file_in_its_place(layout: Layout, tmp_path: Path) -> None:
    record = commit(layout, RUN, stage(layout), 0)
    assert tree(tmp_path) == [
        f"_runs/{RUN.value}.json",
        f"_state/{RUN.value}/articles-delta-00000.parquet",
        f"fetches/ingest_date=2026-11-24/part-{RUN.value}-00000.parquet",
        f"fetches/ingest_date=2026-11-24/part-{RUN.value}-00001.parquet",
    ]
    assert record.rows == {"fetches": 2}


def test_the_record_is_read_as_it_was_written(layout: Layout) -> None:
    record = commit(layout, RUN, stage(layout), 3)
    assert read_record(layout, RUN.value) == record
    assert committed_runs(layout) == [RUN.value]


def test_older_state_goes_when_the_new_one_is_in_place(layout: Layout, tmp_path: Path) -> None:
    commit(layout, RUN, stage(layout), 0)
    later = RunId("20261124T084000000000Z", NOW.date())
    commit(layout, later, stage(layout, later), 0)
    states = [path for path in tree(tmp_path) if path.startswith("_state")]
    assert states == [f"_state/{later.value}/articles-delta-00000.parquet"]


@pytest.mark.parametrize("moves_done", [0, 1, 2, 3])
def test_a_crash_between_two_moves_is_rolled_forward(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves_done: int
) -> None:
    undisturbed = tmp_path / "undisturbed"
    commit(Layout(str(undisturbed)), RUN, stage(Layout(str(undisturbed))), 0)
    crashed = tmp_path / "crashed"
    layout = Layout(str(crashed))
    crash_after(monkeypatch, moves_done)
    with pytest.raises(KeyboardInterrupt):
        commit(layout, RUN, stage(layout), 0)
    monkeypatch.undo()
    finished, cleared = recover(layout)
    assert cleared == []
    assert finished == ([RUN.value] if moves_done < 3 else [])
    assert tree(crashed) == tree(undisturbed)
    assert recover(layout) == ([], [])


def crash_after(monkeypatch: pytest.MonkeyPatch, moves: int) -> None:
    """Let the process die at the n-th move: the record's own rename is not counted."""
    left = moves + 1

    def rename(source: str, target: str) -> None:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        original(source, target)

    def delete(folder: str) -> None:
        raise KeyboardInterrupt

    original = storage.rename
    monkeypatch.setattr(commit_module.storage, "rename", rename)
    monkeypatch.setattr(commit_module.storage, "delete_folder", delete)


def test_a_run_without_record_is_cleared(layout: Layout, tmp_path: Path) -> None:
    stage(layout)
    assert recover(layout) == ([], [RUN.value])
    assert tree(tmp_path) == []


def test_without_its_record_no_file_appears(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: str, body: bytes) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(commit_module.storage, "write_atomically", full)
    with pytest.raises(CommitError, match="No space left"):
        commit(layout, RUN, stage(layout), 0)
    assert all(path.startswith("_staging/") for path in tree(tmp_path))


def test_a_lost_file_is_said_and_not_passed_over(layout: Layout) -> None:
    files = stage(layout)
    moves = tuple(plan_moves(layout, RUN, files))
    record = CommitRecord(RUN.value, "", 0, {}, moves, ())
    storage.delete_folder(files[1].path)
    with pytest.raises(CommitError, match="restore"):
        roll_forward(layout, record)


@pytest.mark.parametrize("step", [timedelta(0), timedelta(days=-1), timedelta(microseconds=1)])
def test_run_ids_grow_whatever_the_clock_says(step: timedelta) -> None:
    first = new_run_id(NOW, None)
    second = new_run_id(NOW + step, first.value)
    assert second.value > first.value


def test_a_run_belongs_to_the_utc_day_of_its_start() -> None:
    start = datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)
    assert new_run_id(start, None).day == start.date()
