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


def gather_retries(
    feed_key: str, pending: Iterable[FeedRetries], retries: Iterable[EntryRetry]
) -> FeedRetries:
    """Bring together what still waited for its turn and what failed now."""
    found = {retry.key_hash: retry for row in pending for retry in row.retries}
    found |= {retry.key_hash: retry for retry in retries}
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
        lost = {
            "wanted": inputs["wanted"] | "KeyWanted" >> beam.Map(lambda w: (w.key, w)),
            **{
                name: inputs[name] | f"Key {name}" >> beam.Map(lambda key: (key, True))
                for name in ("tried", "made", "passing")
            },
        } | "JoinByArticle" >> beam.CoGroupByKey()
        now, options = self.now, self.options
        retries = lost | "PlanRetries" >> beam.FlatMap(
            lambda element: _retries(element[1], now, options)
        )
        pending = inputs["pending"] | "KeyPending" >> beam.Map(lambda row: (row.key, row))
        return (
            {"pending": pending, "retries": retries}
            | "JoinByFeed" >> beam.CoGroupByKey()
            | "Gather"
            >> beam.MapTuple(
                lambda key, groups: gather_retries(key, groups["pending"], groups["retries"])
            )
        )


def _retries(
    groups: dict[str, Iterable[Any]], now: datetime, options: PollOptions
) -> Iterator[tuple[str, EntryRetry]]:
    made, was_tried, is_passing = (any(groups[name]) for name in ("made", "tried", "passing"))
    if made:
        return
    for wanted in groups["wanted"]:
        retry = plan_retry(wanted, now, options, was_tried=was_tried, is_passing=is_passing)
        for feed_key in wanted.feeds:
            yield feed_key, retry
