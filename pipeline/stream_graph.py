"""The graph without end: feeds in, windows of rows committed one after the other.

```
feeds, by slot of hosts ─AskFeeds→ News ─MakeArticles→ articles ─ReviseOnce→ ─AnnotateArticles→
  ─SignArticles→ ─StageWindows→ files
  rows · updates of the state · facts · files ─CloseWindows→ ─CommitWindows→ runs
```

What a fetch of a feed leads to carries that fetch's moment all the way, and so lies in one window:
the feed's new state and the articles that follow from it are committed together, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.transforms.periodicsequence import PeriodicImpulse
from apache_beam.utils.timestamp import MAX_TIMESTAMP

from pipeline.commit_windows import CommitWindows, WindowOrder
from schemas.flow import Feed
from transforms.annotate_articles import AnnotateArticles, Model
from transforms.feed_tasks import read_tasks
from transforms.streaming.ask_feeds import AskFeeds
from transforms.streaming.close_windows import CloseWindows
from transforms.streaming.make_articles import MakeArticles
from transforms.streaming.plan import StreamPlan
from transforms.streaming.revise_once import ReviseOnce
from transforms.streaming.stage_windows import StageWindows
from transforms.streaming.windows import stamp
from transforms.syndication.group_articles import SignArticles

Slots = Sequence[tuple[str, str]]  # slots of hosts, and the files that list their feeds


def build_stream_graph(root: beam.Pipeline, order: WindowOrder, model: Model, slots: Slots) -> None:
    """Add the whole graph to a pipeline; it ends only where the plan has an `until`."""
    plan = order.plan
    asked = root | "FeedsInTime" >> FeedsInTime(plan, slots) | "AskFeeds" >> AskFeeds(plan)
    made = asked.news | "MakeArticles" >> MakeArticles(plan)
    revised = made.articles | "ReviseOnce" >> ReviseOnce(plan)
    windows = plan.windows.fixed()
    annotated = (
        revised.articles
        | "WindowArticles" >> beam.WindowInto(windows)
        | "AnnotateArticles" >> AnnotateArticles(model, plan.lineage)
    )
    signed = annotated.annotated | "SignArticles" >> SignArticles()
    whole = {"feeds": asked.kept, "pages": made.kept, "revised": revised.kept}
    items: list[Any] = [
        items | f"Window {name}" >> beam.WindowInto(windows) for name, items in whole.items()
    ]
    items += [annotated.remembered, annotated.failures, signed.signed]
    items.append(signed.articles | "StageWindows" >> StageWindows(plan))
    _ = (
        items
        | "AllItems" >> beam.Flatten()
        | "CloseWindows" >> CloseWindows(plan)
        | "CommitWindows" >> CommitWindows(order)
    )


@dataclass
class FeedsInTime(beam.PTransform):  # type: ignore[misc]
    """The start of a pipeline → PCollection[(slot, feeds)], one a slot, and time goes on.

    The impulse gives no elements; its watermark, which is the clock, lets the timers fire.
    """

    plan: StreamPlan
    slots: Slots

    def expand(self, root: Any) -> beam.PCollection:
        """Join the feeds with the impulse."""
        plan = self.plan
        feeds = (
            root
            | "Slots" >> beam.Create(list(self.slots))
            | "Deal" >> beam.Reshuffle()
            | "ReadFeeds" >> beam.MapTuple(read_feeds)
        )
        clock = (
            root
            | "Clock"
            >> PeriodicImpulse(
                stamp(plan.windows.start),
                MAX_TIMESTAMP if plan.until is None else stamp(plan.until),
                plan.tick.total_seconds(),
            )
            | "TimeAlone" >> beam.FlatMap(no_feeds)
        )
        return (feeds, clock) | "Flatten" >> beam.Flatten()


def read_feeds(slot: str, path: str) -> tuple[str, tuple[Feed, ...]]:
    """Read which feeds belong to a slot."""
    return slot, tuple(task.feed for task in read_tasks(path))


def no_feeds(tick: Any) -> list[tuple[str, tuple[Feed, ...]]]:
    """Give nothing for a tick."""
    return []
