"""Write what a later run must know, and the list of all files that this run has staged."""

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass

import apache_beam as beam

from transforms import storage
from transforms.parquet_files import StagedFile, new_path
from transforms.state import Remembered, newest, shard_of, write_state

STATE = "_state"  # "table" of a staged state file; its group is the shard


def stage_shard(folder: str, shard: str, remembered: Iterable[Remembered]) -> StagedFile:
    """Write one shard of the new state to a temporary file."""
    path = new_path(folder, STATE)
    return StagedFile(STATE, path, write_state(path, newest(remembered)), shard)


@dataclass
class WriteState(beam.PTransform):  # type: ignore[misc]
    """PCollection[Remembered] → PCollection[StagedFile], one a shard that is not empty."""

    folder: str

    def expand(self, remembered: beam.PCollection) -> beam.PCollection:
        """Group by shard and write."""
        folder = self.folder
        return (
            remembered
            | "KeyByShard" >> beam.Map(lambda item: (shard_of(item.known.article_id), item))
            | "GroupByShard" >> beam.GroupByKey()
            | "WriteShards" >> beam.MapTuple(lambda shard, items: stage_shard(folder, shard, items))
        )


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
