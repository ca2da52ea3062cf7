import gzip
import itertools
import random
import socket
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import brotli
import pytest

from pipeline.newsroom.site import LocalSite, Response
from transforms.retrieve import (
    FetchOutcome,
    RetrieveOptions,
    RetrieveRequest,
    retrieve_all,
)

LOCAL = ("127.0.0.0/8",)


def options(**fields):
    defaults = {
        "allow_networks": LOCAL,
        "obey_robots": False,  # see web/test_robots.py
        "max_retries": 0,
        "retry_wait_s": 0.01,
        "connect_timeout_s": 5.0,
        "read_timeout_s": 5.0,
        "total_timeout_s": 10.0,
    }
    return RetrieveOptions(**(defaults | fields))


def retrieve(*urls, **fields):
    return list(retrieve_all([RetrieveRequest(url) for url in urls], options(**fields)))


def retrieve_one(url, **fields):
    (retrieval,) = retrieve(url, **fields)
    return retrieval


@pytest.fixture
def site():
    with LocalSite() as served:
        yield served


@pytest.fixture
def many_hosts():
    """One site that answers on every address of 127.0.0.0/8."""
    with LocalSite(host="0.0.0.0") as served:
        yield served


@contextmanager
def raw_server(answer):
    """A server that answers every connection with `answer(connection)`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    try:
                        answer(connection)
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)


def test_body_and_headers_of_a_good_answer(site):
    modified = {"Last-Modified": "Sat, 09 Mar 2024 12:00:00 GMT", "Cache-Control": "max-age=60"}
    site.add("/a", Response("Grüezi", headers=modified, etag='"x1"'))
    found = retrieve_one(site.url("/a"))
    assert found.outcome is FetchOutcome.OK
    assert found.body == "Grüezi".encode()
    assert found.requested_url == found.final_url == site.url("/a")
    assert (found.status, found.etag, found.cache_control) == (200, '"x1"', "max-age=60")
    assert found.last_modified == modified["Last-Modified"]
    assert found.content_type == "text/html; charset=utf-8"
    assert found.error is None
    assert found.started_at.utcoffset().total_seconds() == 0


def test_request_says_who_asks_and_what_for(site):
    site.add("/a", "x")
    request = RetrieveRequest(site.url("/a"), accept="application/atom+xml")
    list(retrieve_all([request], options(user_agent="newsbeam/9 (ops@example.org)")))
    headers = site.requests[0].headers
    assert headers["user-agent"] == "newsbeam/9 (ops@example.org)"
    assert headers["accept"] == "application/atom+xml"
    assert headers["accept-encoding"] == "gzip, deflate, br"
    assert headers["host"] == f"127.0.0.1:{site.port}"
    assert "cookie" not in headers


def test_validators_are_sent_and_304_is_not_modified(site):
    site.add("/a", Response("x", etag='"v1"'))
    request = RetrieveRequest(
        site.url("/a"), etag='"v1"', last_modified="Sat, 09 Mar 2024 12:00:00 GMT"
    )
    (found,) = retrieve_all([request], options())
    assert found.outcome is FetchOutcome.NOT_MODIFIED
    assert found.body is None
    assert site.requests[0].headers["if-modified-since"] == request.last_modified


def test_context_comes_back_with_its_retrieval(site):
    site.set_fallback(lambda request: Response(request.path))
    requests = [RetrieveRequest(site.url(f"/{n}"), context=n) for n in range(20)]
    found = {r.request.context: r.body for r in retrieve_all(requests, options())}
    assert found == {n: f"/{n}".encode() for n in range(20)}


def test_cookies_are_not_kept(site):
    site.add("/a", Response("x", headers={"Set-Cookie": "id=1; Path=/"}))
    retrieve(site.url("/a"), site.url("/a"), per_host_connections=1)
    assert all("cookie" not in request.headers for request in site.requests)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (203, FetchOutcome.OK),
        (204, FetchOutcome.HTTP_ERROR),
        (401, FetchOutcome.HTTP_ERROR),
        (404, FetchOutcome.HTTP_ERROR),
        (410, FetchOutcome.GONE),
        (429, FetchOutcome.HTTP_ERROR),
        (500, FetchOutcome.HTTP_ERROR),
        (599, FetchOutcome.HTTP_ERROR),
    ],
)
def test_status_is_an_outcome(site, status, outcome):
    site.add("/a", "some words", status=status)
    found = retrieve_one(site.url("/a"))
    assert (found.outcome, found.status) == (outcome, status)
    assert (found.body is not None) == (outcome is FetchOutcome.OK)
    assert outcome is FetchOutcome.OK or f"status {status}" in found.error


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_followed_and_remembered(site, status):
    site.redirect("/a", "/b", status)
    site.redirect("/b", site.url("/c#part"), 302)
    site.add("/c", "here")
    found = retrieve_one(site.url("/a"))
    assert found.body == b"here"
    assert found.final_url == site.url("/c")
    assert found.redirect_chain == (site.url("/a"), site.url("/b"))
    assert found.redirect_statuses == (status, 302)


def test_redirect_to_another_host_is_followed(many_hosts):
    other = f"http://127.0.0.7:{many_hosts.port}/b"
    many_hosts.redirect("/a", other)
    many_hosts.add("/b", "here")
    found = retrieve_one(f"http://127.0.0.6:{many_hosts.port}/a")
    assert (found.final_url, found.body) == (other, b"here")


@pytest.mark.parametrize(
    ("location", "outcome"),
    [
        ("/loop", FetchOutcome.TOO_MANY_REDIRECTS),
        ("javascript:alert(1)", FetchOutcome.BAD_REDIRECT),
        ("file:///etc/passwd", FetchOutcome.BAD_REDIRECT),
        ("ftp://127.0.0.1/", FetchOutcome.BAD_REDIRECT),
        ("http://[", FetchOutcome.BAD_REDIRECT),
        ("", FetchOutcome.BAD_REDIRECT),
        ("http://127.0.0.2:1/", FetchOutcome.REFUSED_NETWORK),
        ("http://10.0.0.1/", FetchOutcome.REFUSED_NETWORK),
        ("http://[::1]/", FetchOutcome.REFUSED_NETWORK),
        ("http://169.254.169.254/latest/meta-data/", FetchOutcome.REFUSED_NETWORK),
    ],
)
def test_redirect_that_must_not_be_followed(site, location, outcome):
    site.redirect("/loop", location)
    found = retrieve_one(site.url("/loop"), allow_networks=("127.0.0.1/32",))
    assert found.outcome is outcome
    assert found.redirect_chain == (site.url("/loop"),)


def test_endless_chain_of_redirects_ends(site):
    site.set_fallback(
        lambda request: Response(
            status=302, headers={"Location": f"/{int(request.path[1:]) + 1}"}, content_type=None
        )
    )
    found = retrieve_one(site.url("/0"), max_redirects=5)
    assert found.outcome is FetchOutcome.TOO_MANY_REDIRECTS
    assert len(site.requests) == 6


@pytest.mark.parametrize(
    "url", ["", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://[", "javascript:x"]
)
def test_what_is_no_web_address_is_not_asked_for(url):
    assert retrieve_one(url).outcome is FetchOutcome.BAD_URL


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433"]
)
def test_private_network_is_refused_unless_allowed(site, host):
    site.add("/", "secret")
    found = retrieve_one(f"http://{host}:{site.port}/", allow_networks=())
    assert found.outcome in (FetchOutcome.REFUSED_NETWORK, FetchOutcome.BAD_URL)
    assert site.requests == []


def endless():
    return itertools.repeat(b"x" * 65536)


@pytest.mark.parametrize(
    "answer",
    [
        Response(b"x" * 200_000),
        Response(gzip.compress(b"\0" * 50_000_000), headers={"Content-Encoding": "gzip"}),
        Response(
            brotli.compress(b"\0" * 50_000_000, quality=4), headers={"Content-Encoding": "br"}
        ),
        Response(endless()),
    ],
    ids=["long", "gzip bomb", "brotli bomb", "endless"],
)
def test_body_beyond_the_cap_is_given_up(site, answer):
    site.add("/a", answer)
    found = retrieve_one(site.url("/a"), max_bytes=100_000)
    assert (found.outcome, found.body) == (FetchOutcome.TOO_LARGE, None)
    assert "100000" in found.error


def test_error_page_without_end_is_given_up(site):
    site.add("/a", Response(endless(), status=404))
    assert retrieve_one(site.url("/a")).outcome is FetchOutcome.HTTP_ERROR


def drops():
    while True:
        yield b"x"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("answer", "limits"),
    [
        (Response("late", delay_s=5), {"read_timeout_s": 0.2}),
        (Response(drops()), {"total_timeout_s": 0.4}),
    ],
    ids=["no answer", "a byte now and then"],
)
def test_slow_server_is_given_up(site, answer, limits):
    site.add("/a", answer)
    begun = time.monotonic()
    assert retrieve_one(site.url("/a"), **limits).outcome is FetchOutcome.TIMEOUT
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"", FetchOutcome.CONNECTION_ERROR),
        (b"220 mail.example ready\r\n\r\n", FetchOutcome.PROTOCOL_ERROR),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", FetchOutcome.CONNECTION_ERROR),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", FetchOutcome.PROTOCOL_ERROR),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain", FetchOutcome.PROTOCOL_ERROR),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\nplain", FetchOutcome.PROTOCOL_ERROR),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Flood: 1\r\n" * 100_000, FetchOutcome.PROTOCOL_ERROR),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            FetchOutcome.PROTOCOL_ERROR,
        ),
    ],
    ids=[
        "nothing",
        "no http",
        "cut",
        "bad length",
        "bad gzip",
        "zstd",
        "header flood",
        "bad chunk",
    ],
)
def test_broken_answer_is_an_outcome(answer, outcome):
    with raw_server(lambda connection: connection.sendall(answer)) as url:
        assert retrieve_one(url).outcome is outcome


def test_answer_shorter_than_its_chunks_say_is_an_outcome():
    with raw_server(
        lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort")
    ) as url:
        assert retrieve_one(url).outcome is FetchOutcome.CONNECTION_ERROR


def test_closed_port_is_a_connection_error():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert retrieve_one(f"http://127.0.0.1:{port}/").outcome is FetchOutcome.CONNECTION_ERROR


def test_host_that_does_not_answer_is_left_alone_after_some_tries(site):
    with socket.socket() as unused:
        unused.bind(("127.0.0.2", 0))
        dead = f"http://127.0.0.2:{unused.getsockname()[1]}"
        site.add("/a", "alive")
        asked = [*(f"{dead}/{n}" for n in range(40)), site.url("/a")]
        found = retrieve(*asked, max_host_failures=5, max_retries=1)
    outcomes = Counter(retrieval.outcome for retrieval in found)
    assert outcomes[FetchOutcome.OK] == 1
    assert 5 <= outcomes[FetchOutcome.CONNECTION_ERROR] <= 7
    assert sum(retrieval.is_final for retrieval in found) == 41
    assert "did not answer" in next(r.error for r in found if r.outcome is FetchOutcome.DEFERRED)


def test_host_that_answers_now_and_then_is_asked_on(site):
    site.add("/a", "alive")
    site.add("/cut", Response(raw=b""))
    asked = [site.url(path) for _ in range(12) for path in ("/cut", "/a")]
    found = retrieve(*asked, max_host_failures=3, per_host_connections=1)
    outcomes = Counter(retrieval.outcome for retrieval in found)
    assert outcomes == {FetchOutcome.OK: 12, FetchOutcome.CONNECTION_ERROR: 12}


def test_plain_server_behind_https_is_a_tls_error(site):
    found = retrieve_one(site.url("/").replace("http:", "https:"))
    assert found.outcome is FetchOutcome.TLS_ERROR


def test_unknown_host_is_a_dns_error():
    assert retrieve_one("http://no-such-host.invalid/").outcome is FetchOutcome.DNS_ERROR


def failing_first(times, **answer):
    count = itertools.count()
    return lambda request: Response("good") if next(count) >= times else Response(**answer)


def test_what_can_get_better_is_tried_again(site):
    site.add("/a", failing_first(1, status=503))
    first, second = retrieve(site.url("/a"), max_retries=2)
    assert (first.status, first.attempt, first.will_retry) == (503, 1, True)
    assert (second.body, second.attempt, second.will_retry) == (b"good", 2, False)


def test_tries_end(site):
    site.add("/a", status=500)
    found = retrieve(site.url("/a"), max_retries=2)
    assert [r.will_retry for r in found] == [True, True, False]


def test_retry_after_is_waited_for(site):
    site.add("/a", failing_first(1, status=429, headers={"Retry-After": "1"}))
    first, second = retrieve(site.url("/a"), max_retries=1)
    assert first.retry_after_s == 1.0
    assert (second.started_at - first.started_at).total_seconds() >= 1.0


def test_host_that_asks_for_a_long_wait_is_left_alone_and_others_are_not(many_hosts):
    many_hosts.add("/busy", status=503, headers={"Retry-After": "3600"})
    many_hosts.add("/a", "good")
    busy, other = (f"http://127.0.0.{n}:{many_hosts.port}" for n in (2, 3))
    urls = [f"{busy}/busy", *(f"{busy}/a?{n}" for n in range(5)), f"{other}/a"]
    found = retrieve(*urls, max_retries=2, per_host_connections=1)
    outcomes = Counter(str(r.outcome) for r in found if r.requested_url.startswith(busy))
    assert outcomes == {"http_error": 1, "deferred": 5}
    assert [r.outcome for r in found if r.requested_url.startswith(other)] == [FetchOutcome.OK]
    assert len(many_hosts.requests) == 2


def test_try_that_waits_while_its_host_asks_for_a_long_pause_ends(site):
    site.add("/again", status=500)
    site.add("/busy", Response("wait", status=503, headers={"Retry-After": "3600"}, delay_s=0.1))
    found = retrieve(site.url("/again"), site.url("/busy"), max_retries=1, retry_wait_s=0.3)
    finals = {r.requested_url: r.outcome for r in found if r.is_final}
    assert finals[site.url("/again")] is FetchOutcome.DEFERRED


ANSWERS = (
    Response("good"),
    Response("good", compress=True),
    Response("good", delay_s=0.05),
    Response("late", delay_s=2),
    Response("no", status=404),
    Response("busy", status=503, headers={"Retry-After": "0"}),
    Response("busy", status=429, headers={"Retry-After": "3600"}),
    Response("x" * 300_000),
    Response(raw=b"garbage"),
    Response(raw=b""),
    *(
        Response(status=302, headers={"Location": f"http://127.0.2.{n}:PORT/{n * 7}"})
        for n in range(1, 9)
    ),
)


@pytest.mark.parametrize(
    "limits",
    [
        {"max_in_flight": 1, "buffer_results": 1, "lookahead": 2, "buffer_bytes": 1},
        {"max_in_flight": 3, "buffer_results": 5, "lookahead": 7},
        {"max_in_flight": 32, "lookahead": 1_000},
        {"max_in_flight": 32, "obey_robots": True},
    ],
)
def test_every_request_ends_once_whatever_servers_do(many_hosts, limits):
    chance = random.Random(1)
    plan = [chance.choice(ANSWERS) for _ in range(1_000)]
    port = str(many_hosts.port)

    def answer(request):
        response = plan[int(request.path.strip("/")) if request.path != "/robots.txt" else 4]
        headers = {k: v.replace("PORT", port) for k, v in response.headers.items()}
        return replace(response, headers=headers)

    many_hosts.set_fallback(answer)
    urls = [f"http://127.0.2.{n % 12 + 1}:{port}/{n}" for n in range(80)]
    urls += ["http://10.0.0.1/", "ftp://x", "http://nope.invalid/"]
    found = retrieve(*urls, read_timeout_s=0.15, max_bytes=100_000, max_retries=1, **limits)
    assert Counter(r.requested_url for r in found if r.is_final) == Counter(urls)


class Gauge:
    """Counts how many requests of a host are under way at once."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.now = Counter()
        self.most = Counter()
        self.lock = threading.Lock()

    def __call__(self, request):
        host = request.headers["host"]
        with self.lock:
            for key in (host, "all"):
                self.now[key] += 1
                self.most[key] = max(self.most[key], self.now[key])
        time.sleep(self.seconds)
        with self.lock:
            self.now.subtract([host, "all"])
        return Response("good")


