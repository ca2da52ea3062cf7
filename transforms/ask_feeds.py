"""Ask for feeds in the driver, where one process does all: no graph is needed if nothing changed.

What is new goes to a file, from which the graph goes on; rows and state are staged at once.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import apache_beam as beam

from schemas.state import FeedState, FeedTask
from transforms import storage
from transforms.fetch_feeds import BROUGHT, CHANGES, PENDING, ROWS, FeedReader, output_of
from transforms.parquet_files import StagedFile
from transforms.progress import StageCounter
from transforms.settings import PassSettings
from transforms.stage_rows import StagedTables
from transforms.state import StateWriter

TO_GRAPH = (CHANGES, BROUGHT, PENDING)  # what the graph has to go on with


@dataclass(frozen=True)
class AskedFeeds:
    """What came of asking."""

    files: tuple[StagedFile, ...]  # rows and state
    changes: str | None  # path of what the graph goes on with; None: nothing changed


def ask_feeds(
    tasks: Iterable[FeedTask], settings: PassSettings, counter: StageCounter
) -> AskedFeeds:
    """Ask for feeds and stage what came; each is counted. Memory does not grow with them."""
    rows, state = StagedTables(settings.staging), StateWriter(settings.staged_by_feeds)
    changes = _Changes(f"{settings.staging}/changes.pickle")
    for item in FeedReader(settings).read(tasks):
        output = output_of(item)
        if output in TO_GRAPH:
            changes.write(item)
        elif output == ROWS:
            rows.write_row(item)
        else:
            state.write(item)
        if isinstance(item, FeedState):
            counter.add()
    counter.write()
    return AskedFeeds((*rows.close(), *state.close()), changes.close())


class _Changes:
    """A file that is opened when there is something to write."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._stream: IO[bytes] | None = None

    def write(self, item: Any) -> None:
        self._stream = self._stream or storage.create(self._path)
        pickle.dump(item, self._stream)

    def close(self) -> str | None:
        if self._stream is None:
            return None
        self._stream.close()
        return self._path


def read_changes(path: str) -> Iterator[Any]:
    """Yield what `ask_feeds` left for the graph."""
    with storage.open_stream(path) as stream:
        while True:
            try:
                yield pickle.load(stream)
            except EOFError:
                return


class _ReadAsked(beam.DoFn):  # type: ignore[misc]
    def process(self, path: str) -> Iterator[Any]:
        for item in read_changes(path):
            output = output_of(item)
            yield item if output == CHANGES else beam.pvalue.TaggedOutput(output, item)


@dataclass
class ReadAsked(beam.PTransform):  # type: ignore[misc]
    """The paths of changes → `changes`, `brought` and `pending`, as FetchFeeds gives them."""

    def expand(self, paths: beam.PCollection) -> Any:
        """Wire the reader."""
        return paths | "Read" >> beam.ParDo(_ReadAsked()).with_outputs(
            BROUGHT, PENDING, main=CHANGES
        )
