"""Bring the entries of all feeds together by article and decide which pages to fetch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.flow import ArticleRequest, FeedEntry, KnownArticle
from schemas.ids import stable_id
from schemas.rows import FeedRef
from transforms.policy import should_fetch
from transforms.state import Remembered, carry_over
from transforms.urls import normalize_url


def request_key(entry: FeedEntry) -> str:
    """Return what two entries of the same article share: the normalized link."""
    if entry.link:
        return normalize_url(entry.link)
    return f"entry:{stable_id(entry.feed_url, entry.entry_id)}"


def entry_hash(entries: Iterable[FeedEntry]) -> str:
    """Return a hash that changes when a publisher changes one of the entries.

    Content and summary count; the feed's own address and the order of feeds do not.
    """
    marks = sorted(
        stable_id(
            e.entry_id,
            e.link,
            e.title,
            str(e.updated or e.published),
            e.summary_html,
            e.content_html,
        )
        for e in entries
    )
    return stable_id(*marks)


def build_request(
    key: str, entries: Iterable[FeedEntry], known: KnownArticle | None
) -> ArticleRequest:
    """Make one request of all entries that name one article; the one that carries most leads."""
    ordered = sorted(
        entries,
        key=lambda e: (
            -len(e.content_html or ""),
            -len(e.summary_html or ""),
            e.feed_url,
            e.entry_id,
        ),
    )
    refs = sorted(
        {FeedRef(feed_url=e.feed_url, entry_id=e.entry_id, link=e.link) for e in ordered},
        key=lambda ref: (ref.feed_url, ref.entry_id, ref.link or ""),
    )
    return ArticleRequest(key, ordered[0], tuple(refs), entry_hash(ordered), known)


def wanted_model(known: KnownArticle | None, model_version: str) -> str:
    """Return the model that an article should have been annotated with.

    One that was stored in a language without a model stays as it is when the model changes.
    """
    return "" if known is not None and not known.model_version else model_version


class _Decide(beam.DoFn):  # type: ignore[misc]
    """(key, {entries, known}) → ArticleRequest; tagged: `remembered`, `new_entries`."""

    def __init__(self, model_version: str, now: datetime) -> None:
        self._model_version = model_version
        self._now = now
        self._counters = {
            name: Metrics.counter("newsbeam", f"requests_{name}") for name in ("fetch", "skip")
        }

    def process(self, element: tuple[str, dict[str, Iterable[Any]]]) -> Iterator[Any]:
        key, groups = element
        entries = list(groups["entries"])
        known = max(groups["known"], key=lambda row: row.revision, default=None)
        if known is not None:
            carried = carry_over(known, seen=bool(entries), now=self._now)
            if carried is not None:
                yield beam.pvalue.TaggedOutput("remembered", Remembered(carried, rank=0))
        if not entries:
            return
        if known is None:
            for entry in entries:
                yield beam.pvalue.TaggedOutput("new_entries", (entry.feed_url, 1))
        request = build_request(key, entries, known)
        decision = should_fetch(request, wanted_model(known, self._model_version))
        self._counters["fetch" if decision.wanted else "skip"].inc()
        if decision.wanted:
            yield request


@dataclass
class JoinKnown(beam.PTransform):  # type: ignore[misc]
    """{`entries`: FeedEntry, `known`: KnownArticle} → `requests`, `remembered`, `new_entries`."""

    model_version: str
    now: datetime

    def expand(self, inputs: Any) -> Any:
        """Group by key and decide."""
        keyed = {
            "entries": inputs["entries"] | "KeyEntries" >> beam.Map(lambda e: (request_key(e), e)),
            "known": inputs["known"] | "KeyKnown" >> beam.Map(lambda k: (k.normalized_link, k)),
        }
        return (
            keyed
            | "GroupByArticle" >> beam.CoGroupByKey()
            | "Decide"
            >> beam.ParDo(_Decide(self.model_version, self.now)).with_outputs(
                "remembered", "new_entries", main="requests"
            )
        )
