"""Fetch feeds and read them: a slot's feeds in, entries out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.errors import ElementError, ParseError
from schemas.flow import Feed, FeedEntry, Lineage, ParsedFeed
from schemas.rows import Failure, Fetch
from transforms.failures import failure_row
from transforms.fetch_rows import (
    FAILURES,
    FETCHES,
    Verdict,
    fetch_error,
    fetch_row,
    robots_row,
    tagged,
)
from transforms.parse_feeds import parse_feed
from transforms.retrieve import (
    FetchOutcome,
    Retrieval,
    RetrieveOptions,
    RetrieveRequest,
    retrieve_all,
)

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)


def feed_request(feed: Feed) -> RetrieveRequest:
    """What to ask for to have a feed; validators come with the state (issue 4)."""
    return RetrieveRequest(url=feed.url, accept=ACCEPT, context=feed)


def read_retrieval(retrieval: Retrieval) -> ParsedFeed:
    """The feed that a retrieval brought; ElementError where it brought none."""
    if retrieval.outcome is not FetchOutcome.OK or retrieval.body is None:
        raise fetch_error(retrieval)
    try:
        return parse_feed(
            retrieval.body,
            url=retrieval.final_url or retrieval.requested_url,
            content_type=retrieval.content_type,
        )
    except ParseError:
        raise
    except Exception as error:
        raise ParseError(
            f"{type(error).__name__}: {error}", target=retrieval.requested_url
        ) from error


def fetch_feeds(
    feeds: Iterable[Feed], options: RetrieveOptions, run_id: str
) -> Iterator[FeedEntry | Fetch | Failure]:
    """Fetch feeds concurrently and yield, as each arrives, its row, its entries or its failure."""
    for retrieval in retrieve_all(map(feed_request, feeds), options):
        yield from _outputs(retrieval, run_id)


def _outputs(retrieval: Retrieval, run_id: str) -> Iterator[FeedEntry | Fetch | Failure]:
    if retrieval.is_robots:
        yield robots_row(retrieval, run_id, "feeds")
        return
    feed: Feed = retrieval.request.context
    if retrieval.will_retry or retrieval.outcome is FetchOutcome.NOT_MODIFIED:
        yield fetch_row(retrieval, run_id, "feed", feed.url)
        return
    try:
        parsed = read_retrieval(retrieval)
    except ElementError as error:
        is_fetched = isinstance(error, ParseError)
        outcome = FetchOutcome.BAD_CONTENT if is_fetched else None
        yield fetch_row(retrieval, run_id, "feed", feed.url, Verdict(outcome, error.message))
        stage = "parse_feeds" if is_fetched else "fetch_feeds"
        yield failure_row(run_id, stage, feed.url, error)
        return
    outcome = FetchOutcome.MALFORMED if parsed.problem else None
    verdict = Verdict(outcome, parsed.problem, len(parsed.entries))
    yield fetch_row(retrieval, run_id, "feed", feed.url, verdict)
    for entry in parsed.entries:
        yield replace(entry, feed_url=feed.url)


@dataclass
class FetchFeeds(beam.PTransform):  # type: ignore[misc]
    """(slot, feeds) → `entries` (FeedEntry), `fetches` (Fetch), `failures` (Failure)."""

    options: RetrieveOptions
    lineage: Lineage

    def expand(self, slots: beam.PCollection) -> Any:
        """Wire the work."""
        return slots | "Fetch" >> beam.ParDo(_FetchFeeds(self.options, self.lineage)).with_outputs(
            FETCHES, FAILURES, main="entries"
        )


class _FetchFeeds(beam.DoFn):  # type: ignore[misc]
    def __init__(self, options: RetrieveOptions, lineage: Lineage) -> None:
        self._options = options
        self._run_id = lineage.run_id
        self._entries = Metrics.counter("newsbeam", "entries")
        self._failed = Metrics.counter("newsbeam", "feeds_failed")

    def process(self, element: tuple[str, Iterable[Feed]]) -> Iterator[Any]:
        for item in fetch_feeds(element[1], self._options, self._run_id):
            if isinstance(item, Failure):
                self._failed.inc()
            elif not isinstance(item, Fetch):
                self._entries.inc()
            yield tagged(item)
