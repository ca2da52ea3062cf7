"""What all stages of a graph without end have in common."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import apache_beam as beam

from schemas.flow import Lineage
from schemas.layout import Layout, RunId
from transforms.polling import PollOptions
from transforms.retrieve import KnownRobots, RetrieveOptions
from transforms.settings import PassSettings
from transforms.streaming.committed import Look
from transforms.streaming.windows import Windows


def by_name() -> Any:
    """Tell Beam that elements are pairs with a string as the key, which it cannot infer."""
    return beam.Map(lambda pair: pair).with_output_types(tuple[str, Any])


@dataclass(frozen=True)
class StreamPlan:
    """All that the stages of a graph without end depend on."""

    layout: Layout
    lineage: Lineage  # its run is that of the whole stream; rows carry their window's
    windows: Windows
    retrieve: RetrieveOptions
    feed_slots: int  # into which the hosts of feeds are dealt …
    page_slots: int  # … and those of pages
    look: Look  # the last run and the files of its state
    poll: PollOptions = field(default_factory=PollOptions)
    until: datetime | None = None  # nothing is asked for from then on
    alive: str | None = None  # file that shows, now and then, that the stream lives
    tick: timedelta = timedelta()  # of the clock, which may be ahead by that much
    early: timedelta = timedelta(minutes=10)  # a timer that fires so early tells of a drain

    def staging(self, run: RunId) -> str:
        """Return the folder of a window's temporary files."""
        return self.layout.staging(run.value)

    def lineage_at(self, moment: datetime) -> Lineage:
        """Return what rows of a moment say of their origin."""
        return replace(self.lineage, run_id=self.windows.run(moment).value)

    def settings(
        self, moment: datetime, options: RetrieveOptions, robots: KnownRobots
    ) -> PassSettings:
        """Return what fetching depends on at a moment; the state is not among it."""
        return PassSettings(
            options=options,
            lineage=self.lineage_at(moment),
            now=moment,
            staging=self.staging(self.windows.run(moment)),
            poll=self.poll,
            known_robots=robots,
        )
