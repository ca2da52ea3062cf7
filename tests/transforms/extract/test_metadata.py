from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.flow import FeedEntry
from transforms.extract.document import parse_document
from transforms.extract.metadata import (
    date_in_url,
    find_authors,
    find_dates,
    find_keywords,
    find_publisher,
    find_section,
    find_title,
    site_names,
)

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
ENTRY = FeedEntry(feed_url="https://example.org/feed", entry_id="1")
URL = "https://www.courier.example/news/storm"


def page(head="", body="<p>Text of the page.</p>"):
    return parse_document(f"<html><head>{head}</head><body>{body}</body></html>")


def meta(name, content):
    return f'<meta property="{name}" content="{content}">'


def json_ld(fields):
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", {fields}}}</script>'


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Storm closes pier | The Courier</title>", "", "Storm closes pier"),
        (
            "<title>Storm closes pier - Courier</title>",
            "<h1>Storm closes pier</h1>",
            "Storm closes pier",
        ),
        (
            "<title>The Courier</title>" + meta("og:title", "Storm closes pier"),
            "<h1>The Courier</h1>",
            "Storm closes pier",
        ),
        (
            meta("og:title", "Pier shut by storm"),
            "<h1>Storm shuts the old pier</h1>",
            "Storm shuts the old pier",
        ),
        (json_ld('"headline": "Storm &amp; pier"'), "<h1>News</h1>", "Storm & pier"),
        ("<title>Storm – what we know</title>", "", "Storm – what we know"),
        ("", "<h1>Storm closes pier</h1>", "Storm closes pier"),
    ],
)
def test_headline_is_the_heading_that_others_confirm(head, body, title):
    sites = site_names("The Courier", URL)
    assert find_title(page(head, body or "<p>Text.</p>"), ENTRY, sites) == title


def test_feed_title_is_used_where_there_is_no_page():
    assert find_title(None, replace(ENTRY, title="Storm"), ()) == "Storm"
    assert find_title(None, ENTRY, ()) is None


def test_feed_title_confirms_a_heading():
    entry = replace(ENTRY, title="Storm closes pier")
    body = "<h1>Courier Weekend</h1><h1>Storm closes pier again</h1>"
    assert find_title(page(body=body), entry, ()) == "Storm closes pier again"


@pytest.mark.parametrize(
    ("head", "publisher"),
    [
        (meta("og:site_name", "The Courier"), "The Courier"),
        (json_ld('"publisher": {"@type": "Organization", "name": "Courier Ltd"}'), "Courier Ltd"),
        (meta("og:site_name", "https://courier.example"), "Feed of news"),
        (meta("og:site_name", "@courier"), "courier"),
        ("", "Feed of news"),
    ],
)
def test_publisher_is_the_site_or_the_feed(head, publisher):
    assert find_publisher(page(head), replace(ENTRY, feed_title="Feed of news")) == publisher


@pytest.mark.parametrize(
    ("head", "body", "authors"),
    [
        (
            json_ld('"author": [{"name": "Amina Orr"}, {"name": "Tom Reed"}]'),
            "",
            ("Amina Orr", "Tom Reed"),
        ),
        (json_ld('"author": "By Amina Orr"'), "", ("Amina Orr",)),
        (
            meta("author", "Amina Orr") + meta("article:author", "https://fb.example/orr"),
            "",
            ("Amina Orr",),
        ),
        ("", "", ("Feed Author",)),
    ],
)
def test_authors_come_from_json_ld_then_meta_then_feed(head, body, authors):
    entry = replace(ENTRY, authors=("Feed Author",))
    assert find_authors(page(head, body or "<p>x</p>"), entry) == authors


def test_byline_of_the_page_is_the_last_resort():
    body = '<p class="byline">By <a rel="author">Amina Orr</a></p><p>Text.</p>'
    assert find_authors(page(body=body), ENTRY) == ("Amina Orr",)


@pytest.mark.parametrize(
    ("head", "section"),
    [
        (json_ld('"articleSection": ["Politics", "UK"]'), "Politics"),
        (json_ld('"articleSection": "Business, Markets"'), "Business"),
        (meta("article:section", "Sport"), "Sport"),
        (json_ld('"articleSection": "Articles"'), "Feed section"),
        (meta("article:section", "courier.example"), "Feed section"),
        ("", "Feed section"),
    ],
)
def test_section_is_one_name(head, section):
    assert find_section(page(head), replace(ENTRY, section="Feed section")) == section


def test_keywords_of_page_and_feed_stand_once():
    head = (
        json_ld('"keywords": "storm, Pier"')
        + meta("article:tag", "pier")
        + meta("keywords", "sea,, ")
    )
    entry = replace(ENTRY, keywords=("Storm", "coast"))
    assert find_keywords(page(head), entry) == ("storm", "Pier", "sea", "coast")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("published", "head", "url", "found"),
    [
        (utc(2024, 3, 9), json_ld('"datePublished": "2024-03-08"'), URL, (utc(2024, 3, 9), "feed")),
        (
            None,
            json_ld('"datePublished": "2024-03-08T10:00:00Z"'),
            URL,
            (utc(2024, 3, 8, 10), "jsonld"),
        ),
        (
            utc(2031, 1, 1),
            json_ld('"datePublished": "1970-01-01"') + meta("article:published_time", "2024-03-07"),
            URL,
            (utc(2024, 3, 7), "meta"),
        ),
        (None, "", "https://example.org/2024/03/06/storm", (utc(2024, 3, 6), "url")),
        (None, json_ld('"datePublished": 20240308'), URL, (None, None)),
        (None, "", URL, (None, None)),
    ],
)
def test_date_is_that_of_the_first_source_that_can_be_true(published, head, url, found):
    dates = find_dates(page(head), replace(ENTRY, published=published), url, NOW)
    assert (dates.published, dates.source) == found


def test_time_element_that_marks_publication_is_meta():
    body = '<time class="published" datetime="2024-03-05T08:00:00Z">Tuesday</time><p>Text.</p>'
    dates = find_dates(page(body=body), ENTRY, URL, NOW)
    assert (dates.published, dates.source) == (utc(2024, 3, 5, 8), "meta")


def test_date_of_change_does_not_come_before_publication():
    head = json_ld('"datePublished": "2024-03-08", "dateModified": "2024-03-01"')
    entry = replace(ENTRY, updated=utc(2024, 3, 9))
    assert find_dates(page(head), entry, URL, NOW).modified == utc(2024, 3, 9)


def test_feed_alone_gives_dates():
    entry = replace(ENTRY, published=utc(2024, 3, 8), updated=utc(2024, 3, 9))
    dates = find_dates(None, entry, None, NOW)
    assert (dates.published, dates.source, dates.modified) == (
        utc(2024, 3, 8),
        "feed",
        utc(2024, 3, 9),
    )


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://example.org/2024/03/09/storm", utc(2024, 3, 9)),
        ("https://example.org/news/2024-03-09-storm", utc(2024, 3, 9)),
        ("https://example.org/20240309/storm", utc(2024, 3, 9)),
        ("https://example.org/2024/02/31/storm", None),
        ("https://example.org/2024/03/storm", None),
        ("https://example.org/article/12024030912", None),
        ("https://example.org/?d=/2024/03/09/", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_day_in_an_address(url, day):
    assert date_in_url(url) == day
