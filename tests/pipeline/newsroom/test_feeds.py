"""The feeds: every format is read by its reader, and every fault that is promised is there."""

import json
from datetime import UTC, datetime

import feedparser
import httpx
import pytest

from pipeline.newsroom.feeds import Entry, FeedDocument, render_feed
from pipeline.newsroom.server import SampleNewsroom

LATE = datetime(2026, 3, 12, 8, 30, tzinfo=UTC)
FEED = FeedDocument(
    title="News & views",
    url="http://news.example/feed",
    home="http://news.example/",
    language="en-GB",
    updated=LATE,
    entries=(
        Entry(
            entry_id="tag:news.example,2026:1",
            title="‘Enough’ & more <soon>",
            summary="A summary.",
            link="http://news.example/1?a=1&b=2",
            published=LATE,
            authors=("Ann Smith", "Bo Li"),
            keywords=("docks", "tides"),
            content_html="<p>Whole & “quoted”</p>",
        ),
        Entry("tag:news.example,2026:2", "Undated", "No date.", None, None),
    ),
)


@pytest.fixture(scope="module")
def newsroom():
    with SampleNewsroom() as running:
        yield running


def get(newsroom, outlet, path):
    return httpx.get(newsroom.base_urls[outlet] + path, follow_redirects=True)


@pytest.mark.parametrize(
    ("form", "version"), [("rss", "rss20"), ("rdf", "rss10"), ("atom", "atom10")]
)
def test_feedparser_reads_back_what_was_written(form, version):
    parsed = feedparser.parse(render_feed(FEED, form))
    assert (parsed.version, parsed.bozo) == (version, False)
    assert parsed.feed.title == "News & views"
    first, second = parsed.entries
    assert first.title == "‘Enough’ & more &lt;soon&gt;" or first.title == FEED.entries[0].title
    assert (first.link, first.summary) == ("http://news.example/1?a=1&b=2", "A summary.")
    moment = first.get("published_parsed") or first.updated_parsed
    assert datetime(*moment[:6], tzinfo=UTC) == LATE
    assert not second.get("link", "").startswith("http")  # feedparser puts an Atom id there
    assert "published" not in second


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_whole_text_and_ids_survive(form):
    first, second = feedparser.parse(render_feed(FEED, form)).entries
    assert first.id == "tag:news.example,2026:1"
    assert first.content[0].value == "<p>Whole & “quoted”</p>"
    assert "content" not in second


def test_json_feed_has_what_the_standard_wants():
    document = json.loads(render_feed(FEED, "json"))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    first, second = document["items"]
    assert first["authors"] == [{"name": "Ann Smith"}, {"name": "Bo Li"}]
    assert datetime.fromisoformat(first["date_published"]) == LATE
    assert ("content_html" in first, "content_text" in first) == (True, False)
    assert (second["content_text"], "url" in second) == ("No date.", False)


@pytest.mark.parametrize(
    ("outlet", "path", "version", "entries"),
    [
        ("courier", "/feeds/news.xml", "rss20", 12),
        ("courier", "/feeds/culture.rdf", "rss10", 2),
        ("tribune", "/feed/", "atom10", 10),
    ],
)
def test_xml_feed_is_well_formed(newsroom, outlet, path, version, entries):
    parsed = feedparser.parse(get(newsroom, outlet, path).content)
    assert (parsed.version, parsed.bozo, len(parsed.entries)) == (version, False, entries)


def test_malformed_feed_still_gives_its_entries(newsroom):
    parsed = feedparser.parse(get(newsroom, "tribune", "/feed/sports.xml").content)
    assert parsed.bozo
    assert [newsroom.page_url(name) for name in ("t04", "t03")] == [e.link for e in parsed.entries]


def test_json_feed_moved_and_is_valid(newsroom):
    response = get(newsroom, "meridian", "/rss/all.json")
    assert [hop.status_code for hop in response.history] == [301]
    assert response.headers["content-type"] == "application/feed+json"
    links = [item["url"] for item in response.json()["items"]]
    assert newsroom.page_url("m04") in links
    assert newsroom.page_url("m01") in links


@pytest.mark.parametrize(
    ("outlet", "path", "status", "kind", "size"),
    [
        ("courier", "/feeds/letters.xml", 410, "text/plain; charset=utf-8", 64),
        ("tribune", "/podcasts/feed", 200, "text/html; charset=utf-8", 194),
        ("meridian", "/video/feed.xml", 200, "application/rss+xml", 0),
    ],
)
def test_what_is_listed_as_a_feed_and_is_none(newsroom, outlet, path, status, kind, size):
    response = get(newsroom, outlet, path)
    assert (response.status_code, response.headers["content-type"]) == (status, kind)
    assert len(response.content) == size
    assert newsroom.base_urls[outlet] + path in newsroom.feed_urls


def entries_of(newsroom, outlet, path):
    parsed = feedparser.parse(get(newsroom, outlet, path).content)
    return {entry.id.rpartition(":")[2]: entry for entry in parsed.entries}


def test_dates_that_are_not_to_be_believed(newsroom):
    news = entries_of(newsroom, "courier", "/feeds/news.xml")
    assert news["c13"].published_parsed.tm_year == 2099
    assert "published" not in news["c11"]
    assert entries_of(newsroom, "tribune", "/feed/")["t09"].published_parsed.tm_year == 1970


def test_entry_without_a_link_carries_its_text(newsroom):
    entry = entries_of(newsroom, "tribune", "/feed/")["t10"]
    assert not entry.get("link", "").startswith("http")
    assert newsroom.articles["t10"].paragraphs[0][:40] in entry.content[0].value


def test_only_the_feed_carries_the_text_of_the_player_page(newsroom):
    entry = entries_of(newsroom, "courier", "/feeds/news.xml")["c09"]
    page = httpx.get(newsroom.page_url("c09")).text
    for paragraph in newsroom.articles["c09"].paragraphs:
        assert f"<p>{paragraph}</p>" in entry.content[0].value
        assert paragraph not in page


def test_one_article_is_in_two_feeds_of_its_outlet_under_two_links(newsroom):
    name = "c12"
    news = entries_of(newsroom, "courier", "/feeds/news.xml")[name]
    culture = httpx.get(newsroom.base_urls["courier"] + "/feeds/culture.rdf")
    links = [entry.link for entry in feedparser.parse(culture.content).entries]
    assert newsroom.page_url(name) in links
    assert news.link == newsroom.page_url(name) + "?utm_source=news&utm_medium=rss"


def test_entry_whose_page_is_gone(newsroom):
    entry = entries_of(newsroom, "tribune", "/feed/")["local/boil-water-notice-40207.html"]
    assert httpx.get(entry.link).status_code == 404
