import itertools
from dataclasses import replace

import pytest

from pipeline.newsroom.site import LocalSite, Response
from schemas.flow import ArticleRequest, FeedEntry, Page
from schemas.rows import Failure, Fetch
from schemas.state import RobotsFile
from tests.rows import LINEAGE, NOW
from transforms.fetch_pages import PassingLoss, fetch_pages
from transforms.retrieve import RetrieveOptions
from transforms.settings import PassSettings

OPTIONS = RetrieveOptions(allow_networks=("127.0.0.0/8",), obey_robots=False, max_retries=0)
CONTENT = "<p>" + "words " * 200 + "</p>"


@pytest.fixture
def site():
    with LocalSite() as served:
        yield served


def request(link, key="k", **fields):
    entry = FeedEntry(feed_url="https://example.org/feed", entry_id=key, link=link, **fields)
    return ArticleRequest(key=key, entry=entry, feed_refs=(), entry_hash="h")


def settings(options):
    return PassSettings(options, LINEAGE, NOW, staging="/nowhere")


def fetch(*requests, options=OPTIONS, kinds=(Page, Fetch, Failure)):
    """Returns pages, fetches and failures."""
    items = list(fetch_pages(requests, settings(options)))
    return [[i for i in items if isinstance(i, kind)] for kind in kinds]


@pytest.mark.parametrize(("status", "lost"), [(503, ["k"]), (404, []), (410, [])])
def test_page_that_may_come_soon_is_told_from_one_that_will_not(site, status, lost):
    site.add("/a", Response("no", status=status))
    (losses,) = fetch(request(site.url("/a")), kinds=(PassingLoss,))
    assert [loss.key for loss in losses] == lost


@pytest.mark.parametrize(("status", "body"), [(200, b"User-agent: *"), (404, None)])
def test_robots_are_handed_on_for_the_next_pass(site, status, body):
    site.add("/robots.txt", Response(body or b"no", status=status, content_type="text/plain"))
    options = replace(OPTIONS, obey_robots=True)
    ((found,),) = fetch(request(site.url("/a")), options=options, kinds=(RobotsFile,))
    assert (found.site, found.body) == (site.url("/robots.txt"), body)


def test_page_comes_with_its_request(site):
    site.redirect("/old", "/a")
    site.add("/a", "<p>Here</p>")
    asked = request(site.url("/old"))
    (page,), (row,), failures = fetch(asked)
    assert page.request == asked
    assert (page.body, page.status, page.final_url) == (b"<p>Here</p>", 200, site.url("/a"))
    assert page.content_type == "text/html; charset=utf-8"
    assert page.fetched_at == row.fetched_at
    assert (row.target_type, row.outcome) == ("page", "ok")
    assert row.feed_url == asked.entry.feed_url
    assert failures == []


def test_page_that_cannot_be_had_is_a_failure(site):
    pages, (row,), (failure,) = fetch(request(site.url("/none")))
    assert pages == []
    assert (row.outcome, row.http_status) == ("http_error", 404)
    assert (failure.stage, failure.error_class) == ("fetch_pages", "http_error")
    assert failure.message == "status 404 (Not Found)"


def test_full_content_of_the_feed_stands_in_for_a_page_that_cannot_be_had(site):
    (page,), (row,), (failure,) = fetch(request(site.url("/none"), content_html=CONTENT))
    assert (page.body, page.final_url, page.status) == (None, None, 404)
    assert row.outcome == failure.error_class == "http_error"


def test_entry_without_link_gives_a_page_without_a_fetch(site):
    site.add("/a", "x")
    alone = request(None, "alone", content_html=CONTENT)
    pages, fetches, failures = fetch(alone, request(site.url("/a")), alone)
    assert sorted((page.request.key, page.body) for page in pages if page.body is None) == [
        ("alone", None),
        ("alone", None),
    ]
    assert len(pages) == 3
    assert len(fetches) == 1
    assert failures == []


def test_robots_are_obeyed_and_have_rows(site):
    site.add("/robots.txt", "User-agent: *\nDisallow: /a", content_type="text/plain")
    asked = request(site.url("/a"), summary_html="<p>Short.</p>")
    pages, rows, (failure,) = fetch(asked, options=replace(OPTIONS, obey_robots=True))
    assert [page.body for page in pages] == [None]
    assert [(row.target_type, row.robots_decision) for row in rows] == [
        ("robots", None),
        ("page", "disallowed"),
    ]
    assert failure.error_class == "robots_disallowed"


def test_pages_flow_on_as_they_arrive(site):
    site.set_fallback(lambda asked: Response("<p>x</p>"))
    limits = RetrieveOptions(
        allow_networks=("127.0.0.0/8",),
        obey_robots=False,
        max_in_flight=2,
        buffer_results=2,
        lookahead=10,
    )
    read = []

    def requests():
        for number in itertools.count():
            read.append(number)
            yield request(site.url(f"/{number}"), str(number))

    outputs = fetch_pages(requests(), settings(limits))
    pages = itertools.islice((o for o in outputs if isinstance(o, Page)), 30)
    assert len({page.request.key for page in pages}) == 30
    outputs.close()
    assert len(read) < 50
