"""Tell the driver how far the workers are, through small files beside the staged ones.

Beam reports counters when a run has ended; a person wants to see them before. Every worker writes
its counts to a file of its own, at most once a second, so this works with threads, processes and
engines that share the output's file system. The counts are for display only.
"""

import json
import logging
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
REMOTE_INTERVAL_S = 10.0  # an object store refuses more than a write a second to one object

log = logging.getLogger("newsbeam.progress")


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


class StageCounter:
    """Counts what passes a stage in one worker, and writes that to a file of its own."""

    def __init__(self, stage: str, folder: str) -> None:
        worker = f"{socket.gethostname()}-{os.getpid()}"
        self._stage = stage
        self._path = f"{folder}/{worker}-{uuid.uuid4().hex}.json"
        self._interval = REMOTE_INTERVAL_S if storage.is_remote(folder) else INTERVAL_S
        self._count = 0
        self._written_at = 0.0

    def add(self) -> None:
        """Count one; the count is written if the last time is long enough ago."""
        self._count += 1
        if time.monotonic() - self._written_at >= self._interval:
            self.write()

    def write(self) -> None:
        """Write the count."""
        self._written_at = time.monotonic()
        try:
            storage.write_atomically(self._path, json.dumps({self._stage: self._count}).encode())
        except OSError as error:  # no reason to lose work
            log.debug("%s cannot be written: %s", self._path, error)


class _Count(beam.DoFn):  # type: ignore[misc]
    def __init__(self, stage: str, folder: str) -> None:
        self._stage = stage
        self._folder = folder
        self._counter: StageCounter | None = None

    def setup(self) -> None:
        self._counter = StageCounter(self._stage, self._folder)

    def process(self, element: Any) -> Iterator[Any]:
        assert self._counter is not None
        yield element
        self._counter.add()

    def finish_bundle(self) -> None:
        assert self._counter is not None
        self._counter.write()


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
