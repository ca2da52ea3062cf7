"""The last step of a detached graph: done once, however often and from wherever it is begun."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from pipeline.claim import Claim, read_claim, take_claim
from pipeline.commit import committed_runs, read_record, recover
from pipeline.commit_run import CommitOrder, CommitRun, commit_in_graph, write_order
from pipeline.outputs.targets import BigQueryOptions
from pipeline.staged_run import StagedRun, stage_rows
from pipeline.warehouse import locked
from schemas.errors import CommitError
from schemas.layout import Layout
from tests.pipeline.test_commit import RUN, tree
from tests.rows import LINEAGE, NOW, fetch, known
from transforms import storage
from transforms.polling import PollOptions
from transforms.state import StateWriter
from transforms.write_state import write_manifest

RUNNER = PipelineOptions(["--runner=FnApiRunner"])


def staged_order(layout: Layout, run_id: str = RUN.value) -> CommitOrder:
    """Return the order of a run that has staged two files of rows and one of the state."""
    lineage = replace(LINEAGE, run_id=run_id)
    folder = layout.staging(run_id)
    writer = StateWriter(folder)
    writer.write(known())
    files = [*stage_rows(folder, [fetch(run_id=run_id)]), *writer.close()]
    manifest = write_manifest(layout.manifest(run_id), files)
    ahead = stage_rows(folder, [fetch(run_id=run_id, fetch_id="ahead")])
    staged = StagedRun(layout, lineage, NOW, manifest, "{}", ahead)
    order = CommitOrder(staged, 1, PollOptions(), BigQueryOptions())
    write_order(order, ["feed"], {"run_id": run_id})
    return order


def claimed_order(layout: Layout, run_id: str = RUN.value) -> CommitOrder:
    """Return the order of a run whose claim is in place."""
    order = staged_order(layout, run_id)
    take_claim(layout, Claim(run_id, "DataflowRunner", NOW.timestamp()))
    return order


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(str(tmp_path))


def fetch_ids(root: Path) -> list[str]:
    return sorted(row["fetch_id"] for row in pq.read_table(root / "fetches").to_pylist())


def runs_rows(root: Path) -> list[str]:
    return [row["run_id"] for row in pq.read_table(root / "runs").to_pylist()]


def test_the_step_commits_and_leaves_a_summary(layout: Layout, tmp_path: Path) -> None:
    order = claimed_order(layout)
    commit_in_graph(order)
    assert fetch_ids(tmp_path) == ["ahead", "f1"]
    assert runs_rows(tmp_path) == [RUN.value]
    assert read_claim(layout) is None
    assert not list(storage.list_files(layout.staging()))
    summary = json.loads(storage.read(order.path))
    assert summary["status"] == "committed"
    assert summary["rows"]["fetches"] == 2
    assert summary["exit_status"] == 0
    assert "listed" not in summary


def test_a_second_execution_changes_nothing(layout: Layout, tmp_path: Path) -> None:
    order = claimed_order(layout)
    commit_in_graph(order)
    before = {path: (tmp_path / path).read_bytes() for path in tree(tmp_path)}
    write_manifest(order.staged.manifest, [])  # a bundle that was repeated with it
    commit_in_graph(order)
    assert {path: (tmp_path / path).read_bytes() for path in tree(tmp_path)} == before


def test_two_executions_at_once_commit_once(layout: Layout, tmp_path: Path) -> None:
    order = claimed_order(layout)
    errors: list[Exception] = []

    def execute() -> None:
        try:
            commit_in_graph(order)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=execute) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert (fetch_ids(tmp_path), runs_rows(tmp_path)) == (["ahead", "f1"], [RUN.value])


class Crash(BaseException):
    """The process dies."""


def crash_at(monkeypatch: pytest.MonkeyPatch, number: int) -> Callable[[], int]:
    """Let the n-th change of the file system be the first that does not happen."""
    done = 0

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            nonlocal done
            if done >= number:
                raise Crash
            done += 1
            return original(*args)

        return call

    for name in ("create", "rename", "delete_folder", "make_folder"):
        monkeypatch.setattr(storage, name, counted(getattr(storage, name)))
    return lambda: done


def test_it_is_finished_from_wherever_a_bundle_died(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, is_whole = 0, False
    while not is_whole:
        number += 1
        at = Layout(str(tmp_path / str(number)))
        order = claimed_order(at)
        with monkeypatch.context() as patch:
            crash_at(patch, number)
            try:
                commit_in_graph(order)
                is_whole = True
            except Crash:
                pass
        commit_in_graph(order)
        root = Path(at.root)
        assert (fetch_ids(root), runs_rows(root)) == (["ahead", "f1"], [RUN.value]), number
        assert json.loads(storage.read(order.path))["status"] == "committed", number
        assert [path for path in tree(root) if path.startswith(("_staging", "_claim"))] == []
    assert number > 20


@pytest.mark.parametrize("is_other", [False, True])
def test_a_run_that_was_given_up_commits_nothing(
    layout: Layout, tmp_path: Path, is_other: bool
) -> None:
    order = staged_order(layout)
    if is_other:
        take_claim(layout, Claim("20261124T090000000000Z", "DataflowRunner", NOW.timestamp()))
    with pytest.raises(CommitError, match="given up"):
        commit_in_graph(order)
    assert committed_runs(layout) == []
    assert not (tmp_path / "fetches").exists()


def test_a_zombie_does_not_touch_what_a_later_run_left(layout: Layout, tmp_path: Path) -> None:
    order = claimed_order(layout)
    commit_in_graph(order)
    later = "20261124T090000000000Z"
    commit_in_graph(claimed_order(layout, later))
    before = tree(tmp_path)
    write_manifest(order.staged.manifest, [])
    commit_in_graph(order)
    assert tree(tmp_path) == before
    write_manifest(order.staged.manifest, [])
    assert recover(layout) == ([], [])
    assert tree(tmp_path) == before
    assert read_record(layout, later).state


def test_the_step_waits_for_who_holds_the_lock(layout: Layout) -> None:
    order = claimed_order(layout)
    with locked(layout, 0.0):
        thread = threading.Thread(target=commit_in_graph, args=(order,))
        thread.start()
        thread.join(timedelta(seconds=0.5).total_seconds())
        assert committed_runs(layout) == []
    thread.join()
    assert committed_runs(layout) == [RUN.value]


def test_the_graph_goes_on_with_the_runs_id(layout: Layout) -> None:
    order = claimed_order(layout)
    with beam.Pipeline(options=RUNNER) as root:
        manifest = root | beam.Create([order.staged.manifest])
        assert_that(manifest | CommitRun(order), equal_to([RUN.value]))
    assert committed_runs(layout) == [RUN.value]
