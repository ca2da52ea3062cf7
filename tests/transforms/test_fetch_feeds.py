from dataclasses import replace

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from pipeline.newsroom.site import LocalSite, Response
from schemas.flow import Feed, FeedEntry, Lineage
from schemas.ids import stable_id
from schemas.rows import Failure, Fetch
from transforms.fetch_feeds import FetchFeeds, fetch_feeds
from transforms.retrieve import RetrieveOptions

LINEAGE = Lineage("run-1", "0.1.0", "model-1")
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


def fetch(site, *paths, options=OPTIONS):
    """Returns entries, fetches and failures."""
    feeds = [Feed(url=site.url(path)) for path in paths]
    items = list(fetch_feeds(feeds, options, "run-1"))
    return [[i for i in items if isinstance(i, kind)] for kind in (FeedEntry, Fetch, Failure)]


def test_good_feed_gives_entries_and_a_fetch(site):
    site.add("/feed", Response(RSS, content_type="application/rss+xml", etag='"v1"'))
    entries, (row,), failures = fetch(site, "/feed")
    assert [entry.link for entry in entries] == [site.url("/storm"), site.url("/pumps")]
    assert {entry.feed_url for entry in entries} == {site.url("/feed")}
    assert (row.outcome, row.entries_seen, row.http_status, row.etag) == ("ok", 2, 200, '"v1"')
    assert row.bytes == len(RSS)
    assert row.fetch_id == stable_id("run-1", "feed", site.url("/feed"), 1)
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


def test_transform_tags_its_outputs(site):
    site.add("/feed", RSS)
    options = PipelineOptions(["--runner=DirectRunner", "--update_compatibility_version=2.77.0"])
    slots = [("slot-0000", [Feed(site.url("/feed")), Feed(site.url("/none"))])]
    with beam.Pipeline(options=options) as pipeline:
        result = pipeline | beam.Create(slots) | FetchFeeds(OPTIONS, LINEAGE)
        for name, kinds in (
            ("entries", ["FeedEntry", "FeedEntry"]),
            ("fetches", ["Fetch", "Fetch"]),
            ("failures", ["Failure"]),
        ):
            found = result[name] | f"{name} kinds" >> beam.Map(lambda item: type(item).__name__)
            assert_that(found, equal_to(kinds), label=name)
