"""The claim of a run that goes on without its starter: who it is, and whether it still lives.

A lock ends with the process that holds it. A run that is handed to an engine outlives its starter,
and needs something that does so, too: a file that names the run. It is put in place under the lock;
then the lock is free. While the claim is there and its run lives, nobody else may start. The run's
last step takes the lock, sees that the claim is still its own, commits, and takes the claim away.

A run lives as long as files appear below its staging folder: workers write their counts there. One
that was silent for too long is taken for dead; whoever starts next, under the lock, clears it and
takes its claim away. Should it wake up after all, its last step finds no claim and commits nothing.
"""

import dataclasses
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.layout import Layout
from transforms import storage

SILENCE_S = 3600.0  # after which a run counts as dead
SUBMITTED, COMMITTED, GIVEN_UP = "submitted", "committed", "given up"  # status in a summary


@dataclass(frozen=True)
class Claim:
    """What `_claim.json` holds."""

    run_id: str
    runner: str
    taken_at: float  # Unix time
    silence_s: float = SILENCE_S
    dies_with_starter: bool = False  # the engine is a part of the process that started the run

    def __str__(self) -> str:
        since = datetime.fromtimestamp(self.taken_at, UTC)
        return f"run {self.run_id} on {self.runner}, since {since:%Y-%m-%d %H:%M} UTC"


def take_claim(layout: Layout, claim: Claim) -> None:
    """Put the claim in place; only for a caller that holds the lock and found no other."""
    storage.write_atomically(layout.claim(), json.dumps(dataclasses.asdict(claim)).encode())


def read_claim(layout: Layout) -> Claim | None:
    """Return the claim that is in place."""
    try:
        return Claim(**json.loads(storage.read(layout.claim())))
    except FileNotFoundError:
        return None


def drop_claim(layout: Layout) -> None:
    """Take the claim away; only for a caller that holds the lock."""
    storage.delete_folder(layout.claim())


def settle_claim(layout: Layout) -> None:
    """Take away the claim of a run that is finished or cleared by now; its summary says which."""
    claim = read_claim(layout)
    if claim is None:
        return
    path = layout.summary(claim.run_id)
    told = json.loads(storage.read(path)) if storage.exists(path) else {}
    if told.pop("listed", None) is not None:
        told["status"] = COMMITTED if storage.exists(layout.record(claim.run_id)) else GIVEN_UP
        storage.write_atomically(path, json.dumps(told, ensure_ascii=False).encode())
    drop_claim(layout)


def is_alive(layout: Layout, claim: Claim, now: float | None = None) -> bool:
    """Say whether a run may still come to its commit."""
    if claim.dies_with_starter and not storage.is_remote(layout.root):
        return _is_held(layout.claim())
    newest = storage.newest(layout.staging(claim.run_id)) or 0.0
    now = time.time() if now is None else now
    return now - max(claim.taken_at, newest) < claim.silence_s


@contextmanager
def held_claim(layout: Layout) -> Iterator[None]:
    """Show, until the block ends, that the starter lives; only for local files, else nothing."""
    if storage.is_remote(layout.root):
        yield
        return
    descriptor = os.open(layout.claim(), os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_held(path: str) -> bool:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
