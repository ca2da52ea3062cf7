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

    @property
    def staged_by_feeds(self) -> str:
        """Folder of the state that asking for feeds leaves, apart from what pages leave."""
        return f"{self.staging}/feeds"

    def robots_before_feeds(self) -> KnownRobots:
        """Return the robots.txt files that earlier passes left.

        None of this pass: where an engine repeats work, what the first try left does not count,
        nor do the rows of its requests.
        """
        return self.known_robots or RobotsCache(self.files, self.now)

    def robots_before_pages(self) -> KnownRobots:
        """Return those, and what asking for feeds has left, which is over when pages come."""
        return self.known_robots or RobotsCache(self.files, self.now, self.staged_by_feeds)
