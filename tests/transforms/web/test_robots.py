import itertools
from collections import Counter
from datetime import UTC, datetime

import pytest

from pipeline.newsroom.site import LocalSite, Response
from transforms.retrieve import (
    FetchOutcome,
    Retrieval,
    RetrieveOptions,
    RetrieveRequest,
    retrieve_all,
)
from transforms.web.robots import RobotsDecision, read_robots, robots_url

NOW = datetime(2024, 3, 9, tzinfo=UTC)
SITE = "https://example.org/robots.txt"
RULES = b"""\xef\xbb\xbf# rules
User-agent: *
Disallow: /private/
Allow: /private/open
Crawl-delay: 7

User-agent: newsbeam
Disallow: /nobeam
"""


def answer(body=None, status=200, outcome=FetchOutcome.OK):
    return Retrieval(RetrieveRequest(SITE), NOW, outcome, status=status, body=body, error="why")


def decide(robots, path, agent="newsbeam"):
    return robots.judge(f"https://example.org{path}", agent).decision


@pytest.mark.parametrize(
    ("agent", "path", "decision"),
    [
        ("newsbeam", "/news", RobotsDecision.ALLOWED),
        ("newsbeam", "/nobeam/x", RobotsDecision.DISALLOWED),
        ("newsbeam", "/private/x", RobotsDecision.ALLOWED),
        ("other", "/nobeam/x", RobotsDecision.ALLOWED),
        ("other", "/private/x", RobotsDecision.DISALLOWED),
        ("other", "/private/open/x", RobotsDecision.ALLOWED),
        ("other", "/robots.txt", RobotsDecision.ALLOWED),
    ],
)
def test_rules_of_the_most_specific_group_decide(agent, path, decision):
    assert decide(read_robots(answer(RULES)), path, agent) is decision


@pytest.mark.parametrize("body", [b"", b"<html>404</html>", b"\xff\xfe\x00garbage", b"Disallow: /"])
def test_file_without_rules_allows_everything(body):
    assert decide(read_robots(answer(body)), "/a") is RobotsDecision.ALLOWED


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_client_error_allows_everything(status):
    robots = read_robots(answer(None, status, FetchOutcome.HTTP_ERROR))
    assert decide(robots, "/a") is RobotsDecision.ALLOWED


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (answer(None, 500, FetchOutcome.HTTP_ERROR), FetchOutcome.ROBOTS_UNAVAILABLE),
        (answer(None, 503, FetchOutcome.HTTP_ERROR), FetchOutcome.ROBOTS_UNAVAILABLE),
        (answer(None, 429, FetchOutcome.HTTP_ERROR), FetchOutcome.ROBOTS_UNAVAILABLE),
        (answer(None, None, FetchOutcome.TIMEOUT), FetchOutcome.TIMEOUT),
        (answer(None, None, FetchOutcome.REFUSED_NETWORK), FetchOutcome.REFUSED_NETWORK),
    ],
)
def test_site_that_does_not_answer_is_not_asked_now(found, outcome):
    verdict = read_robots(found).judge("https://example.org/a", "newsbeam")
    assert verdict.decision is RobotsDecision.UNAVAILABLE
    assert verdict.outcome is outcome
    assert SITE in verdict.reason


def test_delay_is_that_of_the_agent():
    robots = read_robots(answer(RULES))
    assert (robots.delay("other"), robots.delay("newsbeam")) == (7.0, 0.0)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Example.org/a/b?c", "https://example.org/robots.txt"),
        ("http://user:pw@example.org:8080/", "http://example.org:8080/robots.txt"),
    ],
)
def test_robots_txt_lies_at_the_root_of_the_site(url, expected):
    assert robots_url(url) == expected


@pytest.fixture
def site():
    with LocalSite(host="0.0.0.0") as served:
        served.set_fallback(lambda request: Response("good"))
        yield served


def url(site, path, host=1):
    return f"http://127.0.0.{host}:{site.port}{path}"


def retrieve(*urls, **fields):
    defaults = {"allow_networks": ("127.0.0.0/8",), "obey_robots": True, "max_retries": 0}
    options = RetrieveOptions(**(defaults | fields))
    found = list(retrieve_all([RetrieveRequest(u) for u in urls], options))
    return [r for r in found if not r.is_robots], [r for r in found if r.is_robots]


def test_disallowed_page_is_not_asked_for(site):
    site.add("/robots.txt", "User-agent: *\nDisallow: /private", content_type="text/plain")
    pages, files = retrieve(url(site, "/private/a"), url(site, "/b"))
    outcomes = {page.requested_url: (page.outcome, page.robots_decision) for page in pages}
    assert outcomes == {
        url(site, "/private/a"): (FetchOutcome.ROBOTS_DISALLOWED, "disallowed"),
        url(site, "/b"): (FetchOutcome.OK, "allowed"),
    }
    assert [(f.requested_url, f.outcome) for f in files] == [(url(site, "/robots.txt"), "ok")]
    assert site.requests_for("/private/a") == []


def test_site_is_asked_once(site):
    site.add("/robots.txt", status=404)
    pages, files = retrieve(*(url(site, f"/{n}", host) for n in range(10) for host in (1, 2, 3)))
    assert Counter(page.outcome for page in pages) == {FetchOutcome.OK: 30}
    assert len(files) == len(site.requests_for("/robots.txt")) == 3


def test_redirect_into_a_disallowed_part_is_not_followed(site):
    site.add("/robots.txt", "User-agent: *\nDisallow: /private", content_type="text/plain")
    site.redirect("/a", "/private/a")
    (page,), _ = retrieve(url(site, "/a"))
    assert page.outcome is FetchOutcome.ROBOTS_DISALLOWED
    assert page.redirect_chain == (url(site, "/a"),)


def test_redirect_of_robots_txt_is_followed(site):
    site.redirect("/robots.txt", "/rules.txt")
    site.add("/rules.txt", "User-agent: *\nDisallow: /", content_type="text/plain")
    (page,), (file,) = retrieve(url(site, "/a"))
    assert page.outcome is FetchOutcome.ROBOTS_DISALLOWED
    assert file.redirect_chain == (url(site, "/robots.txt"),)


def test_server_error_means_not_now(site):
    site.add("/robots.txt", status=503)
    pages, _ = retrieve(url(site, "/a"), url(site, "/b"))
    assert [page.outcome for page in pages] == [FetchOutcome.ROBOTS_UNAVAILABLE] * 2
    assert {page.robots_decision for page in pages} == {"unavailable"}
    assert site.requests_for("/a") == []


def test_crawl_delay_is_kept(site):
    site.add("/robots.txt", "User-agent: *\nCrawl-delay: 0.3", content_type="text/plain")
    retrieve(*(url(site, f"/{n}") for n in range(3)), host_delays_s={"127.0.0.1": 0.2})
    times = [r.received_at for r in site.requests if r.path != "/robots.txt"]
    assert all(later - earlier > 0.2 for earlier, later in itertools.pairwise(times))


def test_nothing_is_asked_where_robots_are_not_obeyed(site):
    (page,), files = retrieve(url(site, "/a"), obey_robots=False)
    assert (page.robots_decision, files) == (None, [])
    assert site.requests_for("/robots.txt") == []
