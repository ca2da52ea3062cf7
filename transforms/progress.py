"""Tell the driver how far the workers are, through small files beside the staged ones.

Beam reports counters when a run has ended; a person wants to see them before. Every worker writes
its counts to a file of its own, at most once a second, so this works with threads, processes and
engines that share the output's file system. The counts are for display only.
"""

import json
import os
import socket
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from transforms import storage

INTERVAL_S = 0.5


def read_progress(folder: str) -> Counter[str]:
    """Add up what all workers have written; a file that is being written counts as empty."""
    return sum(read_workers(folder).values(), Counter[str]())


def read_workers(folder: str) -> dict[str, Counter[str]]:
    """Return what each worker has written, by its machine and process."""
    workers: dict[str, Counter[str]] = {}
    for path in storage.list_files(folder):
        worker = path.rsplit("/", 1)[-1].rpartition("-")[0]
        try:
            counts = json.loads(storage.read(path))
        except (OSError, ValueError):
            continue
        workers.setdefault(worker, Counter()).update(counts)
    return workers


class _Count(beam.DoFn):  # type: ignore[misc]
    def __init__(self, stage: str, folder: str) -> None:
        self._stage = stage
        self._folder = folder
        self._path = ""
        self._count = 0
        self._written_at = 0.0

    def setup(self) -> None:
        worker = f"{socket.gethostname()}-{os.getpid()}"
        self._path = f"{self._folder}/{worker}-{uuid.uuid4().hex}.json"

    def process(self, element: Any) -> Iterator[Any]:
        yield element
        self._count += 1
        if time.monotonic() - self._written_at >= INTERVAL_S:
            self._write()

    def finish_bundle(self) -> None:
        self._write()

    def _write(self) -> None:
        storage.write_atomically(self._path, json.dumps({self._stage: self._count}).encode())
        self._written_at = time.monotonic()


@dataclass
class CountProgress(beam.PTransform):  # type: ignore[misc]
    """Passes elements through and counts them for the display; no folder: does nothing."""

    stage: str
    folder: str | None

    def expand(self, elements: beam.PCollection) -> beam.PCollection:
        """Wire the counter."""
        if self.folder is None:
            return elements
        return elements | "Count" >> beam.ParDo(_Count(self.stage, self.folder))
