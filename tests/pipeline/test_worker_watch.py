import signal
import subprocess
import sys
import threading

import pytest

from pipeline.worker_watch import WorkerDiedError, watched_workers

DEATH = "Worker subprocess exited with return code -9"


def die_in_a_thread(error: Exception) -> None:
    """Let a thread end as Beam's does when its worker dies."""

    def run() -> None:
        raise error

    threading.Timer(0.05, run).start()


def wait_for_workers() -> None:
    """Wait as a run does, while one of its workers dies."""
    with watched_workers():
        die_in_a_thread(RuntimeError(DEATH))
        threading.Event().wait(20)


def test_the_main_thread_is_freed_from_whatever_it_waits_for() -> None:
    with pytest.raises(WorkerDiedError, match="return code -9"):
        wait_for_workers()


def test_the_other_workers_are_ended_and_nothing_else() -> None:
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    worker = subprocess.Popen([*sleeping, "sdk_worker_main"])
    other = subprocess.Popen(sleeping)
    with pytest.raises(WorkerDiedError):
        wait_for_workers()
    assert worker.wait(20) == -signal.SIGKILL
    assert other.poll() is None
    other.kill()
    other.wait()


def test_other_failures_of_threads_go_where_they_went(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(
        threading, "excepthook", lambda failure: seen.append(str(failure.exc_value))
    )
    with watched_workers():
        die_in_a_thread(RuntimeError("another thing"))
        threading.Event().wait(0.5)
    assert seen == ["another thing"]


def test_a_worker_that_ends_late_ends_nothing() -> None:
    with watched_workers():
        hook = threading.excepthook
    hook(threading.ExceptHookArgs((RuntimeError, RuntimeError(DEATH), None, None)))
    assert threading.excepthook is not hook


def test_outside_of_the_main_thread_it_does_nothing() -> None:
    entered: list[bool] = []

    def run() -> None:
        with watched_workers():
            entered.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert entered == [True]
