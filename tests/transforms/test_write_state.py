from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from schemas.state import FeedRetries
from tests.rows import feed_state, known
from transforms.parquet_files import StagedFile
from transforms.state import ARTICLES, FEEDS, RETRIES, read_rows
from transforms.write_state import StageState, WriteManifest, read_manifest

RUNNER = PipelineOptions(["--runner=FnApiRunner"])


@pytest.mark.parametrize("count", [0, 1, 30])
def test_the_manifest_lists_every_file_even_of_an_empty_run(tmp_path: Path, count: int) -> None:
    path = str(tmp_path / "manifest.json")
    files = [StagedFile("quotes", f"/s/{n}", n, "g") for n in range(count)]
    with beam.Pipeline(options=RUNNER) as root:
        _ = root | beam.Create(files) | WriteManifest(path)
    assert sorted(read_manifest(path), key=lambda f: f.rows) == files


def test_rows_of_each_kind_go_to_a_file_of_their_own(tmp_path: Path) -> None:
    path = str(tmp_path / "manifest.json")
    rows = {ARTICLES: known(), FEEDS: feed_state(), RETRIES: FeedRetries("example.org/feed")}
    with beam.Pipeline(options=RUNNER) as root:
        files = root | beam.Create(list(rows.values())) | StageState(str(tmp_path))
        _ = files | WriteManifest(path)
    staged = {file.table: file for file in read_manifest(path)}
    for kind, row in rows.items():
        assert list(read_rows([staged[kind.table].path], kind)) == [row]
