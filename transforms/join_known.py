"""Bring the changed entries of all feeds together by article and decide which pages to fetch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.flow import ArticleRequest, EntryChange, FeedEntry, KnownArticle
from schemas.rows import FeedRef
from transforms.feed_marks import entry_hash
from transforms.find_state import find_by_keys
from transforms.policy import should_fetch
from transforms.state import StateFiles, hash_of, shard_of


@dataclass(frozen=True)
class Wanted:
    """An article that is to be made, and the feeds that have to try again if it is not."""

    key: str
    feeds: tuple[str, ...]  # keys of the feeds
    attempts: int  # passes in which it could not be made


def build_request(
    key: str, changes: Iterable[EntryChange], known: KnownArticle | None
) -> ArticleRequest:
    """Make one request of all entries that name one article; the one that carries most leads."""
    held = list(changes)
    ordered = sorted((change.entry for change in held), key=_weight)
    earlier = known.feed_refs if known is not None else ()
    return ArticleRequest(
        key=key,
        entry=ordered[0],
        feed_refs=merge_refs(earlier, map(_ref, ordered)),
        entry_hash=entry_hash(ordered),
        known=known,
        is_changed=any(change.is_changed for change in held),
    )


def _weight(entry: FeedEntry) -> tuple[int, int, str, str]:
    content, summary = len(entry.content_html or ""), len(entry.summary_html or "")
    return -content, -summary, entry.feed_url, entry.entry_id


def _ref(entry: FeedEntry) -> FeedRef:
    return FeedRef(feed_url=entry.feed_url, entry_id=entry.entry_id, link=entry.link)


def merge_refs(earlier: Iterable[FeedRef], now: Iterable[FeedRef]) -> tuple[FeedRef, ...]:
    """Bring references together, in order; of two to one entry the later link counts."""
    refs = {(ref.feed_url, ref.entry_id): ref for ref in (*earlier, *now)}
    return tuple(refs[key] for key in sorted(refs))


def wanted_model(known: KnownArticle | None, model_version: str) -> str:
    """Return the model that an article should have been annotated with.

    One that was stored in a language without a model stays as it is when the model changes.
    """
    return "" if known is not None and not known.model_version else model_version


class _Decide(beam.DoFn):  # type: ignore[misc]
    """(shard, EntryChange) → ArticleRequest; tagged: `remembered`, `new_entries`, `wanted`."""

    def __init__(self, model_version: str, now: datetime, files: StateFiles) -> None:
        self._model_version = model_version
        self._now = now
        self._files = files
        self._counters = {
            name: Metrics.counter("newsbeam", f"requests_{name}") for name in ("fetch", "skip")
        }

    def process(self, element: tuple[str, Iterable[EntryChange]]) -> Iterator[Any]:
        shard, changes = element
        groups: dict[str, list[EntryChange]] = {}
        for change in changes:
            groups.setdefault(change.key, []).append(change)
        found = find_by_keys(self._files, shard, groups)
        for key, group in groups.items():
            yield from self._decide(key, group, found.get(key))

    def _decide(
        self, key: str, changes: list[EntryChange], known: KnownArticle | None
    ) -> Iterator[Any]:
        for change in changes:
            if known is None and change.is_new:
                yield beam.pvalue.TaggedOutput("new_entries", (change.entry.feed_url, 1))
        request = build_request(key, changes, known)
        decision = should_fetch(request, wanted_model(known, self._model_version))
        self._counters["fetch" if decision.wanted else "skip"].inc()
        if decision.wanted:
            feeds = tuple(sorted({change.feed_key for change in changes}))
            attempts = max(change.attempts for change in changes)
            yield beam.pvalue.TaggedOutput("wanted", Wanted(key, feeds, attempts))
            yield request
        elif known is not None and known.feed_refs != request.feed_refs:
            row = replace(known, feed_refs=request.feed_refs, last_seen=self._now)
            yield beam.pvalue.TaggedOutput("remembered", row)


@dataclass
class JoinKnown(beam.PTransform):  # type: ignore[misc]
    """PCollection[EntryChange] → `requests`, `remembered`, `new_entries` and `wanted`.

    What earlier runs know is looked up in the state's files, each shard by one worker; articles
    that no changed entry names are not touched.
    """

    model_version: str
    now: datetime
    files: StateFiles

    def expand(self, changes: beam.PCollection) -> Any:
        """Group by shard and decide."""
        return (
            changes
            | "KeyByShard" >> beam.Map(lambda change: (shard_of(hash_of(change.key)), change))
            | "GroupByShard" >> beam.GroupByKey()
            | "Decide"
            >> beam.ParDo(_Decide(self.model_version, self.now, self.files)).with_outputs(
                "remembered", "new_entries", "wanted", main="requests"
            )
        )
