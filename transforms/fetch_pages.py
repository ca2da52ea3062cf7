"""Fetch the pages of articles; they flow on as they arrive and are never gathered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.flow import ArticleRequest, Page
from schemas.rows import Failure, Fetch
from schemas.state import RobotsFile
from transforms.archive.write import PageArchive, open_archive
from transforms.failures import failure_row
from transforms.fetch_rows import FAILURES, FETCHES, fetch_error, fetch_row, robots_items, tagged
from transforms.policy import feed_stands_in, is_passing
from transforms.retrieve import FetchOutcome, Retrieval, RetrieveRequest, retrieve_all
from transforms.settings import PassSettings
from transforms.spread_hosts import SlotPlan

ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.5"
PASSING, ROBOTS = "passing", "robots"  # names of outputs


@dataclass(frozen=True)
class PassingLoss:
    """An article whose page could not be had now, and may be had soon."""

    key: str  # of the request


PageItem = Page | Fetch | Failure | PassingLoss | RobotsFile


def page_request(request: ArticleRequest) -> RetrieveRequest:
    """What to ask for to have an article's page; its entry must have a link."""
    return RetrieveRequest(url=request.entry.link or "", accept=ACCEPT, context=request)


def page_of(retrieval: Retrieval) -> Page:
    """The page that a retrieval brought; without a body where it failed."""
    is_ok = retrieval.outcome is FetchOutcome.OK
    return Page(
        request=retrieval.request.context,
        fetched_at=retrieval.started_at,
        final_url=retrieval.final_url if is_ok else None,
        status=retrieval.status,
        content_type=retrieval.content_type,
        body=retrieval.body if is_ok else None,
    )


def fetch_pages(
    requests: Iterable[ArticleRequest], settings: PassSettings, slot: str = ""
) -> Iterator[PageItem]:
    """Fetch pages concurrently and yield each, with its row, as it arrives.

    With an archive in the settings each page that came is kept there. A page without a body comes
    where the entry has no link, or the page could not be had and the feed carries enough to make
    an article of.
    """
    linkless: list[ArticleRequest] = []
    asked = _with_link(requests, linkless)
    with open_archive(settings.archive) as archive:
        for retrieval in retrieve_all(asked, settings.options, settings.robots_before_pages()):
            yield from _outputs(retrieval, settings.lineage.run_id, slot, archive)
            yield from _pages_without_link(linkless)
    yield from _pages_without_link(linkless)


def _outputs(
    retrieval: Retrieval, run_id: str, slot: str, archive: PageArchive | None
) -> Iterator[PageItem]:
    if retrieval.is_robots:
        yield from robots_items(retrieval, run_id, f"pages {slot}")
        return
    request: ArticleRequest = retrieval.request.context
    yield fetch_row(retrieval, run_id, "page", request.entry.feed_url)
    if retrieval.will_retry:
        return
    if retrieval.body is not None:
        raw_ref = archive.add(retrieval) if archive is not None else None
        yield replace(page_of(retrieval), raw_ref=raw_ref)
        return
    error = fetch_error(retrieval)
    yield failure_row(run_id, "fetch_pages", retrieval.requested_url, error)
    if feed_stands_in(request.entry, retrieval):
        yield page_of(retrieval)
    elif is_passing(retrieval):
        yield PassingLoss(request.key)


def _with_link(
    requests: Iterable[ArticleRequest], linkless: list[ArticleRequest]
) -> Iterator[RetrieveRequest]:
    for request in requests:
        if request.entry.link:
            yield page_request(request)
        else:
            linkless.append(request)


def _pages_without_link(linkless: list[ArticleRequest]) -> Iterator[Page]:
    while linkless:
        yield Page(request=linkless.pop(), fetched_at=datetime.now(UTC))


@dataclass
class FetchPages(beam.PTransform):  # type: ignore[misc]
    """(slot, article requests) → `pages` (Page), `fetches` (Fetch), `failures` (Failure).

    Besides, `passing` (PassingLoss) and `robots` (RobotsFile), for the state. `plan` tells which
    hosts a slot has in common with others.
    """

    settings: PassSettings
    plan: SlotPlan | beam.pvalue.AsSingleton = field(default_factory=SlotPlan)

    def expand(self, slots: beam.PCollection) -> Any:
        """Wire the work."""
        return slots | "Fetch" >> beam.ParDo(_FetchPages(self.settings), self.plan).with_outputs(
            FETCHES, FAILURES, PASSING, ROBOTS, main="pages"
        )


class _FetchPages(beam.DoFn):  # type: ignore[misc]
    def __init__(self, settings: PassSettings) -> None:
        self._settings = settings
        self._failed = Metrics.counter("newsbeam", "pages_failed")
        self._bytes = Metrics.distribution("newsbeam", "page_bytes")

    def process(
        self, element: tuple[str, Iterable[ArticleRequest]], plan: SlotPlan
    ) -> Iterator[Any]:
        slot, requests = element
        options = replace(self._settings.options, host_shares=plan.shares(slot))
        settings = replace(self._settings, options=options)
        for item in fetch_pages(requests, settings, slot):
            if isinstance(item, PassingLoss):
                yield beam.pvalue.TaggedOutput(PASSING, item)
            elif isinstance(item, RobotsFile):
                yield beam.pvalue.TaggedOutput(ROBOTS, item)
            else:
                self._count(item)
                yield tagged(item)

    def _count(self, item: Page | Fetch | Failure) -> None:
        if isinstance(item, Failure):
            self._failed.inc()
        elif isinstance(item, Page):
            self._bytes.update(len(item.body or b""))
