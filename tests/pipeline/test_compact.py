import json
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline import compact as compact_module
from pipeline import compaction as compaction_module
from pipeline.cli import main
from pipeline.commit import committed_runs, read_record
from pipeline.committed_files import committed_files
from pipeline.compact import compact
from pipeline.exchange import ExchangeUnsupportedError
from pipeline.warehouse import open_warehouse
from schemas.errors import LockedError, OutputError
from schemas.layout import Layout
from tests.pipeline.running import rows
from tests.pipeline.warehouses import RUNS_A_DAY, commit_run, files, fill

TODAY = date(2026, 11, 24)
DAYS = (date(2026, 11, 21), date(2026, 11, 22), TODAY)
FILLED = ("articles", "quotes", "fetches")


def content(output: Path) -> dict[str, list[str]]:
    """All rows of all tables with their day, as a reader of the folders sees them."""
    return {table: sorted(map(repr, rows(output, table))) for table in FILLED}


def record_content(layout: Layout) -> dict[str, list[str]]:
    """The same for a reader that goes through the commit records."""
    found = {}
    for table, files_of_table in committed_files(layout).items():
        if table in FILLED:
            read = [
                row for f in files_of_table for row in pq.ParquetFile(f.path).read().to_pylist()
            ]
            found[table] = sorted(map(repr, read))
    return found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of several days; only to be copied."""
    output = tmp_path_factory.mktemp("filled") / "warehouse"
    fill(output, DAYS)
    return output


@pytest.fixture
def output(filled: Path, tmp_path: Path) -> Path:
    """A warehouse of several days, for one test."""
    return Path(shutil.copytree(filled, tmp_path / "warehouse"))


def test_a_closed_day_is_one_file_a_table_with_the_same_rows(output: Path) -> None:
    before = content(output)
    report = compact(str(output), today=TODAY)
    assert content(output) == before
    for table in FILLED:
        by_day = [path.split("/")[0] for path in files(output, table)]
        assert [by_day.count(f"ingest_date={day}") for day in DAYS] == [1, 1, RUNS_A_DAY]
    assert {(m.files_before, m.files_after) for m in report.merged} == {(RUNS_A_DAY, 1)}


def test_today_is_left_alone(output: Path) -> None:
    before = [path for path in files(output, "articles") if str(TODAY) in path]
    compact(str(output), today=TODAY)
    assert [path for path in files(output, "articles") if str(TODAY) in path] == before


@pytest.mark.parametrize(
    ("table", "column"), [("articles", "canonical_domain"), ("quotes", "speaker_canonical")]
)
def test_merged_rows_are_clustered(output: Path, table: str, column: str) -> None:
    compact(str(output), today=TODAY)
    (path,) = (output / table / f"ingest_date={DAYS[0]}").iterdir()
    values = pq.read_table(path)[column].to_pylist()
    assert values == sorted(values, key=lambda value: (value is None, value))
    assert pq.read_metadata(path).row_group(0).sorting_columns


def test_a_second_compaction_finds_nothing_to_do(output: Path) -> None:
    compact(str(output), today=TODAY)
    before = files(output, "quotes")
    assert compact(str(output), today=TODAY).merged == ()
    assert files(output, "quotes") == before


def test_a_late_run_is_merged_into_the_day(output: Path) -> None:
    compact(str(output), today=TODAY)
    commit_run(Layout(str(output)), DAYS[0], 23)
    before = content(output)
    assert record_content(Layout(str(output))) == without_day(before)
    compact(str(output), today=TODAY)
    assert content(output) == before
    assert len(os.listdir(output / "quotes" / f"ingest_date={DAYS[0]}")) == 1


def without_day(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Rows as single files hold them: without the column that only the path has."""
    return {
        table: sorted(row[: row.rindex(", 'ingest_date'")] + "}" for row in listed)
        for table, listed in found.items()
    }


def test_readers_of_the_commit_records_see_the_same_rows(output: Path) -> None:
    layout = Layout(str(output))
    before = record_content(layout)
    compact(str(output), today=TODAY)
    assert record_content(layout) == before


def test_records_of_merged_runs_go_and_the_last_ones_stay(output: Path) -> None:
    layout = Layout(str(output))
    runs = committed_runs(layout)
    compact(str(output), today=TODAY)
    assert committed_runs(layout) == runs[-RUNS_A_DAY:]


def test_the_state_of_the_last_run_survives(tmp_path: Path) -> None:
    layout = fill(tmp_path, DAYS[:1])
    last = read_record(layout, committed_runs(layout)[-1])
    compact(str(tmp_path), today=TODAY, retain_days=1)
    with open_warehouse(str(tmp_path)) as warehouse:
        assert warehouse.last == last
    assert committed_files(layout)["articles"] == []


def test_old_days_are_dropped_whole(output: Path) -> None:
    report = compact(str(output), retain_days=2, today=TODAY)
    assert report.dropped == (DAYS[0],)
    for table in FILLED:
        assert not (output / table / f"ingest_date={DAYS[0]}").exists()
        assert {str(row["ingest_date"]) for row in rows(output, table)} == set(map(str, DAYS[1:]))
    assert os.listdir(output / "_compactions") == [f"{DAYS[1]}.json"]


