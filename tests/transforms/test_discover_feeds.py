import gzip

import pytest

from pipeline.newsroom.site import LocalSite, Response
from schemas.errors import FetchError
from transforms.discover_feeds import (
    Candidate,
    FoundBy,
    discover_feeds,
    looks_like_feed,
    page_candidates,
    sitemap_locations,
    unique,
)
from transforms.retrieve import RetrieveOptions

OPTIONS = RetrieveOptions(allow_networks=("127.0.0.0/8",), max_retries=0)
PAGE = "https://courier.example/news/"


def rss(title, link="/storm"):
    return Response(
        f'<rss version="2.0"><channel><title>{title}</title><item><title>Storm</title>'
        f"<link>{link}</link><pubDate>Mon, 02 Nov 2026 08:00:00 GMT</pubDate></item>"
        "</channel></rss>",
        content_type="application/rss+xml",
    )


@pytest.fixture
def site():
    with LocalSite() as served:
        yield served


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            '<link rel="alternate" type="application/rss+xml" title="All news" href="/rss.xml">',
            [("https://courier.example/rss.xml", FoundBy.LINK, "All news")],
        ),
        (
            '<link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="atom">',
            [("https://courier.example/news/atom", FoundBy.LINK, None)],
        ),
        ('<link rel="feed" href="/f">', [("https://courier.example/f", FoundBy.LINK, None)]),
        ('<link rel="alternate" hreflang="de" href="/de/">', []),
        ('<link rel="alternate stylesheet" type="text/xml" href="/s">', []),
        ('<link rel="alternate" type="application/rss+xml" href="/storm/comments/feed/">', []),
        ('<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">', []),
        ('<link rel="alternate" type="application/rss+xml" href="http://[broken">', []),
        (
            '<base href="https://cdn.courier.example/x/"><link rel="feed" href="f.xml">',
            [("https://cdn.courier.example/x/f.xml", FoundBy.LINK, None)],
        ),
        (
            '<a href="/feeds/world.rss">World <b>news</b></a>',
            [("https://courier.example/feeds/world.rss", FoundBy.ANCHOR, "World news")],
        ),
        ('<a href="https://elsewhere.example/rss">Partner</a>', []),
        ('<a href="/feedback">Write to us</a>', []),
        ("", []),
        ("<!-- nothing", []),
    ],
)
def test_page_names_its_feeds(html, expected):
    found = [(c.url, c.found_by, c.title) for c in page_candidates(html, PAGE)]
    assert found == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/feed", True),
        ("https://x.example/rss/world.xml", True),
        ("https://x.example/world/rss.xml", True),
        ("https://x.example/?feed=rss2", True),
        ("https://x.example/feeds/posts/default", True),
        ("https://x.example/feedback", False),
        ("https://x.example/how-to-feed-a-cat", True),
        ("https://x.example/2026/storm", False),
        ("https://x.example/rss.png", False),
        ("https://x.example/storm/comments/feed/", False),
    ],
)
def test_address_looks_like_a_feeds(url, expected):
    assert looks_like_feed(url) is expected


SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    "<url><loc>https://x.example/a</loc></url><url><loc> /relative </loc></url></urlset>"
)
BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb">]><urlset><loc>&b;</loc></urlset>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (SITEMAP.encode(), ([], ["https://x.example/a"])),
        (gzip.compress(SITEMAP.encode(), mtime=0), ([], ["https://x.example/a"])),
        (
            b"<sitemapindex><sitemap><loc>https://x.example/s.xml</loc></sitemap></sitemapindex>",
            (["https://x.example/s.xml"], []),
        ),
        (b"<html>", ([], [])),
        (b"\x1f\x8bbroken", ([], [])),
        (BOMB.encode(), ([], [])),
        (b"", ([], [])),
    ],
)
def test_sitemap_gives_its_addresses(body, expected):
    assert sitemap_locations(body) == expected


def test_each_address_is_a_candidate_once_and_the_most_believable_stays():
    link = Candidate("https://x.example/feed/", FoundBy.LINK)
    place = Candidate("http://x.example/feed", FoundBy.USUAL_PLACE)
    assert unique([link, place]) == [link]


def test_feeds_are_found_wherever_a_site_shows_them_and_each_once(site):
    site.add("/", '<link rel="alternate" type="application/rss+xml" href="/all.rss">')
    site.add("/all.rss", rss("All"))
    site.add("/robots.txt", f"Sitemap: {site.url('/map.xml')}")
    site.add("/map.xml", f"<urlset><loc>{site.url('/world/feed/')}</loc></urlset>")
    site.add("/world/feed/", rss("World"))
    site.redirect("/feed", "/all.rss")
    site.add("/rss.xml", rss("Old"))
    found = discover_feeds(site.url("/"), OPTIONS)
    assert [(feed.url, feed.found_by, feed.title, feed.entries) for feed in found] == [
        (site.url("/all.rss"), FoundBy.LINK, "All", 1),
        (site.url("/world/feed/"), FoundBy.SITEMAP, "World", 1),
        (site.url("/rss.xml"), FoundBy.USUAL_PLACE, "Old", 1),
    ]
    assert {feed.format for feed in found} == {"rss20"}


def test_address_of_a_feed_is_found_itself(site):
    site.add("/rss.xml", rss("All"))
    (found,) = discover_feeds(site.url("/rss.xml"), OPTIONS)
    assert (found.found_by, found.title) == (FoundBy.ITSELF, "All")


def test_site_without_feeds_gives_none(site):
    site.add("/", "<p>No feeds here.</p>")
    assert discover_feeds(site.url("/"), OPTIONS) == []


def test_site_that_cannot_be_had_is_an_error(site):
    with pytest.raises(FetchError, match="404"):
        discover_feeds(site.url("/nowhere"), OPTIONS)
