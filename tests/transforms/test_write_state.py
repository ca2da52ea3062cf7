from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from tests.rows import known
from transforms.parquet_files import StagedFile
from transforms.state import Remembered, read_state
from transforms.write_state import WriteManifest, WriteState, read_manifest, stage_shard

RUNNER = PipelineOptions(["--runner=FnApiRunner"])


def test_a_shard_keeps_one_row_a_link(tmp_path: Path) -> None:
    items = [Remembered(known(content_hash=c), rank) for c, rank in (("old", 0), ("new", 1))]
    staged = stage_shard(str(tmp_path), "a", items)
    assert [row.content_hash for row in read_state(staged.path)] == ["new"]
    assert (staged.group, staged.rows) == ("a", 1)


@pytest.mark.parametrize("count", [0, 1, 30])
def test_the_manifest_lists_every_file_even_of_an_empty_run(tmp_path: Path, count: int) -> None:
    path = str(tmp_path / "manifest.json")
    files = [StagedFile("quotes", f"/s/{n}", n, "g") for n in range(count)]
    with beam.Pipeline(options=RUNNER) as root:
        _ = root | beam.Create(files) | WriteManifest(path)
    assert sorted(read_manifest(path), key=lambda f: f.rows) == files


def test_state_is_written_by_shard(tmp_path: Path) -> None:
    path = str(tmp_path / "manifest.json")
    items = [Remembered(known(article_id=i, normalized_link=i), 0) for i in ("a1", "a2", "b1")]
    with beam.Pipeline(options=RUNNER) as root:
        files = root | beam.Create(items) | WriteState(str(tmp_path))
        _ = files | WriteManifest(path)
    assert {f.group: f.rows for f in read_manifest(path)} == {"a": 2, "b": 1}
