"""End a long-running command when the system asks for it: SIGTERM and SIGINT.

The first signal lets the pass under way finish, for a while; a second one, or the end of that
while, abandons it. A pass is never abandoned while it is being committed.
"""

from __future__ import annotations

import logging
import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from pipeline.graph import RunPlan

SIGNALS = (signal.SIGTERM, signal.SIGINT)

log = logging.getLogger("newsbeam.stream")


def leave() -> NoReturn:
    """End this process and the workers it has started, at once and in good order."""
    for child in children(os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    logging.shutdown()
    os._exit(0)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, and theirs (Linux; elsewhere none)."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, path.read_text().split()):
                found += [child, *children(child)]
    return found


class Stopper:
    """Knows whether the end was asked for; use it in a `with` block, in the main thread."""

    def __init__(self, grace_s: float, abandon: Callable[[], Any] = leave) -> None:
        self.is_stopping = False
        self._grace_s = grace_s
        self._abandon = abandon
        self._may_abandon = False
        self._reading, self._writing = -1, -1
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stopper:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
        return self

    def __exit__(self, *error: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reading)
        os.close(self._writing)

    def sleep(self, seconds: float) -> None:
        """Wait; ends at once when the end is asked for."""
        if not self.is_stopping and seconds > 0:
            select.select([self._reading], [], [], seconds)

    @contextmanager
    def watch(self, plan: RunPlan) -> Iterator[None]:
        """Mark the part of a pass in which nothing is lost when it is abandoned."""
        self._may_abandon = True
        try:
            yield
        finally:
            self._may_abandon = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.is_stopping:
            self._give_up()
            return
        self.is_stopping = True
        with suppress(BlockingIOError):
            os.write(self._writing, b".")
        signal.setitimer(signal.ITIMER_REAL, self._grace_s)

    def _on_alarm(self, number: int, frame: FrameType | None) -> None:
        self._give_up()

    def _give_up(self) -> None:
        if self._may_abandon:
            os.write(2, b"newsbeam: the pass is abandoned; the next start clears what it staged\n")
            self._abandon()
