import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.lease import held_lease
from schemas.errors import CommitError, LockedError
from tests.emulators.running import BUCKET, Cloud
from transforms import storage

SHORT_S = 2.0
HOLD = f"""
import sys, time
from pipeline.lease import held_lease
with held_lease(sys.argv[1], seconds={SHORT_S}):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(path: str) -> "subprocess.Popen[str]":
    """Start a process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", HOLD, path],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def path(cloud: Cloud, request: pytest.FixtureRequest) -> str:
    """The path of a lock that nobody holds."""
    return f"gs://{BUCKET}/{request.node.name}/_lock"


def test_a_lock_is_there_while_it_is_held(path: str) -> None:
    with held_lease(path):
        assert storage.exists(path)
    assert not storage.exists(path)


def test_a_living_holder_is_named(path: str) -> None:
    process = hold(path)
    try:
        with pytest.raises(LockedError, match=f"process {process.pid}"):
            held_lease(path, seconds=SHORT_S).__enter__()
    finally:
        process.kill()
        process.wait()


def test_a_killed_holder_holds_no_longer_than_its_lease(path: str) -> None:
    process = hold(path)
    process.kill()
    process.wait()
    started = time.monotonic()
    with held_lease(path, seconds=SHORT_S) as lease:
        lease.check()
    assert time.monotonic() - started >= SHORT_S


def test_who_lost_the_lock_does_not_commit(path: str) -> None:
    with held_lease(path, seconds=60) as lease:
        storage.write_atomically(path, b'{"host": "another"}')
        with pytest.raises(CommitError, match="the lock was lost"):
            lease.check()
    assert storage.exists(path)
