"""The sample newsroom as a server: addresses, revalidation, redirects, editions, copies."""

import subprocess
import sys
import threading
from itertools import takewhile
from pathlib import Path

import feedparser
import httpx
import pytest

from pipeline.newsroom import server
from pipeline.newsroom.content import load_articles
from pipeline.newsroom.copies import make_copies
from pipeline.newsroom.server import SampleNewsroom
from pipeline.newsroom.site import LocalSite

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def newsroom():
    with SampleNewsroom(port=0) as running:
        yield running


def test_every_outlet_has_its_own_origin(newsroom):
    assert list(newsroom.base_urls) == ["courier", "tribune", "meridian"]
    assert len(set(newsroom.base_urls.values())) == 3
    assert len(newsroom.feed_urls) == 8


@pytest.fixture
def own_ports(monkeypatch):
    """Stand-ins for the fixed ports that nothing else on this machine uses."""
    with LocalSite() as one, LocalSite() as two:
        ports = (one.port, two.port)
    monkeypatch.setattr(server, "DEFAULT_PORT", ports[0])
    monkeypatch.setattr(server, "FALLBACK_PORTS", ports[1:])
    return ports


def ports_of(newsroom):
    return {int(url.rpartition(":")[2]) for url in newsroom.base_urls.values()}


def test_addresses_are_the_same_in_every_run(own_ports):
    with SampleNewsroom() as first:
        before = first.feed_urls
    with SampleNewsroom() as second:
        assert second.feed_urls == before
    assert ports_of(second) == {own_ports[0]}


def test_taken_port_leads_to_the_next_one_of_the_list(own_ports):
    with SampleNewsroom() as first, SampleNewsroom() as second:
        assert (ports_of(first), ports_of(second)) == ({own_ports[0]}, {own_ports[1]})


def test_when_every_fixed_port_is_taken_free_ones_serve(own_ports):
    with SampleNewsroom(), SampleNewsroom(), SampleNewsroom(), SampleNewsroom() as last:
        assert httpx.get(last.feed_urls[0]).status_code == 200


def test_one_taken_address_frees_the_others_again():
    with LocalSite("127.0.0.12") as taken:
        with SampleNewsroom(port=taken.port) as newsroom:
            assert all(url.startswith("http://127.0.0.1:") for url in newsroom.base_urls.values())
        with LocalSite("127.0.0.11", taken.port) as free:
            assert free.port == taken.port


def test_robots_allow_everything(newsroom):
    for base in newsroom.base_urls.values():
        assert httpx.get(base + "/robots.txt").text == "User-agent: *\nAllow: /\n"


def test_front_page_names_feeds_and_articles(newsroom):
    page = httpx.get(newsroom.base_urls["tribune"] + "/").text
    assert '<link rel="alternate" type="application/atom+xml" href="/feed/">' in page
    assert "/food/supper-club-40119.html" in page


@pytest.mark.parametrize("name", ["etag", "last-modified"])
@pytest.mark.parametrize(
    "url",
    [
        pytest.param(lambda n: n.feed_urls[0], id="feed"),
        pytest.param(lambda n: n.page_url("m02"), id="page"),
    ],
)
def test_unchanged_answers_are_304(newsroom, url, name):
    first = httpx.get(url(newsroom))
    condition = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}[name]
    again = httpx.get(url(newsroom), headers={condition: first.headers[name]})
    assert (again.status_code, again.content) == (304, b"")


