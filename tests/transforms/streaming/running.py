"""Stateful transforms in a test: the bundle-based runner, with the clock of a TestStream.

Of Beam's local runners it alone moves the watermark as a TestStream says: FnApiRunner has all
elements first and all timers afterwards, and DirectRunner would look for Prism.
"""

import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.testing.test_stream import TestStream
from apache_beam.transforms.window import TimestampedValue

from schemas.flow import Lineage
from schemas.layout import Layout
from transforms.polling import PollOptions
from transforms.retrieve import RetrieveOptions
from transforms.state import StateWriter, number_deltas
from transforms.streaming.plan import StreamPlan
from transforms.streaming.windows import Windows, moment_of, stamp

RUNNER = "BundleBasedDirectRunner"
SIZE = timedelta(minutes=5)
RETRIEVE = RetrieveOptions(
    allow_networks=("127.0.0.0/8",), obey_robots=False, max_retries=0, retry_wait_s=0.01
)
Step = tuple[timedelta, tuple[Any, ...]]  # after the start, these elements come


def nothing_committed() -> tuple[str, tuple[str, ...]]:
    return "", ()


def stream_plan(start: datetime, **fields: Any) -> StreamPlan:
    defaults: dict[str, Any] = {
        "layout": Layout("/nowhere"),
        "lineage": Lineage("stream", "0.1.0", "en_test-1"),
        "windows": Windows(start, SIZE),
        "retrieve": RETRIEVE,
        "feed_slots": 1,
        "page_slots": 1,
        "look": nothing_committed,
        "poll": PollOptions(),
        "until": start + timedelta(days=10),
        "early": timedelta(days=20),  # the test's clock runs ahead of the machine's
    }
    return StreamPlan(**(defaults | fields))


def play(
    transform: Any,
    outputs: Mapping[str, str | None],
    start: datetime,
    steps: Iterable[Step],
    folder: Path,
) -> dict[str, list[tuple[timedelta, Any]]]:
    """Run a stateful transform while the clock moves from step to step.

    Returns, for each name in `outputs`, what came of the output with this tag (None: there is but
    one) and when, counted from the start.
    """
    stream = TestStream()
    for after, elements in steps:
        moment = stamp(start + after)
        stream = stream.advance_watermark_to(moment)
        if elements:
            stream = stream.add_elements([TimestampedValue(item, moment) for item in elements])
    options = PipelineOptions([f"--runner={RUNNER}"])
    options.view_as(StandardOptions).streaming = True
    with beam.Pipeline(options=options) as root:
        result = root | "Events" >> stream.advance_watermark_to_infinity() | "Tested" >> transform
        for name, tag in outputs.items():
            output = result if tag is None else result[tag]
            _ = output | f"Tell {name}" >> beam.ParDo(_Tell(folder / name, start))
    return {name: _read(folder / name) for name in outputs}


class _Tell(beam.DoFn):
    """Appends what comes, with its moment, to a file: it outlives the pipeline."""

    def __init__(self, path: Path, start: datetime) -> None:
        self._path = path
        self._start = start

    def process(self, element: Any, at: Any = beam.DoFn.TimestampParam) -> None:
        with self._path.open("ab") as out:
            pickle.dump((moment_of(at) - self._start, element), out)


def _read(path: Path) -> list[tuple[timedelta, Any]]:
    told: list[tuple[timedelta, Any]] = []
    if path.exists():
        with path.open("rb") as stream:
            while stream.peek(1):
                told.append(pickle.load(stream))
    return told


@dataclass(frozen=True)
class LeftBehind:
    """What the last committed run left, as a plan looks at it."""

    run_id: str
    paths: tuple[str, ...]

    def __call__(self) -> tuple[str, tuple[str, ...]]:
        return self.run_id, self.paths


def leave(folder: Path, run_id: str, *rows: Any) -> LeftBehind:
    """Write rows as the state of a committed run."""
    writer = StateWriter(str(folder / "staged"))
    for row in rows:
        writer.write(row)
    target = folder / run_id
    target.mkdir()
    files = number_deltas(writer.close())
    paths = [Path(file.path).rename(target / f"{file.group}.parquet") for file in files]
    return LeftBehind(run_id, tuple(map(str, paths)))
