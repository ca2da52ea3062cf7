from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from pipeline.newsroom.site import LocalSite, Response
from schemas.flow import EntryChange, Feed
from schemas.ids import stable_id
from schemas.rows import Failure, Fetch
from schemas.state import EntryRetry, FeedContents, FeedRetries, FeedState, FeedTask, RobotsFile
from tests.rows import LINEAGE, NOW
from transforms.feed_tasks import write_tasks
from transforms.fetch_feeds import FeedReader, FetchFeeds
from transforms.retrieve import RetrieveOptions
from transforms.settings import PassSettings
from transforms.state import StateFiles, StateWriter, hash_bytes, number_deltas
from transforms.urls import feed_key

OPTIONS = RetrieveOptions(
    allow_networks=("127.0.0.0/8",), obey_robots=False, max_retries=1, retry_wait_s=0.01
)
RSS = (
    '<rss version="2.0"><channel><title>Courier</title>'
    "<item><title>Storm</title><link>/storm</link><guid>1</guid></item>"
    "<item><title>Pumps</title><link>/pumps</link><guid>2</guid></item></channel></rss>"
)


@pytest.fixture
def site():
    with LocalSite() as served:
        yield served


def new_task(url):
    return FeedTask(Feed(url), FeedState(feed_key(url), url, url), "model-1", True, False)


def settings(options=OPTIONS, **fields):
    return PassSettings(options, LINEAGE, NOW, **({"staging": "/nowhere"} | fields))


def fetch(site, *paths, options=OPTIONS):
    """Returns entries, fetches and failures."""
    tasks = [new_task(site.url(path)) for path in paths]
    items = list(FeedReader(settings(options)).read(tasks))
    entries = [item.entry for item in items if isinstance(item, EntryChange)]
    return [entries, *([i for i in items if isinstance(i, kind)] for kind in (Fetch, Failure))]


class Passes:
    """One feed through several passes; what each leaves is the state of the next."""

    def __init__(self, site, folder):
        self.url = site.url("/feed")
        self.folder = folder
        self.files = StateFiles()
        self.task = new_task(self.url)

    def run(self, **fields):
        """Returns what one pass gives, by class."""
        task = replace(self.task, **fields)
        found = list(FeedReader(settings(files=self.files)).read([task]))
        writer = StateWriter(str(self.folder))
        for item in found:
            if isinstance(item, FeedContents):
                writer.write(item)
            elif isinstance(item, FeedState):
                self.task = replace(self.task, state=item, is_full=False)
        self._keep(number_deltas(writer.close()))
        by_class = {}
        for item in found:
            by_class.setdefault(type(item), []).append(item)
        return by_class

    def _keep(self, files):
        run = self.folder / f"run-{len(self.files.paths)}"
        run.mkdir(exist_ok=True)
        paths = [Path(f.path).rename(run / f"{f.group}.parquet") for f in files]
        self.files = StateFiles((*self.files.paths, *map(str, paths)))


@pytest.fixture
def passes(site, tmp_path):
    return Passes(site, tmp_path)


def test_feed_that_is_as_before_gives_a_row_and_its_state_alone(site, passes):
    site.add("/feed", Response(RSS, etag='"v1"'))
    assert len(passes.run()[EntryChange]) == 2
    second = passes.run()
    assert set(second) == {Fetch, FeedState}
    (row,) = second[Fetch]
    assert (row.outcome, row.entries_new, row.next_fetch_at) == (
        *("not_modified", 0),
        passes.task.state.next_fetch_at,
    )
    assert site.requests[-1].headers["if-none-match"] == '"v1"'


def test_body_that_is_as_before_is_not_read_again(site, passes):
    site.add("/feed", RSS)
    passes.run()
    second = passes.run()
    assert set(second) == {Fetch, FeedState}
    assert (second[Fetch][0].outcome, second[Fetch][0].entries_seen) == ("ok", 2)


def test_body_that_differs_in_its_date_only_has_nothing_new(site, passes):
    dated = RSS.replace("<title>Courier", "<lastBuildDate>{}</lastBuildDate><title>Courier")
    site.add("/feed", dated.format("Tue, 24 Nov 2026 08:00:00 GMT"))
    first = passes.run()[FeedState][0]
    site.add("/feed", dated.format("Tue, 24 Nov 2026 09:00:00 GMT"))
    second = passes.run()
    assert set(second) == {Fetch, FeedState}
    assert second[FeedState][0].last_change == first.last_change
    assert second[FeedState][0].body_hash != first.body_hash


