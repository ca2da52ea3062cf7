"""The graph of a batch run: feeds in, staged files and their manifest out.

```
Feed ─FetchFeeds→ FeedEntry ─JoinKnown→ ArticleRequest ─FetchPages→ Page ─ExtractArticles→
  ─ReviseArticles→ ─AnnotateArticles→ ─StageArticles→ files ─ResolveDoubles→ manifest
```

From FetchPages to StageArticles all is one fused stage: bodies and texts are never shuffled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apache_beam as beam

from pipeline.options import RunOptions
from schemas.flow import ArticleRequest, Feed, Lineage
from schemas.layout import Layout
from transforms.annotate_articles import AnnotateArticles, Model, ReviseArticles
from transforms.count_entries import CountNewEntries
from transforms.extract_articles import ExtractArticles
from transforms.fetch_feeds import FetchFeeds
from transforms.fetch_pages import FetchPages
from transforms.join_known import JoinKnown
from transforms.progress import CountProgress
from transforms.resolve_doubles import ResolveDoubles
from transforms.stage_rows import StageArticles, StageRows
from transforms.state import read_state
from transforms.urls import host_slot
from transforms.write_state import WriteManifest, WriteState


@dataclass(frozen=True)
class RunPlan:
    """All that the graph of one run depends on besides its options."""

    layout: Layout
    lineage: Lineage
    started: datetime
    model: Model
    feeds: tuple[Feed, ...]
    state_paths: tuple[str, ...]  # of the run before
    slots: int  # into which hosts are dealt: at least one a worker

    @property
    def staging(self) -> str:
        """Folder of this run's temporary files."""
        return self.layout.staging(self.lineage.run_id)

    @property
    def progress(self) -> str:
        """Folder of the counts for the display."""
        return f"{self.staging}/progress"


def build_graph(root: beam.Pipeline, plan: RunPlan, options: RunOptions) -> None:
    """Add the whole graph to a pipeline."""
    feeds = root | "Feeds" >> beam.Create(plan.feeds)
    fetched = _by_host(feeds, "Feeds", plan.slots) | "FetchFeeds" >> FetchFeeds(
        options.retrieve, plan.lineage
    )
    joined = {
        "entries": fetched.entries | "CountEntries" >> CountProgress("entries", plan.progress),
        "known": _known(root, plan.state_paths),
    } | "JoinKnown" >> JoinKnown(plan.lineage.model_version, plan.started)
    requests = joined.requests
    if options.limit is not None:
        requests = requests | "Limit" >> TakeNewest(options.limit)
    written = _write_articles(requests, plan, options)
    _ = (
        fetched.fetches
        | "FeedsAlone" >> beam.Filter(lambda fetch: fetch.target_type == "feed")
        | "CountFeeds" >> CountProgress("feeds", plan.progress)
    )
    feed_fetches = {
        "fetches": fetched.fetches,
        "new_entries": joined.new_entries,
    } | "CountNewEntries" >> CountNewEntries()
    others = [feed_fetches, fetched.failures, *written["rows"]]
    rows = others | "FlattenRows" >> beam.Flatten() | "StageRows" >> StageRows(plan.staging)
    state = (
        [joined.remembered, *written["remembered"]]
        | "FlattenState" >> beam.Flatten()
        | "WriteState" >> WriteState(plan.staging)
    )
    files = [rows, state, written["files"]] | "FlattenFiles" >> beam.Flatten()
    _ = files | "WriteManifest" >> WriteManifest(plan.layout.manifest(plan.lineage.run_id))


def _write_articles(
    requests: beam.PCollection, plan: RunPlan, options: RunOptions
) -> dict[str, Any]:
    """Fetch, extract, annotate and stage: the fused stage."""
    counted = requests | "CountRequests" >> CountProgress("requests", plan.progress)
    fetched = _by_host(counted, "Requests", plan.slots) | "FetchPages" >> FetchPages(
        options.retrieve, plan.lineage
    )
    pages = fetched.pages | "CountPages" >> CountProgress("pages", plan.progress)
    extracted = pages | "ExtractArticles" >> ExtractArticles(plan.lineage)
    revised = extracted.articles | "ReviseArticles" >> ReviseArticles(
        plan.state_paths, plan.lineage.model_version
    )
    annotated = revised.articles | "AnnotateArticles" >> AnnotateArticles(plan.model, plan.lineage)
    staged = (
        annotated.annotated
        | "CountArticles" >> CountProgress("articles", plan.progress)
        | "StageArticles" >> StageArticles(plan.staging)
    )
    files = {
        "signatures": staged.signatures,
        "files": staged.files,
    } | "ResolveDoubles" >> ResolveDoubles(plan.staging)
    return {
        "files": files,
        "rows": [fetched.fetches, fetched.failures, extracted.failures, annotated.failures],
        "remembered": [revised.remembered, annotated.remembered],
    }


def _by_host(items: beam.PCollection, name: str, slots: int) -> beam.PCollection:
    """Deal items to slots by host, so that one worker alone talks to a host."""
    return (
        items
        | f"Key{name}ByHost" >> beam.Map(lambda item: (host_slot(address_of(item), slots), item))
        | f"Group{name}ByHost" >> beam.GroupByKey()
    )


def address_of(item: Feed | ArticleRequest) -> str:
    """Return the address that will be asked for; an entry without a link goes by its feed."""
    if isinstance(item, Feed):
        return item.url
    return item.entry.link or item.entry.feed_url


def _known(root: beam.Pipeline, paths: Sequence[str]) -> beam.PCollection:
    return root | "StateFiles" >> beam.Create(list(paths)) | "ReadState" >> beam.FlatMap(read_state)


@dataclass
class TakeNewest(beam.PTransform):  # type: ignore[misc]
    """Keep the `limit` requests whose entries are newest; ties go by key."""

    limit: int

    def expand(self, requests: beam.PCollection) -> beam.PCollection:
        """Pick and unpack."""
        return (
            requests
            | "Newest" >> beam.combiners.Top.Of(self.limit, key=newness)
            | "Unpack" >> beam.FlatMap(lambda kept: kept)
        )


def newness(request: ArticleRequest) -> tuple[float, str]:
    """Return what orders requests by date; entries without a date come last."""
    date = request.entry.published or request.entry.updated
    return (date.timestamp() if date else 0.0, request.key)
