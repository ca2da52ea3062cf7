"""A lock for outputs in Cloud Storage: an object that its holder renews while it lives.

What it promises: of two processes that can reach the bucket, one alone holds the lock; who dies, or
cannot reach the bucket, holds it no longer than the lease. What it cannot promise: a process that
was stopped for longer than a lease and then goes on learns that at its next renewal, or when it
asks before its commit, but not in the moment between that question and the commit.

No clocks are compared: a holder is dead when its object did not change for a whole lease on the
watcher's own clock.
"""

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apache_beam.io.gcp.gcsio import create_storage_client, parse_gcs_path
from apache_beam.options.pipeline_options import PipelineOptions
from google.api_core.exceptions import GoogleAPIError, NotFound, PreconditionFailed

from schemas.errors import CommitError, LockedError
from transforms.storage import as_os_errors

LEASE_S = 60.0
RENEWALS = 4  # a lease
LONG_DEAD = timedelta(hours=1)  # an object this old is nobody's, whatever the clocks say


@dataclass
class Lease:
    """The lock as its holder has it."""

    path: str
    blob: Any
    body: str
    seconds: float
    generation: int = 0
    renewed_at: float = field(default_factory=time.monotonic)
    is_lost: bool = False

    def renew(self) -> None:
        """Write the object again, if it is still ours; note it where it is not."""
        try:
            self.put(self.generation)
        except PreconditionFailed:
            self.is_lost = not self.is_ours()
        except (GoogleAPIError, OSError):
            self.is_lost = time.monotonic() - self.renewed_at > self.seconds

    def put(self, generation: int) -> None:
        """Write the object where it is of this generation (0: where there is none)."""
        self.blob.upload_from_string(self.body, if_generation_match=generation)
        self.generation = self.blob.generation
        self.renewed_at = time.monotonic()

    def check(self) -> None:
        """Raise CommitError where another run may hold the lock by now."""
        if not self.is_lost:
            self.renew()
        if self.is_lost:
            raise CommitError(
                "the lock was lost: this process was stopped, or could not reach the bucket, for "
                f"more than {self.seconds:g} s; nothing was committed",
                self.path,
            )

    def release(self) -> None:
        """Delete the object, if it is still ours."""
        with suppress(GoogleAPIError, OSError):
            self.blob.delete(if_generation_match=self.generation)

    def is_ours(self) -> bool:
        """Tell an answer that got lost from another holder."""
        with suppress(GoogleAPIError, OSError):
            found = _fresh(self.blob)
            if found is not None:
                generation = found.generation
                if found.download_as_text() == self.body:
                    self.generation = generation
                    return True
        return False


@contextmanager
def held_lease(path: str, wait_s: float = 0.0, seconds: float = LEASE_S) -> Iterator[Lease]:
    """Hold the lock until the block ends.

    A dead holder's lock is taken after `seconds`. Raises LockedError where another holder lives on
    for longer than `wait_s`, OSError where the bucket cannot be had.
    """
    with as_os_errors(path):
        lease = _take(path, wait_s, seconds)
    done = threading.Event()

    def keep() -> None:
        while not done.wait(seconds / RENEWALS) and not lease.is_lost:
            lease.renew()

    thread = threading.Thread(target=keep, name="newsbeam-lease", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        done.set()
        thread.join()
        lease.release()


def _take(path: str, wait_s: float, seconds: float) -> Lease:
    bucket, name = parse_gcs_path(path)
    blob = create_storage_client(PipelineOptions()).bucket(bucket).blob(name)
    lease = Lease(path, blob, _body(), seconds)
    until = time.monotonic() + wait_s
    while True:
        found = _holder(blob)
        if _try(lease, 0 if found is None else _watch(blob, found, until, seconds)):
            return lease


def _try(lease: Lease, generation: int) -> bool:
    try:
        lease.put(generation)
    except PreconditionFailed:
        return lease.is_ours()
    return True


def _watch(blob: Any, found: dict[str, Any], until: float, seconds: float) -> int:
    """Return the generation to replace, when the holder is dead; LockedError where it lives."""
    if datetime.now(UTC) - found["updated"] > LONG_DEAD:
        return int(found["generation"])
    silent_at = time.monotonic() + seconds
    while time.monotonic() < silent_at:
        time.sleep(seconds / RENEWALS / 4)
        now = _holder(blob)
        if now is None:
            return 0
        if now["generation"] == found["generation"]:
            continue
        if time.monotonic() >= until:
            who = f"{now['host']}, process {now['process']}, since {now['since']}"
            raise LockedError(f"another run ({who}) is writing here; wait for it", blob.name)
        found, silent_at = now, time.monotonic() + seconds
    return int(found["generation"])


def _holder(blob: Any) -> dict[str, Any] | None:
    found = _fresh(blob)
    if found is None:
        return None
    held: dict[str, Any] = {"host": "?", "process": "?", "since": "?"}
    known = {"generation": found.generation, "updated": found.updated}
    with suppress(ValueError, NotFound):  # renewed in this moment
        held |= json.loads(found.download_as_text())
    return held | known


def _fresh(blob: Any) -> Any:
    """Return the object as it is now: a blob that was read asks for the generation it read."""
    return blob.bucket.get_blob(blob.name)


def _body() -> str:
    return json.dumps(
        {
            "host": socket.gethostname(),
            "process": os.getpid(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "token": uuid.uuid4().hex,
        }
    )