def test_host_is_hit_by_no_more_than_two_at_a_time_and_dozens_are_in_flight(many_hosts):
    gauge = Gauge(0.4)
    many_hosts.set_fallback(gauge)
    urls = [f"http://127.0.1.{h}:{many_hosts.port}/{n}" for h in range(1, 16) for n in range(6)]
    assert all(r.outcome is FetchOutcome.OK for r in retrieve(*urls))
    assert max(most for host, most in gauge.most.items() if host != "all") == 2
    assert gauge.most["all"] >= 20


def test_slow_host_does_not_hold_up_others(many_hosts):
    slow, fast = (f"http://127.0.0.{n}:{many_hosts.port}" for n in (2, 3))
    many_hosts.add("/slow", Response("late", delay_s=0.3))
    many_hosts.add("/fast", "good")
    urls = [f"{slow}/slow"] * 4 + [f"{fast}/fast"] * 10
    found = retrieve(*urls)
    assert [r.requested_url for r in found[:10]] == [f"{fast}/fast"] * 10


def test_delay_lies_between_starts_on_one_host(site):
    site.add("/a", "good")
    retrieve(*[site.url("/a")] * 4, host_delays_s={"127.0.0.1": 0.15})
    times = [request.received_at for request in site.requests]
    assert all(later - earlier > 0.1 for earlier, later in itertools.pairwise(times))


