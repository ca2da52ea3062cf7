"""The local site: routes, conditional requests, compression, streams, and a clean end."""

import threading
import time

import httpx
import pytest

from pipeline.newsroom.site import LocalSite, Request, Response, strong_etag


@pytest.fixture
def site():
    with LocalSite() as running:
        yield running


def test_route_answers_with_its_body_status_headers_and_type(site):
    site.add("/a", "grüße", status=203, headers={"X-Desk": "news"}, content_type="text/plain")
    response = httpx.get(site.url("/a"))
    assert (response.status_code, response.content) == (203, "grüße".encode())
    assert (response.headers["x-desk"], response.headers["content-type"]) == ("news", "text/plain")


def test_unknown_path_is_404(site):
    assert httpx.get(site.url("/nowhere")).status_code == 404


def test_whole_target_is_matched_before_the_path(site):
    site.add("/p", "any")
    site.add("/p?page=2", "second")
    answers = [httpx.get(site.url(path)).text for path in ("/p?page=2", "/p?page=3", "/p")]
    assert answers == ["second", "any", "any"]


def test_function_sees_the_request_and_requests_are_logged_in_order(site):
    site.add("/echo", lambda request: Response(body=f"{request.method} {request.target}"))
    assert httpx.get(site.url("/echo?q=1"), headers={"X-A": "b"}).text == "GET /echo?q=1"
    httpx.get(site.url("/other"))
    assert [request.path for request in site.requests] == ["/echo", "/other"]
    assert site.requests_for("/echo")[0].headers["x-a"] == "b"
    site.clear_requests()
    assert site.requests == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_names_its_location(site, status):
    site.redirect("/old", "/new", status=status)
    response = httpx.get(site.url("/old"))
    assert (response.status_code, response.headers["location"]) == (status, "/new")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"If-None-Match": strong_etag(b"news")}, 304),
        ({"If-None-Match": f'"other", W/{strong_etag(b"news")}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": "Tue, 10 Mar 2026 08:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Tue, 10 Mar 2026 07:59:59 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        (
            {"If-None-Match": '"other"', "If-Modified-Since": "Tue, 10 Mar 2026 08:00:00 GMT"},
            200,
        ),
    ],
)
def test_conditional_requests(site, headers, status):
    modified = 1773129600.0  # 10 March 2026, 08:00 UTC
    site.add("/f", Response(body="news", etag=strong_etag(b"news"), last_modified=modified))
    response = httpx.get(site.url("/f"), headers=headers)
    assert response.status_code == status
    assert response.headers["last-modified"] == "Tue, 10 Mar 2026 08:00:00 GMT"
    assert response.text == ("news" if status == 200 else "")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("identity", None)],
)
def test_gzip_is_used_only_where_it_is_accepted(site, accepted, encoding):
    site.add("/z", Response(body="long " * 500, compress=True))
    response = httpx.get(site.url("/z"), headers={"Accept-Encoding": accepted})
    assert response.headers.get("content-encoding") == encoding
    assert response.text == "long " * 500


def test_head_has_the_length_but_no_body(site):
    site.add("/h", "twelve bytes")
    response = httpx.head(site.url("/h"))
    assert (response.headers["content-length"], response.content) == ("12", b"")


def test_stream_arrives_whole_and_connection_is_kept(site):
    site.add("/s", lambda request: Response(body=(b"%d," % i for i in range(100))))
    with httpx.Client() as client:
        texts = [client.get(site.url("/s")).text for _ in range(2)]
    assert texts == ["".join(f"{i}," for i in range(100))] * 2
    assert len({request.client for request in site.requests}) == 1


def test_raw_response_is_sent_as_it_is(site):
    site.add("/raw", Response(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"))
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(site.url("/raw"))


def test_many_clients_are_served_at_once(site):
    together = threading.Barrier(20, timeout=10)

    def wait_for_the_others(request: Request) -> Response:
        together.wait()
        return Response(body="all here")

    site.add("/b", wait_for_the_others)
    answers: list[str] = []
    clients = [
        threading.Thread(target=lambda: answers.append(httpx.get(site.url("/b")).text))
        for _ in range(20)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert answers == ["all here"] * 20


def test_stop_ends_open_connections_delays_and_threads():
    before = set(threading.enumerate())
    site = LocalSite().start()
    site.add("/late", Response(body="late", delay_s=60))

    def endless(request: Request) -> Response:
        return Response(body=iter(lambda: b"x" * 65536, None))

    site.add("/endless", endless)
    kept = httpx.Client()
    kept.get(site.url("/keep"))

    given_up: list[str] = []

    def give_up(path: str) -> None:
        try:
            httpx.get(site.url(path), timeout=30)
        except httpx.HTTPError:
            given_up.append(path)

    clients = [threading.Thread(target=give_up, args=[path]) for path in ("/late", "/endless")]
    for client in clients:
        client.start()
    while len(site.requests) < 3:
        time.sleep(0.01)
    site.stop()
    site.stop()
    for client in clients:
        client.join(10)
    kept.close()
    assert sorted(given_up) == ["/endless", "/late"]
    assert set(threading.enumerate()) - before == set()


def test_port_of_a_stopped_site_is_an_error_that_names_the_remedy():
    with pytest.raises(RuntimeError, match="with"):
        _ = LocalSite().port


def test_fault_in_a_route_is_a_500_that_shows_it(site):
    def broken(request: Request) -> Response:
        raise KeyError("the missing key")

    site.add("/broken", broken)
    response = httpx.get(site.url("/broken"))
    assert response.status_code == 500
    assert "the missing key" in response.text


def test_compressed_form_has_a_weak_etag_that_still_revalidates(site):
    site.add("/w", Response(body="text " * 200, etag=strong_etag(b"w"), compress=True))
    headers = {"Accept-Encoding": "gzip"}
    etag = httpx.get(site.url("/w"), headers=headers).headers["etag"]
    assert etag == f"W/{strong_etag(b'w')}"
    again = httpx.get(site.url("/w"), headers={**headers, "If-None-Match": etag})
    assert again.status_code == 304