def test_runs_that_another_output_waits_for_are_left_alone(output: Path) -> None:
    first_day = committed_runs(Layout(str(output)))[RUNS_A_DAY - 1]
    cursor = output / "_published" / "project.dataset.json"
    cursor.parent.mkdir()
    cursor.write_text(json.dumps({"last": first_day}))
    assert {merged.day for merged in compact(str(output), today=TODAY).merged} == {DAYS[0]}
    assert compact(str(output), retain_days=1, today=TODAY).dropped == (DAYS[0],)


def test_what_newsbeam_did_not_make_is_left_as_it_is(output: Path) -> None:
    notes = output / "articles" / f"ingest_date={DAYS[0]}" / "notes.txt"
    notes.write_text("by hand")
    compact(str(output), today=TODAY)
    assert notes.read_text() == "by hand"
    assert len(os.listdir(notes.parent)) == RUNS_A_DAY + 1


def test_a_broken_file_stops_its_day_alone(output: Path) -> None:
    broken = output / "quotes" / f"ingest_date={DAYS[0]}" / "part-broken.parquet"
    broken.write_bytes(b"no parquet")
    report = compact(str(output), today=TODAY)
    assert [str(broken) in str(error) for error in report.failed] == [True]
    assert {merged.day for merged in report.merged} == {DAYS[1]}
    assert len(os.listdir(output / "articles" / f"ingest_date={DAYS[0]}")) == RUNS_A_DAY
    assert not list((output / "_staging").iterdir())


def test_a_file_system_that_cannot_swap_is_told_and_nothing_changes(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(output, "articles")
    monkeypatch.setattr(compact_module, "can_exchange", lambda folder: False)
    report = compact(str(output), today=TODAY)
    assert "cannot swap" in str(report.failed[0])
    assert files(output, "articles") == before


class Crash(BaseException):
    """The process dies here."""


def crash_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Die at the n-th step that changes something once the record is to be written."""
    left = step

    def dying(original: Callable[..., Any]) -> Callable[..., Any]:
        def act(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            if left == 0:
                raise Crash
            left -= 1
            return original(*arguments, **options)

        return act

    for name in ("exchange", "_swap", "_folded_runs"):
        original = getattr(compaction_module, name)
        monkeypatch.setattr(compaction_module, name, dying(original))
    for name in ("write_atomically", "delete_folder"):
        original = getattr(compaction_module.storage, name)
        monkeypatch.setattr(compaction_module.storage, name, dying(original))
    for name in ("remove", "rename"):
        monkeypatch.setattr(compaction_module.os, name, dying(getattr(os, name)))


@pytest.mark.parametrize("retain_days", [None, 2])
@pytest.mark.parametrize("step", range(0, 40, 2))
def test_a_crash_at_any_step_is_mended_by_the_next_start(
    output: Path, monkeypatch: pytest.MonkeyPatch, step: int, retain_days: int | None
) -> None:
    layout, before = Layout(str(output)), content(output)
    by_record = record_content(layout)
    with monkeypatch.context() as dying:
        crash_at(dying, step)
        with suppress(Crash):
            compact(str(output), retain_days, today=TODAY)
    if retain_days is None:
        assert content(output) == before
        assert record_content(layout) == by_record
    with open_warehouse(str(output)):
        assert not (output / "_staging").exists()
    compact(str(output), retain_days, today=TODAY)
    expected = before if retain_days is None else kept(before)
    assert content(output) == expected
    assert record_content(layout) == without_day(expected)
    assert not [name for name in os.listdir(output / "_compactions") if "drop" in name]


def kept(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """The rows of all days but the first."""
    gone = repr(str(DAYS[0]))
    return {t: [row for row in listed if gone not in row] for t, listed in found.items()}


def test_readers_of_the_folders_see_every_row_once_at_every_moment(output: Path) -> None:
    folder = output / "quotes"
    total = len(rows(output, "quotes"))
    counts, done = set(), threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                listed = list(folder.rglob("*.parquet"))
                counts.add(sum(pq.read_metadata(path).num_rows for path in listed))
            except FileNotFoundError:
                continue  # listed before a swap, opened after it: said, not passed over

    reader = threading.Thread(target=read)
    reader.start()
    compact(str(output), today=TODAY)
    done.set()
    reader.join()
    assert counts == {total}


def test_a_run_that_writes_is_waited_for_and_then_named(output: Path) -> None:
    with open_warehouse(str(output)), pytest.raises(LockedError, match=str(os.getpid())):
        compact(str(output), wait_s=0.3, today=TODAY)


@pytest.mark.parametrize("output_name", ["gs://bucket/tables", "no-such-folder"])
def test_what_is_no_local_warehouse_is_refused(output_name: str) -> None:
    with pytest.raises(OutputError, match=r"no (local )?folder"):
        compact(output_name)


def test_the_command_says_what_it_did(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compact", str(output), "--retain", "100000", "--log-format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["dropped"] == []
    assert {(m["files_before"], m["files_after"]) for m in said["merged"]} == {(RUNS_A_DAY, 1)}


def test_the_command_fails_where_a_day_fails(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(first: str, second: str) -> None:
        raise ExchangeUnsupportedError(22, "Invalid argument")

    monkeypatch.setattr("pipeline.exchange.exchange", refuse)
    assert main(["compact", str(output)]) == 4
    assert "cannot swap" in capsys.readouterr().out


@pytest.mark.parametrize("days", ["0", "-1", "many"])
def test_days_are_checked(days: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["compact", "somewhere", "--retain", days])
