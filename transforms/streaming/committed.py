"""What is committed, seen by a worker: it goes on changing while the worker works.

The state in the warehouse is the truth of what is committed; the engine's keyed state knows only
what is under way (`InFlight`), in windows that are not committed yet. A window that an engine
repeats after a fault may turn out otherwise than it did before; whoever believed its own memory
then would miss what the tables do not have. So memory counts until its window is committed, and
not a moment longer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import pyarrow as pa

from schemas.flow import KnownArticle
from transforms.state import StateFiles

Answer = TypeVar("Answer")
Look = Callable[[], tuple[str, tuple[str, ...]]]

LONGEST_S = 60.0  # that an answer may lag behind, where nothing tells that it does
TRIES = 5  # to read files that another commit may merge away meanwhile


@dataclass(frozen=True)
class InFlight:
    """What a window that may not be committed yet is going to say of an article."""

    run_id: str  # of the window
    known: KnownArticle


@dataclass
class Committed:
    """The last run that counts, and the files of the state that it left."""

    look: Look
    last: str = ""
    files: StateFiles = field(default_factory=StateFiles)
    _looked_at: float = float("-inf")

    def has(self, run_id: str) -> bool:
        """Say whether a window is committed; from then on `ask` finds what it left."""
        if run_id > self.last:
            self.refresh()
        return run_id <= self.last

    def ask(self, question: Callable[[StateFiles], Answer]) -> Answer:
        """Ask the files of the state; OSError where they cannot be read, nor those after them."""
        if time.monotonic() - self._looked_at > LONGEST_S:
            self.refresh()
        for left in reversed(range(TRIES)):
            try:
                return question(self.files)
            except (OSError, pa.ArrowException):
                if not left:
                    raise
                self.refresh()
        raise AssertionError("unreachable")

    def refresh(self) -> None:
        """Look which run is the last."""
        self.last, paths = self.look()
        self.files = StateFiles(paths)
        self._looked_at = time.monotonic()


def still_in_flight(held: Mapping[str, InFlight], committed: Committed) -> dict[str, InFlight]:
    """Leave out what is committed by now."""
    if held:
        committed.refresh()
    return {key: item for key, item in held.items() if item.run_id > committed.last}
