from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from transforms.progress import CountProgress, read_progress

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
