"""The robots.txt files that one slot of hosts knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from schemas.state import RobotsFile
from transforms.robots_cache import is_fresh
from transforms.state import ROBOTS, StateFiles, hash_of, read_rows
from transforms.streaming.committed import Committed


@dataclass
class SlotRobots:
    """Finds a site's file among those that the slot had itself, then in the committed state."""

    own: dict[str, RobotsFile]
    committed: Committed
    now: datetime
    _missing: set[str] = field(default_factory=set)

    def find(self, site: str) -> RobotsFile | None:
        """Return a site's file; None: it has to be asked for."""
        held = self.own.get(site)
        if held is not None and is_fresh(held, self.now):
            return held
        if site in self._missing:
            return None
        rows = self.committed.ask(lambda files: _read(files, site))
        found = next((row for row in rows if is_fresh(row, self.now)), None)
        if found is None:
            self._missing.add(site)
        return found

    def keep(self, file: RobotsFile) -> None:
        """Remember a file that was asked for."""
        self.own[file.site] = file

    def fresh(self) -> dict[str, RobotsFile]:
        """Return what is worth remembering."""
        return {site: file for site, file in self.own.items() if is_fresh(file, self.now)}


def _read(files: StateFiles, site: str) -> list[RobotsFile]:
    wanted = np.array([hash_of(site)], np.uint64)
    return [row for row in read_rows(files.of(ROBOTS), ROBOTS, wanted) if row.site == site]
