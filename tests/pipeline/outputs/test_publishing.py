from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.commit import commit
from pipeline.outputs.committed import CommittedRun
from pipeline.outputs.publishing import drop_published_files, publish_pending
from schemas.errors import PublishError
from schemas.layout import Layout, RunId
from tests.pipeline.test_commit import RUN, stage
from tests.rows import NOW
from transforms import storage

LATER = RunId("20261124T084000000000Z", (NOW + timedelta(days=1)).date())


@dataclass
class Recorder:
    """An output that remembers what it was given, and fails where it is told to."""

    name: str = "recorder"
    fails: bool = False
    runs: list[CommittedRun] = field(default_factory=list)

    def prepare(self) -> None:
        return

    def publish(self, run: CommittedRun) -> None:
        if self.fails:
            raise PublishError("a quota is used up", "bq://p.d")
        self.runs.append(run)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(str(tmp_path))


def make_run(layout: Layout, run: RunId) -> None:
    commit(layout, run, stage(layout, run), 0)


def test_an_output_gets_every_run_once_and_in_order(layout: Layout) -> None:
    output = Recorder()
    publish_pending(layout, [output])
    make_run(layout, RUN)
    make_run(layout, LATER)
    assert publish_pending(layout, [output]) == [RUN.value, LATER.value]
    assert publish_pending(layout, [output]) == []
    assert [(run.run_id, run.day) for run in output.runs] == [
        (RUN.value, RUN.day),
        (LATER.value, LATER.day),
    ]
    (table,) = output.runs[0].tables
    assert (table.table, table.rows, len(table.files)) == ("fetches", 2, 2)


def test_a_new_output_starts_with_the_next_run(layout: Layout) -> None:
    output = Recorder()
    make_run(layout, RUN)
    assert publish_pending(layout, [output]) == []
    make_run(layout, LATER)
    assert publish_pending(layout, [output]) == [LATER.value]


def test_a_run_that_was_refused_comes_with_the_next_start(layout: Layout) -> None:
    publish_pending(layout, [Recorder()])
    make_run(layout, RUN)
    with pytest.raises(PublishError, match=rf"run {RUN.value} is committed .* a quota is used up"):
        publish_pending(layout, [Recorder(fails=True)])
    output = Recorder()
    assert publish_pending(layout, [output]) == [RUN.value]


def test_a_file_that_is_gone_is_said(layout: Layout) -> None:
    publish_pending(layout, [Recorder()])
    make_run(layout, RUN)
    storage.delete_folder(layout.table("fetches"))
    with pytest.raises(PublishError, match="restore it"):
        publish_pending(layout, [Recorder()])


def test_files_that_every_output_has_are_dropped_but_those_of_the_last_run(layout: Layout) -> None:
    outputs = [Recorder("one"), Recorder("two")]
    publish_pending(layout, outputs)
    make_run(layout, RUN)
    publish_pending(layout, outputs)
    make_run(layout, LATER)
    publish_pending(layout, outputs[:1])
    drop_published_files(layout, outputs)
    assert len(list(storage.list_files(layout.table("fetches")))) == 4
    publish_pending(layout, outputs)
    drop_published_files(layout, outputs)
    left = list(storage.list_files(layout.table("fetches")))
    assert len(left) == 2
    assert all(LATER.value in path for path in left)
