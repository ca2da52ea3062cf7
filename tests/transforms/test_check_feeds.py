from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.newsroom.site import LocalSite, Response
from schemas.flow import Feed, FeedEntry, ParsedFeed
from transforms.check_feeds import (
    Level,
    _findings,
    check_feeds,
    finding,
    in_words,
    is_stale,
    newest_entries,
)
from transforms.retrieve import FetchOutcome, RetrieveOptions

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OPTIONS = RetrieveOptions(allow_networks=("127.0.0.0/8",), max_retries=0)
TEXT = "<p>" + "The harbour wall gave way before dawn and the road is closed. " * 12 + "</p>"
PAGE = f"<html lang='en'><body><article><h1>Storm</h1>{TEXT}</article></body></html>"
ENTRY = (
    "<item><title>Storm {0}</title><link>/{0}</link><guid>{0}</guid><pubDate>{1}</pubDate></item>"
)
DATE = "Mon, 23 Nov 2026 08:00:00 GMT"


def rss(*entries):
    return f'<rss version="2.0"><channel><title>Courier</title>{"".join(entries)}</channel></rss>'


GOOD = rss(ENTRY.format("a", DATE), ENTRY.format("b", DATE))


@pytest.fixture
def site():
    with LocalSite() as served:
        yield served


def check(site, options=OPTIONS, path="/feed"):
    (found,) = check_feeds([Feed(url=site.url(path))], options, NOW)
    return found


def codes(checked):
    return [found.code for found in checked.findings]


def test_good_feed_with_good_pages_has_no_findings(site):
    site.add("/feed", GOOD)
    site.add("/a", PAGE)
    site.add("/b", PAGE)
    checked = check(site)
    assert checked.findings == ()
    assert (checked.format, checked.title, checked.entries) == ("rss20", "Courier", 2)
    assert (checked.robots_decision, checked.newest) == (
        "allowed",
        datetime(2026, 11, 23, 8, tzinfo=UTC),
    )
    assert {(page.method, page.language) for page in checked.pages} == {("trafilatura", "en")}
    assert min(page.words for page in checked.pages) > 100


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response("no", status=410), "outcome.gone"),
        (Response("no", status=404), "outcome.http_error"),
        (Response("no", status=403), "outcome.forbidden"),
        (Response("<html>A page</html>"), "found.no_feed"),
        (Response(""), "found.no_feed"),
        (Response(rss()), "found.empty"),
    ],
)
def test_feed_that_gives_nothing_is_a_problem_with_a_remedy(site, answer, code):
    site.add("/feed", answer)
    checked = check(site)
    assert codes(checked) == [code]
    assert not checked.is_usable
    assert checked.findings[0].remedy


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (GOOD.replace("Storm a", "Storm & a"), "found.malformed"),
        (GOOD.replace("<link>/b</link>", ""), "found.linkless"),
        (GOOD.replace(f"<pubDate>{DATE}</pubDate>", "", 1), "found.undated"),
        (GOOD.replace(DATE, "Mon, 03 Aug 2026 08:00:00 GMT"), "found.stale"),
        (GOOD.replace(DATE, "Wed, 23 Dec 2026 08:00:00 GMT", 1), "found.future"),
        (GOOD.replace("<guid>b</guid>", "<guid>a</guid>"), "found.same_ids"),
    ],
)
def test_flaw_of_a_usable_feed_is_named(site, body, code):
    site.add("/feed", body)
    site.add("/a", PAGE)
    site.add("/b", PAGE)
    checked = check(site)
    assert codes(checked) == [code]
    assert checked.is_usable


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (Response("no", status=500), "page.failed"),
        (Response("<html><body><script>build()</script></body></html>"), "page.no_text"),
        (Response(PAGE.replace("closed. </p>", "closed and the […]</p>")), "page.truncated"),
        (
            Response(
                "<html lang='de'><article>"
                + "<p>Der Hafen ist seit dem Morgen gesperrt, und die Stadt bittet.</p>" * 9
                + "</article></html>"
            ),
            "page.language",
        ),
    ],
)
def test_flaw_of_the_pages_is_named(site, page, code):
    site.add("/feed", GOOD)
    site.add("/a", page)
    site.add("/b", page)
    assert codes(check(site)) == [code]


def test_page_that_robots_forbid_is_not_asked_for(site):
    site.add("/robots.txt", "User-agent: *\nDisallow: /a\nDisallow: /b")
    site.add("/feed", GOOD)
    assert codes(check(site)) == ["page.robots"]
    assert {request.path for request in site.requests} == {"/robots.txt", "/feed"}


def test_permanent_redirect_asks_for_the_new_address(site):
    site.redirect("/old", "/feed", status=301)
    site.add("/feed", GOOD)
    site.add("/a", PAGE)
    site.add("/b", PAGE)
    checked = check(site, path="/old")
    assert codes(checked) == ["found.moved"]
    assert site.url("/feed") in checked.findings[0].what


def test_private_network_names_the_option(site):
    site.add("/feed", GOOD)
    checked = check(site, replace(OPTIONS, allow_networks=()))
    assert codes(checked) == ["outcome.refused_network"]
    assert "--allow-network" in checked.findings[0].remedy


def test_checks_come_in_the_order_of_the_list(site):
    site.add("/slow", Response(rss(), delay_s=0.2))
    site.add("/fast", rss())
    feeds = [Feed(url=site.url(path)) for path in ("/slow", "/fast")]
    assert [c.url for c in check_feeds(feeds, OPTIONS, NOW)] == [feed.url for feed in feeds]


def test_every_failed_outcome_has_a_finding():
    known = _findings()["outcome"]
    said_elsewhere = {"ok", "not_modified", "malformed", "bad_content"}
    assert {str(outcome) for outcome in FetchOutcome} - said_elsewhere <= set(known)


def test_finding_fills_its_words_in():
    found = finding("found.stale", age="40 days", site="https://x.example/")
    assert (found.level, found.what) == (Level.WARNING, "its newest entry is 40 days old")
    assert "https://x.example/" in found.remedy


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([1], False),
        ([29], False),
        ([31], True),
        ([92, 62, 32], False),  # a monthly
        ([34, 33, 32], True),  # a daily
        ([400, 200, 40], False),
    ],
)
def test_silence_counts_when_it_is_long_and_unusual(ages, expected):
    assert is_stale([NOW - age * DAY for age in ages], NOW) is expected


def test_newest_entries_are_those_with_a_link():
    old = FeedEntry("f", "1", link="https://x.example/1", published=NOW - DAY)
    new = FeedEntry("f", "2", link="https://x.example/2", published=NOW)
    undated = FeedEntry("f", "3", link="https://x.example/3")
    linkless = FeedEntry("f", "4", published=NOW)
    assert newest_entries(parsed(old, linkless, undated, new), 3) == [new, old, undated]
    assert newest_entries(None, 3) == []


def parsed(*entries):

    return ParsedFeed(entries)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=5), "5 hours"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_span_is_said_as_people_say_it(span, expected):
    assert in_words(span) == expected