def test_only_what_is_new_or_changed_goes_on(site, passes):
    site.add("/feed", RSS)
    passes.run()
    item = "<item><title>Tide</title><link>/tide</link><guid>3</guid></item></channel>"
    site.add("/feed", RSS.replace("Pumps", "Pumps fail").replace("</channel>", item))
    found = [(c.entry.title, c.is_new, c.is_changed) for c in passes.run()[EntryChange]]
    assert found == [("Pumps fail", False, True), ("Tide", True, False)]


def test_server_whose_validators_lie_is_asked_without_them(site, passes):
    site.add("/feed", Response(RSS, etag='"always"'))
    passes.run()
    site.add("/feed", Response(RSS.replace("Pumps", "Other pumps"), etag='"always"'))
    assert passes.run()[Fetch][0].outcome == "not_modified"
    assert len(passes.run(is_full=True)[EntryChange]) == 1
    assert passes.task.state.validators_lie
    passes.run()
    assert "if-none-match" not in site.requests[-1].headers


def test_entry_that_failed_comes_again_although_its_feed_did_not_change(site, passes):
    site.add("/feed", Response(RSS, etag='"v1"'))
    passes.run()
    due, late, left = (
        EntryRetry(hash_bytes(site.url(path)), 2, NOW + timedelta(hours=hours))
        for path, hours in (("/storm", -1), ("/pumps", 1), ("/gone", 1))
    )
    found = passes.run(is_full=True, retries=(due, late, left))
    assert [(c.entry.title, c.attempts) for c in found[EntryChange]] == [("Storm", 2)]
    assert found[FeedRetries] == [FeedRetries(passes.task.state.key, (late,))]


def test_other_model_takes_every_entry(site, passes):
    site.add("/feed", RSS)
    passes.run()
    found = passes.run(is_full=True, takes_all=True, model_version="model-2")
    assert len(found[EntryChange]) == 2
    assert found[FeedState][0].model_version == "model-2"


def test_feed_that_fails_keeps_what_is_known_of_it(site, passes):
    site.add("/feed", RSS)
    before = passes.run()[FeedState][0]
    site.add("/feed", Response("no", status=503))
    after = passes.run()[FeedState][0]
    assert (after.signature, after.body_hash) == (before.signature, before.body_hash)
    assert (after.failure_score, "503" in after.last_problem) == (0.25, True)


def test_good_feed_gives_entries_and_a_fetch(site):
    site.add("/feed", Response(RSS, content_type="application/rss+xml", etag='"v1"'))
    entries, (row,), failures = fetch(site, "/feed")
    assert [entry.link for entry in entries] == [site.url("/storm"), site.url("/pumps")]
    assert {entry.feed_url for entry in entries} == {site.url("/feed")}
    assert (row.outcome, row.entries_seen, row.http_status, row.etag) == ("ok", 2, 200, '"v1"')
    assert row.bytes == len(RSS)
    assert row.fetch_id == stable_id("run-1", "feed", site.url("/feed"), 1)
    assert row.next_fetch_at is not None
    assert (row.target_type, row.run_id, row.error) == ("feed", "run-1", None)
    assert failures == []


def test_entries_carry_the_feed_as_it_is_listed_and_links_follow_the_redirect(site):
    site.redirect("/old", "/news/feed")
    site.add("/news/feed", RSS.replace("/storm", "storm"))
    entries, (row,), _ = fetch(site, "/old")
    assert (entries[0].feed_url, entries[0].link) == (site.url("/old"), site.url("/news/storm"))
    assert (row.feed_url, row.final_url) == (site.url("/old"), site.url("/news/feed"))
    assert row.redirect_chain == (site.url("/old"),)


def test_malformed_feed_gives_what_can_be_had_and_says_so(site):
    site.add("/feed", RSS.replace("Storm", "Storm & rain").replace("</channel></rss>", ""))
    entries, (row,), failures = fetch(site, "/feed")
    assert len(entries) == 2
    assert (row.outcome, row.entries_seen) == ("malformed", 2)
    assert "not well-formed" in row.error
    assert failures == []


