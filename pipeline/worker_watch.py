"""End a run whose local worker process dies, wherever Beam is waiting for it.

Beam notices when the connection to a worker breaks off. A worker that dies before it has connected
is waited for without end. Its thread in this process raises, though, and that is what is watched.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from pipeline.exit_status import NOTHING_COMMITTED
from pipeline.stopping import children

END_WITHIN_S = 30.0
_WAKE = signal.SIGUSR1  # for the main thread alone, from another of this process
_WORKER = b"sdk_worker_main"  # in its command line
_SIGN = "Worker subprocess exited"  # in the words of Beam's error

Hook = Callable[[threading.ExceptHookArgs], object]


class WorkerDiedError(RuntimeError):
    """A worker process died; the words are Beam's."""


@contextmanager
def watched_workers() -> Iterator[None]:
    """Raise WorkerDiedError in the block where a worker dies; only in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    watch = _Watch(threading.excepthook)
    before = signal.signal(_WAKE, watch.wake)
    threading.excepthook = watch.thread_failed
    try:
        yield
    finally:
        watch.is_over.set()
        threading.excepthook = watch.others
        signal.signal(_WAKE, signal.SIG_IGN if before is signal.SIG_DFL else before)


class _Watch:
    def __init__(self, others: Hook) -> None:
        self.others = others
        self.is_over = threading.Event()
        self._death = ""

    def thread_failed(self, failure: threading.ExceptHookArgs) -> None:
        """Take the place of threading.excepthook."""
        if _SIGN not in str(failure.exc_value):
            self.others(failure)
        elif not self.is_over.is_set() and not self._death:
            self._death = str(failure.exc_value)
            for worker in _workers():  # the others would be waited for, too
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            signal.pthread_kill(threading.main_thread().ident or 0, _WAKE)
            last = threading.Thread(target=self._insist, name="newsbeam-insist", daemon=True)
            last.start()

    def wake(self, number: int, frame: FrameType | None) -> None:
        """Leave whatever the main thread waits for."""
        if not self.is_over.is_set() and self._death:
            raise WorkerDiedError(self._death)

    def _insist(self) -> None:
        if not self.is_over.wait(END_WITHIN_S):
            _leave(self._death)


def _workers() -> list[int]:
    """Return the worker processes of this process, with the shells that started them."""
    found = []
    for child in children(os.getpid()):
        with suppress(OSError):
            if _WORKER in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def _leave(death: str) -> NoReturn:
    """End the process: what it staged is cleared by the next start."""
    print(f"newsbeam: nothing was committed: {death}", file=sys.stderr, flush=True)
    os._exit(NOTHING_COMMITTED)
