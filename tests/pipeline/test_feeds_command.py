import json

import pytest

from pipeline.cli import main
from pipeline.newsroom.server import SampleNewsroom
from pipeline.newsroom.site import LocalSite

NETWORK = ("--allow-network", "127.0.0.0/8")


@pytest.fixture(scope="module")
def newsroom():
    with SampleNewsroom(port=0) as served:
        yield served


def test_check_tells_of_each_feed_what_is_wrong_and_what_to_do(newsroom, capsys):
    assert main(["feeds", "check", *newsroom.feed_urls, *NETWORK, "--pages", "1"]) == 1
    printed = capsys.readouterr().out
    for url in newsroom.feed_urls:
        assert url in printed
    assert "took the feed away for good (status 410)" in printed
    assert "→ take it off your list" in printed
    assert "warning it is malformed" in printed
    assert f"{len(newsroom.feed_urls)} feeds, 5 usable, 3 not" in printed


def test_check_gives_a_line_of_json_a_feed(newsroom, capsys):
    url = newsroom.feed_urls[0]
    assert main(["feeds", "check", url, *NETWORK, "--pages", "1", "--format", "json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    row = json.loads(line)
    assert (row["url"], row["robots_decision"], row["http_status"]) == (url, "allowed", 200)
    assert row["pages"][0]["method"] == "trafilatura"
    assert {"level", "code", "what", "remedy"} == set(row["findings"][0])


def test_discover_prints_the_feeds_of_a_site(capsys):
    with LocalSite() as site:
        site.add("/", '<link rel="alternate" type="application/rss+xml" href="/f">')
        site.add("/f", "<rss version='2.0'><channel><item><link>/a</link></item></channel></rss>")
        expected = site.url("/f")
        assert main(["feeds", "discover", site.url("/"), *NETWORK, "--format", "json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["url"], row["found_by"], row["entries"]) == (expected, "link element", 1)


def test_discover_says_where_there_are_none(capsys):
    with LocalSite() as site:
        site.add("/", "<p>Nothing here.</p>")
        assert main(["feeds", "discover", site.url("/"), *NETWORK]) == 3
    assert "no feeds at" in capsys.readouterr().out


@pytest.mark.parametrize("url", ["ftp://x.example/", "https://", "http://127.0.0.1:9/"])
def test_site_that_cannot_be_looked_at_is_wrong_usage(url, capsys):
    assert main(["feeds", "discover", url]) == 2
    assert url in capsys.readouterr().err
