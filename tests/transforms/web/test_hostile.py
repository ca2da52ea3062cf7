"""Servers that mean harm or are broken: one pass over all of them ends, and says what each was.

The pass is a process of its own, so that its memory can be told. Bounds of time are generous: a
machine under load must not fail the test.
"""

import gzip
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from pipeline.newsroom.site import Handler, LocalSite, Response

MB = 1 << 20
ENDS_IN_S = 240
GROWS_BY_MB = 500
GOOD = (
    "<rss version='2.0'><channel><item><title>Café</title><link>/a</link></item>"
    "<item><title>Pumps</title><link>/b</link></item></channel></rss>"
)
PASS = """
import json, resource, sys
from schemas.flow import EntryChange, Feed
from schemas.rows import Failure, Fetch
from schemas.state import FeedState, FeedTask
from tests.rows import LINEAGE, NOW
from transforms.fetch_feeds import FeedReader
from transforms.retrieve import RetrieveOptions
from transforms.settings import PassSettings
from transforms.urls import feed_key

options = RetrieveOptions(
    allow_networks=("127.0.0.0/8",), obey_robots=False, max_retries=0,
    connect_timeout_s=5, read_timeout_s=5, total_timeout_s=10,
)
urls = json.load(sys.stdin)
tasks = [FeedTask(Feed(u), FeedState(feed_key(u), u, u), "model-1", True, False) for u in urls]
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
rows, entries, failures = [], {}, {}
for item in FeedReader(PassSettings(options, LINEAGE, NOW, staging="/nowhere")).read(tasks):
    if isinstance(item, Fetch):
        rows.append([item.feed_url, item.outcome, item.error or "", item.entries_seen])
    elif isinstance(item, EntryChange):
        entry = item.entry
        entries.setdefault(entry.feed_url, []).append([entry.title, entry.link])
    elif isinstance(item, Failure):
        failures[item.key] = [item.stage, item.error_class]
grown = peak() - before
json.dump({"rows": rows, "entries": entries, "failures": failures, "mb": grown}, sys.stdout)
"""


def endless() -> Iterator[bytes]:
    return itertools.repeat(b"<item>" * 10_000)


def drops() -> Iterator[bytes]:
    while True:
        yield b"<"
        time.sleep(1)


def encoded(body: bytes, encoding: str) -> Response:
    return Response(body, headers={"Content-Encoding": encoding})


def head(*lines: str, body: str = "") -> Response:
    """An answer whose head is written as it is."""
    text = "\r\n".join(("HTTP/1.1 200 OK", *lines, "", body))
    return Response(raw=text.encode())


def labelled(body: bytes, content_type: str) -> Response:
    return Response(body, content_type=content_type)


def doctype(declarations: str, title: str) -> Response:
    item = f"<item><title>{title}</title><link>/a</link></item>"
    return Response(
        f"<!DOCTYPE r [{declarations}]><rss version='2.0'><channel>{item}</channel></rss>"
    )


LAUGHS = "<!ENTITY l0 'lol'>" + "".join(
    f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12)
)
MANY = "<rss version='2.0'><channel>" + "".join(
    f"<item><link>/{n}</link></item>" for n in range(100_000)
)
MANY_JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": str(n)} for n in range(100_000)],
    }
)
BOMB = gzip.compress(bytes(100 * MB), 1)


@dataclass(frozen=True)
class Case:
    """What a server answers, and what the row of the feed has to say."""

    answer: Response | Handler
    outcomes: str  # those that may be, divided by spaces
    says: str = ""
    entries: int | None = None


def redirected(location: str) -> Response:
    return Response(status=302, headers={"Location": location}, content_type=None)


