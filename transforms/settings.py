"""What the fetching of feeds and pages depends on, the same for all of a pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from schemas.flow import Lineage
from transforms.archive.write import ArchiveOptions
from transforms.polling import PollOptions
from transforms.retrieve import KnownRobots, RetrieveOptions
from transforms.robots_cache import RobotsCache
from transforms.state import StateFiles


@dataclass(frozen=True)
class PassSettings:
    """One pass: its options, its names, and what earlier passes left."""

    options: RetrieveOptions
    lineage: Lineage
    now: datetime  # start of the pass, UTC
    staging: str  # folder of its temporary files
    files: StateFiles = field(default_factory=StateFiles)  # of the state that earlier passes left
    poll: PollOptions = field(default_factory=PollOptions)
    archive: ArchiveOptions | None = None  # where pages are kept
    known_robots: KnownRobots | None = None  # None: those of the state and of this pass's stages

    def robots(self) -> KnownRobots:
        """Return the robots.txt files that are known when one is asked for first."""
        return self.known_robots or RobotsCache(self.files, self.staging, self.now)
