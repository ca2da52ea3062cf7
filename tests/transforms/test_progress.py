from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from transforms.progress import CountProgress, read_progress, read_workers

RUNNER = PipelineOptions(["--runner=FnApiRunner"])


def test_all_that_passed_is_counted(tmp_path: Path) -> None:
    with beam.Pipeline(options=RUNNER) as root:
        numbers = root | beam.Create(range(7))
        _ = numbers | "Pages" >> CountProgress("pages", str(tmp_path))
        _ = numbers | "Articles" >> CountProgress("articles", str(tmp_path))
    assert read_progress(str(tmp_path)) == {"pages": 7, "articles": 7}


def test_a_file_that_is_half_written_counts_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"pages": 3}')
    (tmp_path / "b.json").write_text('{"pag')
    assert read_progress(str(tmp_path)) == {"pages": 3}


def test_no_folder_means_no_progress(tmp_path: Path) -> None:
    assert read_progress(str(tmp_path / "missing")) == {}


def test_counts_are_told_by_worker(tmp_path: Path) -> None:
    for name, text in (
        ("host-a-7-f1.json", '{"pages": 3}'),
        ("host-a-7-f2.json", '{"articles": 2}'),
        ("b-8-f3.json", '{"pages": 1}'),
    ):
        (tmp_path / name).write_text(text)
    assert read_workers(str(tmp_path)) == {
        "host-a-7": {"pages": 3, "articles": 2},
        "b-8": {"pages": 1},
    }


def test_counts_that_cannot_be_written_cost_no_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with beam.Pipeline(options=RUNNER) as root:
        kept = root | beam.Create(range(3)) | CountProgress("pages", str(tmp_path / "file" / "x"))
        assert_that(kept, equal_to([0, 1, 2]))
