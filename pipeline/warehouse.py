"""Open a warehouse for writing: lock it, and mend what a killed run left."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipeline.commit import CommitRecord, committed_runs, new_run_id, read_record, recover
from schemas.errors import OutputError
from schemas.layout import Layout, RunId
from transforms import storage


@dataclass(frozen=True)
class Warehouse:
    """An output that this process may write to."""

    layout: Layout
    last: CommitRecord | None  # the run before
    finished: tuple[str, ...] = ()  # runs that were killed at their commit and are whole now
    cleared: tuple[str, ...] = ()  # runs that were killed before it
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def new_run(self) -> RunId:
        """Name the next run."""
        return new_run_id(self.started, self.last.run_id if self.last else None)

    @property
    def state_paths(self) -> tuple[str, ...]:
        """The files that say what earlier runs know."""
        return tuple(self.layout.path(path) for path in self.last.state) if self.last else ()


@contextmanager
def open_warehouse(output: str) -> Iterator[Warehouse]:
    """Lock a warehouse, mend what a killed run left, and give it back when the block ends.

    Raises OutputError where it cannot be written or another run is writing.
    """
    layout = Layout(output if is_remote(output) else os.path.abspath(output))
    with _locked(layout):
        finished, cleared = recover(layout)
        runs = committed_runs(layout)
        last = read_record(layout, runs[-1]) if runs else None
        yield Warehouse(layout, last, tuple(finished), tuple(cleared))


def is_remote(output: str) -> bool:
    """Say whether an output is an address such as gs://bucket/dir rather than a local folder."""
    return "://" in output


@contextmanager
def _locked(layout: Layout) -> Iterator[None]:
    """Hold the lock of a local warehouse; the system frees it when the process dies, however."""
    if is_remote(layout.root):
        _probe(layout)
        yield
        return
    try:
        os.makedirs(layout.root, exist_ok=True)
        descriptor = os.open(layout.lock(), os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", layout.root) from error
    try:
        _take(descriptor, layout)
        _probe(layout)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, layout: Layout) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with suppress(OSError, ValueError):
            holder = int(os.pread(descriptor, 20, 0))
            message = f"another run (process {holder}) is writing here; wait for it or stop it"
            raise OutputError(message, layout.root) from None
        raise OutputError("another run is writing here; wait for it", layout.root) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def _probe(layout: Layout) -> None:
    probe = layout.path("_staging", "probe", "probe")
    try:
        storage.write_atomically(probe, b"")
        storage.delete_folder(layout.staging("probe"))
    except OSError as error:
        raise OutputError(f"cannot be written: {error}", layout.root) from error
