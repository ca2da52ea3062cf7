from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from pipeline.newsroom.site import LocalSite
from schemas.flow import Feed
from schemas.state import FeedState, FeedTask
from tests.rows import LINEAGE, NOW
from transforms.ask_feeds import AskedFeeds, ReadAsked, ask_feeds
from transforms.progress import StageCounter, read_progress
from transforms.retrieve import RetrieveOptions
from transforms.settings import PassSettings
from transforms.state import FEEDS, read_rows
from transforms.urls import feed_key

RUNNER = PipelineOptions(["--runner=FnApiRunner"])
RSS = "<rss version='2.0'><channel><item><title>{}</title><link>/a</link></item></channel></rss>"


@pytest.fixture
def settings(tmp_path: Path) -> PassSettings:
    options = RetrieveOptions(allow_networks=("127.0.0.0/8",))
    return PassSettings(options, LINEAGE, NOW, str(tmp_path))


def task(url: str, state: FeedState | None = None) -> FeedTask:
    is_new = state is None
    state = state or FeedState(feed_key(url), url, url)
    return FeedTask(Feed(url), state, "model-1", is_new, is_new)


def ask(settings: PassSettings, *tasks: FeedTask) -> AskedFeeds:
    return ask_feeds(tasks, settings, StageCounter("feeds", f"{settings.staging}/progress"))


def test_what_is_new_goes_on_and_all_else_is_staged(settings: PassSettings) -> None:
    with LocalSite() as site:
        site.add("/feed", RSS.format("Storm"))
        asked = ask(settings, task(site.url("/feed")), task(site.url("/none")))
    rows = {file.table: file.rows for file in asked.files}
    assert rows == {
        "fetches": 2,  # robots.txt and the feed that is not there
        "failures": 1,
        "_state/feeds": 2,
        "_state/contents": 1,
        "_state/robots": 1,
    }
    assert read_progress(f"{settings.staging}/progress") == {"feeds": 2}
    with beam.Pipeline(options=RUNNER) as root:
        found = root | beam.Create([asked.changes]) | ReadAsked()
        titles = found.changes | beam.Map(lambda change: change.entry.title)
        seen = found.brought | beam.Map(lambda fetch: fetch.entries_seen)
        assert_that(titles, equal_to(["Storm"]), label="changes")
        assert_that(seen, equal_to([1]), label="brought")
        assert_that(found.pending, equal_to([]), label="pending")


def test_where_nothing_changed_nothing_goes_on(settings: PassSettings) -> None:
    with LocalSite() as site:
        site.add("/feed", RSS.format("Storm"))
        first = ask(settings, task(site.url("/feed")))
        (path,) = (file.path for file in first.files if file.table == FEEDS.table)
        (state,) = read_rows([path], FEEDS)
        second = ask(settings, task(site.url("/feed"), state))
    assert first.changes is not None
    assert second.changes is None
    rows = {file.table: file.rows for file in second.files}
    assert rows == {"fetches": 2, "_state/feeds": 1, "_state/robots": 1}