def test_pages_are_compressed_for_those_who_accept_it(newsroom):
    with httpx.Client() as client:
        packed = client.get(newsroom.page_url("m02"), headers={"Accept-Encoding": "gzip"})
        plain = client.get(newsroom.page_url("m02"), headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text


@pytest.mark.parametrize(
    ("outlet", "path", "status", "article"),
    [
        ("courier", "/news/10423", 301, "c11"),
        ("tribune", "/r/?to=supper-club&src=feed", 302, "t07"),
    ],
)
def test_redirects_lead_to_the_article(newsroom, outlet, path, status, article):
    response = httpx.get(newsroom.base_urls[outlet] + path, follow_redirects=True)
    assert [hop.status_code for hop in response.history] == [status]
    assert str(response.url) == newsroom.page_url(article)


def test_requests_of_all_outlets_are_logged_in_order(newsroom):
    newsroom.clear_requests()
    for name in ("m02", "c07", "t02"):
        httpx.get(newsroom.page_url(name))
    paths = [request.path for request in newsroom.requests]
    assert paths == [
        "/article/norvane",
        "/2026/03/10/norvane/",
        "/business/norvane-muskegon-40034.html",
    ]


def test_second_edition_changes_one_article_and_adds_one():
    with SampleNewsroom(port=0) as newsroom:
        kept = ("m02", "m10", "c01")
        tags = {name: httpx.head(newsroom.page_url(name)).headers["etag"] for name in kept}
        old = httpx.get(newsroom.page_url("t01"))
        feed = httpx.get(newsroom.feed_urls[3])
        assert "m11" not in newsroom.articles
        newsroom.advance()
        new = httpx.get(newsroom.page_url("t01"), headers={"If-None-Match": old.headers["etag"]})
        fresh = httpx.get(newsroom.feed_urls[3], headers={"If-None-Match": feed.headers["etag"]})
        assert (new.status_code, fresh.status_code) == (200, 200)
        assert "votes 4-3" in new.text
        assert httpx.get(newsroom.page_url("m11")).status_code == 200
        assert tags == {name: httpx.head(newsroom.page_url(name)).headers["etag"] for name in kept}
        with pytest.raises(ValueError, match="last"):
            newsroom.advance()


def test_edition_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="editions 1 to 2"):
        SampleNewsroom(edition=3)


def test_latency_is_waited_before_each_answer():
    with SampleNewsroom(port=0, latency_s=0.2) as newsroom:
        response = httpx.get(newsroom.page_url("m02"))
    assert response.elapsed.total_seconds() >= 0.2


def test_nothing_runs_after_the_end():
    before = set(threading.enumerate())
    with SampleNewsroom(port=0) as newsroom:
        url = newsroom.page_url("m02")
        httpx.get(url)
    assert set(threading.enumerate()) - before == set()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_copies_are_served_under_addresses_of_their_own():
    with SampleNewsroom(port=0, copies=60) as newsroom, httpx.Client() as client:
        links = [
            entry.link
            for url in newsroom.feed_urls
            for entry in feedparser.parse(client.get(url).content).entries
        ]
        assert len(set(links)) == len(links) == 60
        assert {newsroom.page_url(name) for name in newsroom.articles} == set(links)
        for link in links[::10]:
            assert client.get(link).status_code == 200


def test_copies_differ_in_text_and_are_the_same_every_time():
    models = list(load_articles().values())
    copies = list(make_copies(models, 90))
    assert copies == list(make_copies(models, 90))
    assert len({copy.text_content for copy in copies}) == 90
    assert len({(copy.outlet, copy.slug) for copy in copies}) == 90


def test_copy_has_other_people_and_the_same_paragraphs():
    model = load_articles()["c02"]
    (copy,) = make_copies([model], 1)
    assert "Thorley" in model.text_content
    assert "Thorley" not in copy.text_content
    assert len(copy.paragraphs) == len(model.paragraphs)
    assert copy.text_content.count("“") == model.text_content.count("“")


def test_module_serves_until_its_input_ends():
    command = [sys.executable, "-m", "pipeline.newsroom", "--port", "0", "--copies", "3"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as served:
        urls = [line.strip() for line in takewhile(lambda line: line != "\n", served.stdout)]
        statuses = [httpx.get(url).status_code for url in urls]
        served.stdin.close()
        assert served.wait(20) == 0
    assert statuses == [200, 200, 200]