@pytest.mark.parametrize(
    ("answer", "outcome", "stage", "error_class"),
    [
        (Response("gone", status=410), "gone", "fetch_feeds", "gone"),
        (Response("no", status=404), "http_error", "fetch_feeds", "http_error"),
        (Response("<html>A page</html>"), "bad_content", "parse_feeds", "parse_error"),
        (Response(""), "bad_content", "parse_feeds", "parse_error"),
        (Response(b"x" * 2_000_000), "too_large", "fetch_feeds", "too_large"),
    ],
)
def test_feed_that_cannot_be_had_gives_a_fetch_and_a_failure(
    site, answer, outcome, stage, error_class
):
    site.add("/feed", answer)
    limits = replace(OPTIONS, max_bytes=1_000_000)
    entries, (row,), (failure,) = fetch(site, "/feed", options=limits)
    assert entries == []
    assert (row.outcome, row.entries_seen) == (outcome, None)
    assert row.error
    assert (failure.stage, failure.key) == (stage, site.url("/feed"))
    assert failure.error_class == error_class


def test_robots_are_obeyed_and_have_rows(site):
    site.add("/robots.txt", "User-agent: *\nDisallow: /feed", content_type="text/plain")
    site.add("/feed", RSS)
    entries, rows, (failure,) = fetch(site, "/feed", options=replace(OPTIONS, obey_robots=True))
    assert entries == []
    assert [(r.target_type, r.outcome, r.robots_decision) for r in rows] == [
        ("robots", "ok", None),
        ("feed", "robots_disallowed", "disallowed"),
    ]
    assert failure.error_class == "robots_disallowed"


def test_repeated_work_asks_for_robots_again(site, tmp_path):
    """What a first try has staged is in no manifest where an engine has to make another."""
    site.add("/robots.txt", "User-agent: *\nAllow: /")
    site.add("/feed", RSS)
    options = replace(OPTIONS, obey_robots=True)
    tries = [asked_robots(site, tmp_path, options) for _ in range(2)]
    assert tries[0] == tries[1] == ["robots", "feed"]


def asked_robots(site, staging, options):
    """Returns the kinds of requests that a try made; its state is staged as the graph does."""
    pass_settings = settings(options, staging=str(staging))
    items = list(FeedReader(pass_settings).read([new_task(site.url("/feed"))]))
    writer = StateWriter(pass_settings.staged_by_feeds)
    for item in items:
        if isinstance(item, RobotsFile):
            writer.write(item)
    assert [staged.rows for staged in writer.close()] == [1]
    return [item.target_type for item in items if isinstance(item, Fetch)]


def test_bad_feed_does_not_harm_the_good_one(site):
    site.add("/good", RSS)
    site.add("/bad", "<html></html>")
    entries, fetches, failures = fetch(site, "/bad", "/good", "/none")
    assert len(entries) == 2
    assert {row.outcome for row in fetches} == {"ok", "bad_content", "http_error"}
    assert len(failures) == 2


def test_every_attempt_is_a_row_and_the_last_one_decides(site):
    site.add("/feed", Response("busy", status=503))
    _, fetches, failures = fetch(site, "/feed")
    assert [row.attempt for row in fetches] == [1, 2]
    assert len({row.fetch_id for row in fetches}) == 2
    assert len(failures) == 1


def test_transform_tags_its_outputs(site, tmp_path):
    site.add("/feed", RSS)
    options = PipelineOptions(["--runner=DirectRunner", "--update_compatibility_version=2.77.0"])
    tasks = [new_task(site.url("/feed")), new_task(site.url("/none"))]
    slots = write_tasks(str(tmp_path), tasks, 1)
    expected = {
        "changes": ["EntryChange", "EntryChange"],
        "brought": ["Fetch"],
        "rows": ["Fetch", "Failure"],
        "state": ["FeedState", "FeedState", "FeedContents"],
    }
    with beam.Pipeline(options=options) as pipeline:
        result = pipeline | beam.Create(slots) | FetchFeeds(settings())
        for name, kinds in expected.items():
            found = result[name] | f"{name} kinds" >> beam.Map(lambda item: type(item).__name__)
            assert_that(found, equal_to(kinds), label=name)
