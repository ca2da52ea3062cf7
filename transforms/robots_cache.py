"""The robots.txt files that were had within a day, by this pass or an earlier one."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from schemas.state import RobotsFile
from transforms import storage
from transforms.state import ROBOTS, StateFiles, read_rows

ROBOTS_LIFE = timedelta(days=1)  # RFC 9309, 2.4: not to be used for longer

log = logging.getLogger("newsbeam.robots")


def is_fresh(file: RobotsFile, now: datetime) -> bool:
    """Say whether a file may still be used."""
    return now - file.fetched_at <= ROBOTS_LIFE


@dataclass
class RobotsCache:
    """Finds robots.txt files in the state and among what earlier stages of this pass have staged.

    All are read when the first is asked for.
    """

    files: StateFiles
    now: datetime  # start of the pass
    staged: str | None = None  # folder of the state that those stages left
    _known: dict[str, RobotsFile] | None = None

    def find(self, site: str) -> RobotsFile | None:
        """Return a site's file; None: it has to be asked for."""
        if self._known is None:
            self._known = {}
            for path in (*self.files.of(ROBOTS)[::-1], *self._staged()):
                self._known |= self._read(path)
        return self._known.get(site)

    def _staged(self) -> list[str]:
        return list(storage.list_files(f"{self.staged}/{ROBOTS.table}")) if self.staged else []

    def _read(self, path: str) -> dict[str, RobotsFile]:
        """Read one file; one that a bundle under way has not finished is none."""
        try:
            rows = list(read_rows([path], ROBOTS))
        except (OSError, pa.ArrowInvalid) as error:
            log.debug("%s cannot be read: %s", path, error)
            return {}
        return {row.site: row for row in rows if is_fresh(row, self.now)}