def test_network_allowed_by_name_is_not_slowed_down(site):
    site.add("/a", "good")
    begun = time.monotonic()
    retrieve(*[site.url("/a")] * 6, host_delay_s=5.0)
    assert time.monotonic() - begun < 4


def test_slow_consumer_holds_back_the_retriever(site):
    site.set_fallback(lambda request: Response("good"))
    requests = (RetrieveRequest(site.url(f"/{n}")) for n in range(100))
    limits = options(max_in_flight=2, buffer_results=3)
    results = retrieve_all(requests, limits)
    next(results)
    time.sleep(0.4)
    assert len(site.requests) <= 1 + 3 + 2
    assert sum(1 for _ in results) == 99


def test_large_bodies_hold_back_the_retriever(site):
    site.set_fallback(lambda request: Response(b"x" * 1_000_000))
    requests = (RetrieveRequest(site.url(f"/{n}")) for n in range(30))
    results = retrieve_all(requests, options(max_in_flight=2, buffer_bytes=1_500_000))
    next(results)
    time.sleep(0.4)
    assert len(site.requests) <= 1 + 2 + 2
    assert sum(1 for _ in results) == 29


def test_input_is_read_as_it_is_needed(site):
    site.set_fallback(lambda request: Response("good"))
    read = []

    def requests():
        for n in itertools.count():
            read.append(n)
            yield RetrieveRequest(site.url(f"/{n}"))

    results = retrieve_all(requests(), options(lookahead=10))
    assert [r.outcome for r in itertools.islice(results, 25)] == [FetchOutcome.OK] * 25
    results.close()
    assert len(read) <= 36


def retriever_threads():
    return [t for t in threading.enumerate() if t.name == "newsbeam-retrieve"]


def test_consumer_that_stops_early_leaves_nothing_behind(site):
    site.set_fallback(lambda request: Response("good", delay_s=0.05))
    results = retrieve_all([RetrieveRequest(site.url(f"/{n}")) for n in range(50)], options())
    next(results)
    assert retriever_threads()
    results.close()
    assert not retriever_threads()


def test_error_in_the_input_is_raised_and_leaves_nothing_behind(site):
    def requests():
        yield RetrieveRequest(site.url("/"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(retrieve_all(requests(), options()))
    assert not retriever_threads()


def test_no_requests_give_no_retrievals():
    assert list(retrieve_all([], options())) == []


def test_every_outcome_says_what_it_means():
    assert all(outcome.meaning.endswith(".") for outcome in FetchOutcome)
    assert FetchOutcome("ok") is FetchOutcome.OK
    assert str(FetchOutcome.TOO_LARGE) == "too_large"
