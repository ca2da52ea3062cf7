"""Write what a later run must know, and the list of all files that this run has staged."""

import dataclasses
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.timestamp import MIN_TIMESTAMP
from apache_beam.utils.windowed_value import WindowedValue

from transforms import storage
from transforms.parquet_files import StagedFile
from transforms.state import STATE, StateWriter

__all__ = ["STATE", "StageState", "WriteManifest", "read_manifest", "write_manifest"]


class _StageState(beam.DoFn):  # type: ignore[misc]
    """Writes the rows of a bundle to files of its own, as `transforms.stage_rows` does."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._writer = StateWriter(folder)

    def start_bundle(self) -> None:
        self._writer = StateWriter(self._folder)

    def process(self, row: Any) -> None:
        self._writer.write(row)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        for staged in self._writer.close():
            yield WindowedValue(staged, MIN_TIMESTAMP, [GlobalWindow()])


@dataclass
class StageState(beam.PTransform):  # type: ignore[misc]
    """PCollection of rows of the state, of any kind → PCollection[StagedFile], nothing shuffled.

    One key may come once a pass: which of two rows of one pass is newer is not known.
    """

    folder: str

    def expand(self, rows: beam.PCollection) -> beam.PCollection:
        """Wire the writer."""
        return rows | "WriteState" >> beam.ParDo(_StageState(self.folder))


def write_manifest(path: str, files: Iterable[StagedFile]) -> str:
    """Write the list of staged files, in an order that does not change; return its path."""
    ordered = sorted(files, key=lambda file: (file.table, file.path))
    body = json.dumps([dataclasses.asdict(file) for file in ordered], indent=1)
    storage.write_atomically(path, body.encode())
    return path


def read_manifest(path: str) -> list[StagedFile]:
    """Read the list that `write_manifest` wrote; raises OSError where the graph did not finish."""
    return [StagedFile(**item) for item in json.loads(storage.read(path))]


@dataclass
class WriteManifest(beam.PTransform):  # type: ignore[misc]
    """PCollection[StagedFile] → the manifest's path, written once all files are staged.

    The list comes as a side input, so that an empty run leaves a manifest too.
    """

    path: str

    def expand(self, files: beam.PCollection) -> beam.PCollection:
        """Wait for every file, then write the list."""
        return (
            files.pipeline
            | "Once" >> beam.Create([self.path])
            | "Write" >> beam.Map(write_manifest, beam.pvalue.AsList(files))
        )
