"""Entries that did not become articles: each feed remembers which, and when to try them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import apache_beam as beam

from schemas.state import EntryRetry, FeedRetries
from transforms.join_known import Wanted
from transforms.polling import PollOptions, entry_backoff_s
from transforms.state import hash_bytes

FACTS = TRIED, MADE, PASSING = "tried", "made", "passing"  # what is said of an article, by its key


def plan_retry(
    wanted: Wanted, now: datetime, options: PollOptions, *, was_tried: bool, is_passing: bool
) -> EntryRetry:
    """Say when to try again; at once what this pass had no room for (`--limit`).

    `is_passing`: it may be had soon, as its host did not answer or was busy.
    """
    hashed = hash_bytes(wanted.key)
    if not was_tried:
        return EntryRetry(hashed, wanted.attempts, now)
    attempts = wanted.attempts + 1
    wait = entry_backoff_s(attempts, is_passing, options)
    return EntryRetry(hashed, attempts, now + timedelta(seconds=wait))


def gather_retries(feed_key: str, rows: Iterable[FeedRetries | EntryRetry]) -> FeedRetries:
    """Bring together what still waited for its turn and what failed now."""
    held = list(rows)
    waiting = (row.retries for row in held if isinstance(row, FeedRetries))
    found = {retry.key_hash: retry for retries in waiting for retry in retries}
    found |= {row.key_hash: row for row in held if isinstance(row, EntryRetry)}
    return FeedRetries(feed_key, tuple(found[key] for key in sorted(found)))


@dataclass
class PlanRetries(beam.PTransform):  # type: ignore[misc]
    """What was wanted and what was made of it → PCollection[FeedRetries] of the feeds concerned.

    {`wanted`: Wanted; `tried`, `made`, `passing`: keys of articles; `pending`: FeedRetries of the
    feeds that came and had retries before}. Only new and changed entries pass through here.
    """

    now: datetime
    options: PollOptions

    def expand(self, inputs: Any) -> beam.PCollection:
        """Find by article what was not made, then gather it by feed."""
        now, options = self.now, self.options
        facts = [inputs["wanted"] | "KeyWanted" >> beam.Map(lambda wanted: (wanted.key, wanted))]
        for fact in FACTS:
            facts.append(inputs[fact] | f"Key {fact}" >> beam.Map(lambda key, f=fact: (key, f)))
        retries = (
            facts
            | "FlattenFacts" >> beam.Flatten()
            | "GroupByArticle" >> beam.GroupByKey()
            | "PlanRetries" >> beam.FlatMap(lambda group: list(_retries(group[1], now, options)))
        )
        pending = inputs["pending"] | "KeyPending" >> beam.Map(lambda row: (row.key, row))
        return (
            [pending, retries]
            | "FlattenRetries" >> beam.Flatten()
            | "GroupByFeed" >> beam.GroupByKey()
            | "Gather" >> beam.MapTuple(gather_retries)
        )


def _retries(
    group: Iterable[Wanted | str], now: datetime, options: PollOptions
) -> Iterator[tuple[str, EntryRetry]]:
    """Yield a retry for each feed that wanted an article of which nothing was made."""
    held = list(group)
    if MADE in held:
        return
    for wanted in held:
        if isinstance(wanted, Wanted):
            retry = plan_retry(
                wanted, now, options, was_tried=TRIED in held, is_passing=PASSING in held
            )
            for feed_key in wanted.feeds:
                yield feed_key, retry
