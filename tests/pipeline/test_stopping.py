import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.stopping import SIGNALS, Stopper, children

PLAN: Any = None  # the part of a pass that may be abandoned does not look at it


def later(seconds: float, act: Callable[[], object]) -> None:
    threading.Timer(seconds, act).start()


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_sleep_at_once(number: int) -> None:
    begun = time.monotonic()
    with Stopper(grace_s=60) as stopper:
        later(0.1, lambda: send(number))
        stopper.sleep(30)
        assert stopper.is_stopping
        stopper.sleep(30)
    assert time.monotonic() - begun < 5


def test_sleep_without_a_signal_lasts() -> None:
    begun = time.monotonic()
    with Stopper(grace_s=60) as stopper:
        stopper.sleep(0.2)
        assert not stopper.is_stopping
    assert time.monotonic() - begun >= 0.2


def test_a_second_signal_abandons_the_pass() -> None:
    abandoned: list[bool] = []
    with Stopper(60, lambda: abandoned.append(True)) as stopper, stopper.watch(PLAN):
        send(signal.SIGTERM)
        assert abandoned == []
        send(signal.SIGTERM)
        assert abandoned == [True]


def test_after_its_grace_the_pass_is_abandoned() -> None:
    abandoned = threading.Event()
    with Stopper(0.1, abandoned.set) as stopper, stopper.watch(PLAN):
        send(signal.SIGTERM)
        assert abandoned.wait(5)


def test_a_commit_is_never_abandoned() -> None:
    abandoned: list[bool] = []
    with Stopper(60, lambda: abandoned.append(True)) as stopper:
        with stopper.watch(PLAN):
            pass
        for _ in range(3):
            send(signal.SIGTERM)
        assert stopper.is_stopping
    assert abandoned == []


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (*SIGNALS, signal.SIGALRM)]
    with Stopper(60):
        pass
    assert [signal.getsignal(number) for number in (*SIGNALS, signal.SIGALRM)] == before


def test_children_of_children_are_found() -> None:
    script = "import subprocess, sys; subprocess.run(['sleep', '30'])"
    process = subprocess.Popen([sys.executable, "-c", script])
    below: list[int] = []
    try:
        deadline = time.monotonic() + 10
        while not (below := children(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(below) == 1
        assert {process.pid, *below} <= set(children(os.getpid()))
    finally:
        for pid in (*below, process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait()