CASES = {
    "endless body": Case(lambda _: Response(endless()), "too_large"),
    "a byte a second": Case(lambda _: Response(drops()), "timeout"),
    "no answer": Case(Response("late", delay_s=60), "timeout"),
    "gzip bomb": Case(encoded(BOMB, "gzip"), "too_large"),
    "gzip bomb in gzip": Case(encoded(gzip.compress(BOMB), "gzip, gzip"), "too_large"),
    "brotli bomb": Case(encoded(brotli.compress(bytes(100 * MB), quality=1), "br"), "too_large"),
    "ten layers of gzip": Case(encoded(b"", ", ".join(["gzip"] * 10)), "protocol_error"),
    "not gzip at all": Case(encoded(b"plain", "gzip"), "protocol_error"),
    "redirect loop": Case(redirected("/redirect-loop"), "too_many_redirects"),
    "redirects without end": Case(
        lambda request: redirected(f"{request.target}?x"),
        "too_many_redirects",
    ),
    "redirect to a file": Case(redirected("file:///etc/passwd"), "bad_redirect"),
    "redirect to a script": Case(redirected("javascript:alert(1)"), "bad_redirect"),
    "redirect to data": Case(redirected("data:text/xml,<rss/>"), "bad_redirect"),
    "redirect to metadata": Case(redirected("http://169.254.169.254/latest"), "refused_network"),
    "redirect to a private network": Case(redirected("http://10.0.0.1/"), "refused_network"),
    "redirect to IPv6 loopback": Case(redirected("http://[::1]/"), "refused_network"),
    "redirect to mapped IPv4": Case(redirected("http://[::ffff:10.0.0.1]/"), "refused_network"),
    "flood of headers": Case(head(*["X-Flood: 1"] * 100_000), "protocol_error"),
    "one header of a megabyte": Case(head("X-Long: " + "x" * MB), "protocol_error"),
    "shorter than it says": Case(head("Content-Length: 999", body=GOOD[:50]), "connection_error"),
    "longer than it says": Case(head("Content-Length: 5", body=GOOD), "bad_content malformed"),
    "two lengths": Case(
        head("Content-Length: 5", "Content-Length: 9", body=GOOD), "protocol_error"
    ),
    "UTF-8 that calls itself UTF-16": Case(
        labelled(GOOD.encode(), "application/rss+xml; charset=utf-16"), "ok", entries=2
    ),
    "Latin-1 that calls itself UTF-8": Case(
        labelled(GOOD.encode("latin-1"), "application/rss+xml; charset=utf-8"), "ok", entries=2
    ),
    "no charset of this world": Case(
        labelled(GOOD.encode(), "application/rss+xml; charset=x-klingon"), "ok", entries=2
    ),
    "error page with status 200": Case(
        Response("<!doctype html><title>Oops</title><p>Database error"), "bad_content", "HTML page"
    ),
    "nothing": Case(Response(b""), "bad_content", "empty"),
    "fifty megabytes": Case(
        lambda _: Response(GOOD.encode() * (50 * MB // len(GOOD))), "too_large", "allowed"
    ),
    "100,000 entries": Case(
        Response(MANY), "malformed", "100000 entries, of which the first 1000", 1000
    ),
    "100,000 entries in JSON": Case(
        labelled(MANY_JSON.encode(), "application/feed+json"), "malformed", "100000 entries", 1000
    ),
    "billion laughs": Case(doctype(LAUGHS, "&l11;"), "ok malformed bad_content"),
    "quadratic entities": Case(
        doctype(f"<!ENTITY a '{'x' * 50_000}'>", "&a;" * 2_000), "ok malformed bad_content"
    ),
    "entity of a file": Case(
        doctype("<!ENTITY x SYSTEM 'file:///etc/passwd'>", "&x;"), "ok malformed bad_content"
    ),
    "entity of an address": Case(
        doctype("<!ENTITY x SYSTEM 'http://127.0.0.1:PORT/secret'>", "&x;"),
        "ok malformed bad_content",
    ),
    "100,000 tags deep": Case(
        Response("<rss version='2.0'><channel>" + "<a>" * 100_000), "ok malformed bad_content"
    ),
    "entries of nothing": Case(
        Response(
            "<rss version='2.0'><channel><item/><item><title>x</title></item></channel></rss>"
        ),
        "ok",
        entries=2,
    ),
    "links to no page": Case(
        Response(
            "<rss version='2.0'><channel>"
            "<item><title>1</title><link>javascript:alert(1)</link></item>"
            "<item><title>2</title><link>file:///etc/passwd</link></item>"
            "<item><title>3</title><link>data:text/html,x</link></item></channel></rss>"
        ),
        "ok",
        entries=3,
    ),
}


def path_of(name: str) -> str:
    return "/" + "".join(c if c.isalnum() else "-" for c in name)


def with_port(answer: Response | Handler, port: int) -> Response | Handler:
    if isinstance(answer, Response) and isinstance(answer.body, str):
        return Response(answer.body.replace("PORT", str(port)), status=answer.status)
    return answer


@dataclass(frozen=True)
class Passed:
    """What the pass left, and what the server saw."""

    rows: dict[str, list[Any]]  # outcome, error and entries, by path
    order: list[str]  # paths as they were done
    entries: dict[str, list[Any]]  # title and link, by path
    failures: dict[str, list[str]]  # stage and class, by path
    grown_mb: int
    asked_for: set[str]


@pytest.fixture(scope="module")
def passed() -> Iterator[Passed]:
    with LocalSite("0.0.0.0") as site:
        urls = []
        for number, (name, case) in enumerate(CASES.items()):
            answer = case.answer
            if name.startswith("entity of an address"):
                answer = with_port(answer, site.port)
            site.add(path_of(name), answer)
            urls.append(f"http://127.0.1.{number + 1}:{site.port}{path_of(name)}")
        site.add("/good", GOOD)
        urls += [f"http://127.0.2.{n}:{site.port}/good" for n in range(1, 6)]
        found = subprocess.run(
            [sys.executable, "-c", PASS],
            input=json.dumps(urls),
            capture_output=True,
            text=True,
            timeout=ENDS_IN_S,
            check=False,
        )
        assert found.returncode == 0, found.stderr[-2000:]
        told = json.loads(found.stdout)
        cut = f":{site.port}"
        yield Passed(
            rows={row[0].partition(cut)[2]: row[1:] for row in told["rows"]},
            order=[row[0].partition(cut)[2] for row in told["rows"]],
            entries={url.partition(cut)[2]: found for url, found in told["entries"].items()},
            failures={url.partition(cut)[2]: found for url, found in told["failures"].items()},
            grown_mb=told["mb"],
            asked_for={request.path for request in site.requests},
        )


@pytest.mark.parametrize("name", CASES)
def test_the_row_says_what_happened(passed: Passed, name: str) -> None:
    outcome, error, entries = passed.rows[path_of(name)]
    case = CASES[name]
    assert outcome in case.outcomes.split(), error
    assert case.says in error
    assert outcome == "ok" or error
    if case.entries is not None:
        assert entries == case.entries


@pytest.mark.parametrize("name", CASES)
def test_a_feed_that_brought_nothing_is_a_failure_too(passed: Passed, name: str) -> None:
    is_read = passed.rows[path_of(name)][0] in ("ok", "malformed")
    assert (path_of(name) in passed.failures) == (not is_read)


def test_other_feeds_are_not_held_up(passed: Passed) -> None:
    good = [number for number, path in enumerate(passed.order) if path == "/good"]
    assert len(good) == 5
    assert max(good) < passed.order.index(path_of("a byte a second"))
    assert max(good) < passed.order.index(path_of("no answer"))


def test_memory_stays_bounded(passed: Passed) -> None:
    assert passed.grown_mb < GROWS_BY_MB


def test_entities_neither_explode_nor_reach_out(passed: Passed) -> None:
    for name in (
        "billion laughs",
        "quadratic entities",
        "entity of a file",
        "entity of an address",
    ):
        titles = [title or "" for title, _ in passed.entries.get(path_of(name), [])]
        assert all(len(title) < 10_000 and "root:" not in title for title in titles)
    assert "/secret" not in passed.asked_for


def test_links_to_no_page_are_no_links(passed: Passed) -> None:
    assert [link for _, link in passed.entries[path_of("links to no page")]] == [None] * 3


def test_lying_labels_do_not_spoil_the_text(passed: Passed) -> None:
    for name in ("UTF-8 that calls itself UTF-16", "Latin-1 that calls itself UTF-8"):
        assert passed.entries[path_of(name)][0][0] == "Café"
