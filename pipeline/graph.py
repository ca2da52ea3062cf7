"""The graph of a batch run: feeds in, staged files and their manifest out.

```
FeedTask ─FetchFeeds→ EntryChange ─JoinKnown→ ArticleRequest ─FetchPages→ Page ─ExtractArticles→
                                                WARC files ─ReadArchive→ Page
  ─ReviseArticles→ ─AnnotateArticles→ ─SignArticles→ ─StageArticles→ files
  files ─ResolveDoubles→ ─FillStories→ manifest
```

A feed in which nothing changed ends with FetchFeeds: a row, its state, and no more. From FetchPages
to StageArticles all is one fused stage: bodies and texts are never shuffled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apache_beam as beam

from pipeline.options import RunOptions
from schemas.flow import ArticleRequest, Feed, Lineage
from schemas.layout import Layout
from schemas.state import FeedState
from transforms.annotate_articles import AnnotateArticles, Model, ReviseArticles
from transforms.archive.write import ArchiveOptions
from transforms.ask_feeds import AskedFeeds, ReadAsked
from transforms.count_entries import CountNewEntries
from transforms.extract_articles import ExtractArticles
from transforms.fetch_feeds import FetchFeeds
from transforms.fetch_pages import FetchPages
from transforms.join_known import JoinKnown
from transforms.plan_retries import PlanRetries
from transforms.polling import Agenda
from transforms.progress import CountProgress
from transforms.read_archive import Archive, ReadArchive
from transforms.resolve_doubles import ResolveDoubles
from transforms.settings import PassSettings
from transforms.spread_hosts import SpreadHosts
from transforms.stage_rows import StageArticles, StageRows
from transforms.state import StateFiles
from transforms.syndication.fill_stories import FillStories
from transforms.syndication.group_articles import PLACES, GroupArticles, SignArticles
from transforms.syndication.known import STORY_WINDOW, KnownSignatures
from transforms.write_state import StageState, WriteManifest


@dataclass(frozen=True)
class RunPlan:
    """All that the graph of one run depends on besides its options."""

    layout: Layout
    lineage: Lineage
    started: datetime
    model: Model
    agenda: Agenda  # which feeds are due
    state: StateFiles  # of the run before
    slots: int  # into which hosts are dealt: at least one a worker

    @property
    def staging(self) -> str:
        """Folder of this run's temporary files."""
        return self.layout.staging(self.lineage.run_id)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The feeds that this run asks for."""
        return tuple(task.feed for task in self.agenda.due)

    @property
    def progress(self) -> str:
        """Folder of the counts for the display."""
        return f"{self.staging}/progress"

    def settings(self, options: RunOptions) -> PassSettings:
        """Return what the fetching depends on."""
        return PassSettings(
            options=options.retrieve,
            lineage=self.lineage,
            now=self.started,
            staging=self.staging,
            files=self.state,
            poll=options.poll,
            archive=self._archive(options),
        )

    def _archive(self, options: RunOptions) -> ArchiveOptions | None:
        if options.archive is None:
            return None
        run_id, version = self.lineage.run_id, self.lineage.pipeline_version
        return ArchiveOptions(options.archive, run_id, self.started.date(), f"newsbeam/{version}")


Tasks = Sequence[tuple[str, str]]  # slots, and the files that say which of their feeds are due


def build_graph(
    root: beam.Pipeline, plan: RunPlan, options: RunOptions, source: Tasks | AskedFeeds
) -> beam.PCollection:
    """Add the whole graph to a pipeline: it asks for feeds, or takes up what was asked for.

    Returns the manifest's path, which is there when all is staged.
    """
    if isinstance(source, AskedFeeds):
        fetched, files = _read_asked(root, source)
    else:
        fetched, files = _fetch_feeds(root, plan, options, source)
    return _make_articles(plan, options, fetched, files)


def _fetch_feeds(
    root: beam.Pipeline, plan: RunPlan, options: RunOptions, tasks: Tasks
) -> tuple[Any, list[Any]]:
    """Ask for feeds in the graph; return what is new in them, and the files that are staged."""
    slots = root | "Slots" >> beam.Create(tasks) | "DealSlots" >> beam.Reshuffle()
    settings = plan.settings(options)
    fetched = slots | "FetchFeeds" >> FetchFeeds(settings)
    _ = (
        fetched.state
        | "FeedsAlone" >> beam.Filter(lambda row: isinstance(row, FeedState))
        | "CountFeeds" >> CountProgress("feeds", plan.progress)
    )
    files = [
        fetched.rows | "StageFeedRows" >> StageRows(plan.staging),
        fetched.state | "StageFeeds" >> StageState(plan.staging),
        fetched.robots | "StageRobots" >> StageState(settings.staged_by_feeds),  # for FetchPages
    ]
    return fetched, files


def _read_asked(root: beam.Pipeline, asked: AskedFeeds) -> tuple[Any, list[Any]]:
    """Take up what came of feeds that the driver has asked for, as `_fetch_feeds` gives it."""
    fetched = root | "Asked" >> beam.Create([asked.changes]) | "ReadAsked" >> ReadAsked()
    return fetched, [root | "AskedFiles" >> beam.Create(list(asked.files))]


def _make_articles(
    plan: RunPlan, options: RunOptions, fetched: Any, staged: list[Any]
) -> beam.PCollection:
    """Add all that comes behind the feeds: from what is new in them to the manifest."""
    changes = fetched.changes | "CountEntries" >> CountProgress("entries", plan.progress)
    joined = changes | "JoinKnown" >> JoinKnown(
        plan.lineage.model_version, plan.started, plan.state
    )
    requests = joined.requests
    if options.limit is not None:
        requests = requests | "Limit" >> TakeNewest(options.limit)
    written = _write_articles(requests, plan, options)
    brought = {
        "fetches": fetched.brought,
        "new_entries": joined.new_entries,
    } | "CountNewEntries" >> CountNewEntries()
    rows = [*written["rows"], brought] | "FlattenRows" >> beam.Flatten()
    retries = {
        "wanted": joined.wanted,
        "tried": requests | "TriedKeys" >> beam.Map(lambda request: request.key),
        "made": written["made"] | "MadeKeys" >> beam.Map(lambda known: known.normalized_link),
        "passing": written["passing"] | "PassingKeys" >> beam.Map(lambda loss: loss.key),
        "pending": fetched.pending,
    } | "PlanRetries" >> PlanRetries(plan.started, options.poll)
    state = [written["made"], joined.remembered, retries, written["robots"], written["stories"]]
    files = [
        written["files"],
        *staged,
        rows | "StageRows" >> StageRows(plan.staging),
        state | "FlattenState" >> beam.Flatten() | "StageState" >> StageState(plan.staging),
    ] | "FlattenFiles" >> beam.Flatten()
    return files | "WriteManifest" >> WriteManifest(plan.layout.manifest(plan.lineage.run_id))


def build_replay_graph(
    root: beam.Pipeline, plan: RunPlan, options: RunOptions, archive: Archive
) -> beam.PCollection:
    """Add the graph that makes articles of archived pages; no feed and no server is asked.

    Returns the manifest's path, which is there when all is staged.
    """
    read = (
        root
        | "Ranges" >> beam.Create(archive.ranges)
        | "ReadArchive" >> ReadArchive(archive.folder, plan.lineage.run_id, options.limit)
    )
    written = _write_pages(read["pages"], plan)
    rows = [read["failures"], *written["rows"]] | "FlattenRows" >> beam.Flatten()
    state = [written["made"], written["stories"]] | "FlattenState" >> beam.Flatten()
    files = [
        written["files"],
        rows | "StageRows" >> StageRows(plan.staging),
        state | "StageState" >> StageState(plan.staging),
    ] | "FlattenFiles" >> beam.Flatten()
    return files | "WriteManifest" >> WriteManifest(plan.layout.manifest(plan.lineage.run_id))


def _write_articles(
    requests: beam.PCollection, plan: RunPlan, options: RunOptions
) -> dict[str, Any]:
    """Fetch, extract, annotate and stage: the fused stage."""
    counted = requests | "CountRequests" >> CountProgress("requests", plan.progress)
    slots = counted | "SpreadHosts" >> SpreadHosts(
        plan.slots, options.retrieve.per_host_connections
    )
    fetched = slots["dealt"] | "FetchPages" >> FetchPages(plan.settings(options), slots["plan"])
    written = _write_pages(fetched.pages, plan)
    return {
        **written,
        "rows": [fetched.fetches, fetched.failures, *written["rows"]],
        "passing": fetched.passing,
        "robots": fetched.robots,
    }


def _write_pages(pages: beam.PCollection, plan: RunPlan) -> dict[str, Any]:
    """Extract, annotate and stage."""
    counted = pages | "CountPages" >> CountProgress("pages", plan.progress)
    extracted = counted | "ExtractArticles" >> ExtractArticles(plan.lineage)
    revised = extracted.articles | "ReviseArticles" >> ReviseArticles(
        plan.state, plan.lineage.model_version
    )
    annotated = revised.articles | "AnnotateArticles" >> AnnotateArticles(plan.model, plan.lineage)
    signed = (
        annotated.annotated
        | "CountArticles" >> CountProgress("articles", plan.progress)
        | "SignArticles" >> SignArticles()
    )
    staged = signed.articles | "StageArticles" >> StageArticles(plan.staging)
    files = {
        "signatures": staged.signatures,
        "files": staged.files,
    } | "ResolveDoubles" >> ResolveDoubles(plan.staging)
    stories = signed.signed | "GroupArticles" >> GroupArticles(
        KnownSignatures(plan.state, plan.started - STORY_WINDOW), max(PLACES, plan.slots)
    )
    filled = {
        "files": files,
        "decisions": stories["decisions"],
    } | "FillStories" >> FillStories(plan.staging)
    return {
        "files": filled,
        "stories": stories["remembered"],
        "rows": [extracted.failures, annotated.failures],
        "made": [revised.remembered, annotated.remembered] | "FlattenMade" >> beam.Flatten(),
    }


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
