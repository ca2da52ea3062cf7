"""Open a warehouse for writing: lock it, and mend what a killed run left."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.claim import Claim, is_alive, read_claim, settle_claim
from pipeline.commit import CommitRecord, committed_runs, last_record, new_run_id, recover
from pipeline.compaction import recover_days
from pipeline.remedies import describe
from schemas.errors import CommitError, LockedError, NewsbeamError, OutputError
from schemas.layout import Layout, RunId
from transforms import storage

if TYPE_CHECKING:
    from pipeline.lease import Lease

_POLL_S = 0.2
_PROBE_BYTES = 4096
_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)  # of a disk; nobody asked for the wrong thing


@dataclass(frozen=True)
class Warehouse:
    """An output that this process may write to."""

    layout: Layout
    last: CommitRecord | None  # the run before
    finished: tuple[str, ...] = ()  # runs that were killed at their commit and are whole now
    cleared: tuple[str, ...] = ()  # runs that were killed before it
    lease: "Lease | None" = None  # the lock of an output in Cloud Storage
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def new_run(self) -> RunId:
        """Name the next run."""
        return new_run_id(self.started, self.last.run_id if self.last else None)

    def check_lock(self) -> None:
        """Raise CommitError where another run may be writing by now; for before a commit."""
        if self.lease is not None:
            self.lease.check()

    @property
    def state_paths(self) -> tuple[str, ...]:
        """The files that say what earlier runs know."""
        return self.last.state_paths(self.layout) if self.last else ()


@contextmanager
def open_warehouse(output: str, wait_s: float = 0.0) -> Iterator[Warehouse]:
    """Lock a warehouse, mend what a killed run left, and give it back when the block ends.

    Another run that is writing, or that an engine carries on, is waited for, `wait_s` seconds at
    most. Raises OutputError where it writes on or the output cannot be written, CommitError where
    the disk is full or faulty.
    """
    layout = layout_of(output)
    with _unclaimed(layout, wait_s) as lease:
        try:
            recover_days(layout)
            finished, cleared = recover(layout)
            settle_claim(layout)
            last = last_record(layout)
        except OSError as error:
            raise _unwritable(error, layout) from error
        try:
            yield Warehouse(layout, last, tuple(finished), tuple(cleared), lease)
        except CommitError:
            with suppress(OSError, CommitError):  # a full disk is given its space back at once
                recover_days(layout)
                recover(layout)
            raise


def layout_of(output: str) -> Layout:
    """Return the layout of an output, local paths as absolute ones."""
    return Layout(output if storage.is_remote(output) else os.path.abspath(output))


@contextmanager
def _unclaimed(layout: Layout, wait_s: float) -> Iterator["Lease | None"]:
    """Hold the lock of a warehouse in which no run lives that an engine carries on."""
    until = time.monotonic() + wait_s
    while True:
        with locked(layout, max(0.0, until - time.monotonic())) as lease:
            claim = _living(layout)
            if claim is None:
                yield lease
                return
        if time.monotonic() >= until:
            raise LockedError(
                f"{claim} is under way; wait for it. Should it be dead: it counts as such when "
                f"its staging folder has not changed for {claim.silence_s / 60:g} minutes, or "
                f"delete {layout.claim()}",
                layout.root,
            )
        time.sleep(_POLL_S)


def _living(layout: Layout) -> Claim | None:
    try:
        claim = read_claim(layout)
        if claim is None or claim.run_id in committed_runs(layout):
            return None
        return claim if is_alive(layout, claim) else None
    except OSError as error:
        raise _unwritable(error, layout) from error


@contextmanager
def locked(layout: Layout, wait_s: float) -> Iterator["Lease | None"]:
    """Hold the lock of a warehouse; the system frees a local one when the process dies, however."""
    if storage.is_remote(layout.root):
        with _leased(layout, wait_s) as lease:
            yield lease
        return
    try:
        os.makedirs(layout.root, exist_ok=True)
        descriptor = os.open(layout.lock(), os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _unwritable(error, layout) from error
    try:
        _take(descriptor, layout, time.monotonic() + wait_s)
        _probe(layout)
        yield None
    finally:
        os.close(descriptor)


@contextmanager
def _leased(layout: Layout, wait_s: float) -> Iterator["Lease | None"]:
    """Hold the lock of a warehouse in Cloud Storage; elsewhere there is none."""
    _probe(layout)
    if not layout.root.startswith("gs://"):
        yield None
        return
    from pipeline.lease import held_lease

    with ExitStack() as stack:
        try:
            lease = stack.enter_context(held_lease(layout.lock(), wait_s))
        except OSError as error:
            raise _unwritable(error, layout) from error
        yield lease


def _take(descriptor: int, layout: Layout, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() >= until:
                raise LockedError(_who_holds(descriptor), layout.root) from None
        time.sleep(_POLL_S)
    with suppress(OSError):  # the number is a help for people only
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def _who_holds(descriptor: int) -> str:
    with suppress(OSError, ValueError):
        holder = int(os.pread(descriptor, 20, 0))
        return f"another run (process {holder}) is writing here; wait for it or stop it"
    return "another run is writing here; wait for it"


def _probe(layout: Layout) -> None:
    """Write as much as a small file takes, so that a full disk is found before anything else."""
    probe = layout.path("_staging", "probe", "probe")
    try:
        storage.write_atomically(probe, bytes(_PROBE_BYTES))
        storage.delete_folder(layout.staging("probe"))
    except OSError as error:
        raise _unwritable(error, layout) from error


def _unwritable(error: OSError, layout: Layout) -> NewsbeamError:
    """Tell a wrong output from one that was right and fails."""
    text = f"{error} {error.__cause__ or ''}"
    is_fault = any(os.strerror(number) in text for number in _FAULTS)
    kind = CommitError if is_fault else OutputError
    return kind(f"cannot be written: {describe(error)}", layout.root)
