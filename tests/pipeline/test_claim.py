import json
import os
import time
from pathlib import Path

import pytest

from pipeline.claim import Claim, drop_claim, held_claim, is_alive, read_claim, take_claim
from pipeline.commit import commit
from pipeline.warehouse import open_warehouse
from schemas.errors import LockedError
from schemas.layout import Layout
from tests.pipeline.test_commit import RUN, stage, tree
from transforms import storage


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(str(tmp_path))


def claim(**fields: object) -> Claim:
    defaults = {"run_id": RUN.value, "runner": "DataflowRunner", "taken_at": time.time()}
    return Claim(**(defaults | fields))  # type: ignore[arg-type]


def age(folder: Path, seconds: float) -> None:
    """Let all files below a folder be that old."""
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - seconds,) * 2)


def test_a_claim_is_read_as_it_was_taken(layout: Layout) -> None:
    taken = claim(silence_s=60.0, dies_with_starter=True)
    take_claim(layout, taken)
    assert read_claim(layout) == taken
    drop_claim(layout)
    assert read_claim(layout) is None


@pytest.mark.parametrize(
    ("taken_s", "file_s", "is_expected"),
    [
        (10, None, True),  # just submitted: no worker has started
        (7200, 10, True),  # at work for long
        (7200, 4000, False),  # silent for too long
        (7200, None, False),  # never started
    ],
)
def test_a_run_lives_while_files_appear(
    layout: Layout, tmp_path: Path, taken_s: float, file_s: float | None, is_expected: bool
) -> None:
    if file_s is not None:
        stage(layout)
        age(tmp_path / "_staging", file_s)
    assert is_alive(layout, claim(taken_at=time.time() - taken_s)) == is_expected


def test_a_run_in_its_starters_process_lives_as_long_as_that(layout: Layout) -> None:
    taken = claim(dies_with_starter=True)
    take_claim(layout, taken)
    with held_claim(layout):
        assert is_alive(layout, taken)
    assert not is_alive(layout, taken)


def test_nobody_starts_beside_a_living_run(layout: Layout) -> None:
    stage(layout)
    take_claim(layout, claim())
    message = rf"run {RUN.value} on DataflowRunner.*60 minutes.*_claim\.json"
    with pytest.raises(LockedError, match=message):
        open_warehouse(layout.root).__enter__()
    assert read_claim(layout) is not None


def test_who_may_wait_starts_when_the_run_has_gone(layout: Layout) -> None:
    take_claim(layout, claim(silence_s=0.6))
    with open_warehouse(layout.root, wait_s=30.0) as warehouse:
        assert warehouse.last is None


def test_a_dead_run_is_cleared_with_its_claim(layout: Layout, tmp_path: Path) -> None:
    stage(layout)
    take_claim(layout, claim(taken_at=0.0, silence_s=0.0))
    with open_warehouse(layout.root) as warehouse:
        assert warehouse.cleared == (RUN.value,)
    assert tree(tmp_path) == ["_lock"]


def test_a_run_that_died_after_its_record_is_finished(layout: Layout) -> None:
    take_claim(layout, claim())
    commit(layout, RUN, stage(layout), 0)
    with open_warehouse(layout.root) as warehouse:
        assert warehouse.last is not None
        assert warehouse.last.run_id == RUN.value
    assert read_claim(layout) is None


@pytest.mark.parametrize(("is_committed", "status"), [(True, "committed"), (False, "given up")])
def test_the_summary_says_what_became_of_a_dead_run(
    layout: Layout, is_committed: bool, status: str
) -> None:
    path = layout.summary(RUN.value)
    told = {"status": "submitted", "run_id": RUN.value, "listed": ["feed"]}
    storage.write_atomically(path, json.dumps(told).encode())
    take_claim(layout, claim(taken_at=0.0, silence_s=0.0))
    if is_committed:
        commit(layout, RUN, stage(layout), 0)
    with open_warehouse(layout.root):
        assert json.loads(storage.read(path)) == {"status": status, "run_id": RUN.value}
