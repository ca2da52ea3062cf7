"""Write the stories into the columns of the staged articles.

What story an article belongs to is known when its row already lies in a temporary file, with the
columns of an article that stands alone. The few files that hold another's near-duplicate are
written again, column by column; texts go from file to file and cross no shuffle.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.metrics import Metrics

from schemas.story import StoryDecision
from transforms import storage
from transforms.parquet_files import StagedFile, new_path

COLUMNS = {  # of articles, and where their values stand in a decision
    "duplicate_cluster_id": "cluster_id",
    "first_seen_at": "first_seen_at",
    "is_wire": "is_wire",
    "wire_service": "wire_service",
}


def fill_file(
    staged: StagedFile, decisions: Mapping[str, StoryDecision], folder: str
) -> StagedFile:
    """Write a file of articles again with what was decided; one that it does not concern stays."""
    with storage.open_stream(staged.path) as stream:
        parquet = pq.ParquetFile(stream)
        ids = parquet.read(["article_id"]).column(0).to_pylist()
        if not any(article_id in decisions for article_id in ids):
            return staged
        path = new_path(folder, staged.table)
        with (
            storage.create(path) as target,
            pq.ParquetWriter(target, parquet.schema_arrow, compression="zstd") as writer,
        ):
            for index in range(parquet.num_row_groups):
                writer.write_table(_filled(parquet.read_row_group(index), decisions))
    return StagedFile(staged.table, path, staged.rows, staged.group)


def _filled(table: pa.Table, decisions: Mapping[str, StoryDecision]) -> pa.Table:
    found = [decisions.get(article_id) for article_id in table.column("article_id").to_pylist()]
    for name, attribute in COLUMNS.items():
        index = table.schema.get_field_index(name)
        held = table.column(index).to_pylist()
        values = [
            getattr(decision, attribute) if decision else value
            for decision, value in zip(found, held, strict=True)
        ]
        field = table.schema.field(index)
        table = table.set_column(index, field, pa.array(values, field.type))
    return table


class _Fill(beam.DoFn):  # type: ignore[misc]
    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._files = Metrics.counter("newsbeam", "files_with_stories")

    def process(
        self, staged: StagedFile, decisions: dict[str, StoryDecision]
    ) -> Iterator[StagedFile]:
        if staged.table != "articles" or not decisions:
            yield staged
            return
        filled = fill_file(staged, decisions, self._folder)
        self._files.inc(int(filled is not staged))
        yield filled


@dataclass
class FillStories(beam.PTransform):  # type: ignore[misc]
    """{`files`, `decisions`} → PCollection[StagedFile], those of articles with their stories."""

    folder: str

    def expand(self, inputs: Any) -> beam.PCollection:
        """Give the decisions to the files as a side input."""
        decisions = inputs["decisions"] | "KeyDecisions" >> beam.Map(
            lambda decision: (decision.article_id, decision)
        )
        return inputs["files"] | "Fill" >> beam.ParDo(
            _Fill(self.folder), beam.pvalue.AsDict(decisions)
        )
