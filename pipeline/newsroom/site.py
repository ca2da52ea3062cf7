"""A small routed HTTP/1.1 server on the loopback interface, for the sample newsroom and for tests.

    with LocalSite() as site:
        site.add("/feed.xml", "<rss/>", content_type="application/rss+xml")
        site.add("/slow", lambda request: Response(body="…", delay_s=2))
        fetch(site.url("/feed.xml"))
    site.requests[0].headers["user-agent"]

Routes may be added and changed while the site runs. Nothing is forked, the server's threads are
daemons, and leaving the `with` block closes every open connection.
"""

from __future__ import annotations

import gzip
import hashlib
import socket
import socketserver
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

_JOIN_SECONDS = 2.0
_BODILESS_STATUSES = frozenset({204, 304})


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    method: str
    target: str  # path and query, as sent
    headers: Mapping[str, str]  # names in lower case
    received_at: float  # time.monotonic()
    client: tuple[str, int]  # address and port of the connection

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path


@dataclass(frozen=True)
class Response:
    """What a route answers; every field but `body` is optional."""

    body: str | bytes | Iterable[bytes] = b""  # an iterable is streamed, chunked
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = "text/html; charset=utf-8"  # None: no such header
    delay_s: float = 0.0  # wait before the first byte
    etag: str | None = None  # with its quotation marks; answers If-None-Match
    last_modified: float | None = None  # seconds since 1970; answers If-Modified-Since
    compress: bool = False  # gzip where the client accepts it
    raw: bytes | None = None  # sent as it is instead of all the rest, then the line is cut


Handler = Callable[[Request], Response]


def strong_etag(body: bytes) -> str:
    """A strong entity tag (RFC 9110, 8.8.3) that follows from the body alone."""
    return f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def is_fresh(request: Request, response: Response) -> bool:
    """Whether a conditional request is to be answered with 304 (RFC 9110, 13.2.2)."""
    if response.status != HTTPStatus.OK or request.method not in ("GET", "HEAD"):
        return False
    wanted = request.headers.get("if-none-match")
    if wanted is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        return response.etag is not None and ("*" in tags or response.etag in tags)
    since = request.headers.get("if-modified-since")
    if since is None or response.last_modified is None:
        return False
    with suppress(ValueError, TypeError):
        return response.last_modified <= parsedate_to_datetime(since).timestamp()
    return False


def accepts_gzip(request: Request) -> bool:
    """Whether the request's Accept-Encoding names gzip with a weight above nought."""
    for coding in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class LocalSite:
    """An HTTP server on `host` whose routes a caller fills; `port` 0 takes a free one."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self._wanted_port = port
        self._routes: dict[str, Response | Handler] = {}
        self._fallback: Handler = _not_found
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> LocalSite:
        """Bind and serve in a thread; OSError where the address cannot be had."""
        self._server = _Server((self.host, self._wanted_port), self)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"site {self.host}:{self.port}",
            daemon=True,
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving, cut open connections and wait for their threads; may be called twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        server.server_close()
        server.cut_connections()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)

    def __enter__(self) -> LocalSite:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port that is served; RuntimeError when the site does not run."""
        if self._server is None:
            raise RuntimeError("the site is not running: use it in a `with` block")
        return self._server.server_address[1]

    @property
    def base_url(self) -> str:
        """Scheme, address and port, without a closing slash."""
        return f"http://{self.host}:{self.port}"

    def url(self, path: str) -> str:
        """The absolute URL of a path (and query) of this site."""
        return self.base_url + (path if path.startswith("/") else f"/{path}")

    def add(
        self,
        path: str,
        body: str | bytes | Iterable[bytes] | Handler | Response = b"",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = "text/html; charset=utf-8",
    ) -> str:
        """Answer `path` with a body, a `Response` or what a function of the request returns.

        Where a `Response` or a function is given, the other arguments are not looked at. A path
        with a query is matched whole first, then without its query. An iterator as body can be
        streamed once only: give a function for more. Returns the path.
        """
        if isinstance(body, Response) or callable(body):
            self._routes[path] = body
        else:
            self._routes[path] = Response(
                body=body,
                status=status,
                headers=dict(headers or {}),
                content_type=content_type,
            )
        return path

    def redirect(self, path: str, location: str, status: int = 301) -> str:
        """Send `path` on to `location` (a path of this site or an absolute URL)."""
        return self.add(path, status=status, headers={"Location": location}, content_type=None)

    def remove(self, path: str) -> None:
        """Forget a route; KeyError where there is none."""
        del self._routes[path]

    def set_fallback(self, handler: Handler) -> None:
        """Answer paths without a route by `handler` (404 until then)."""
        self._fallback = handler

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in the order of their arrival (a copy)."""
        with self._lock:
            return list(self._requests)

    def requests_for(self, path: str) -> list[Request]:
        """The requests for one path, whatever their query."""
        return [request for request in self.requests if request.path == path]

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._requests.clear()

    def answer(self, request: Request) -> Response:
        """Log a request and find its response."""
        with self._lock:
            self._requests.append(request)
        route = self._routes.get(request.target) or self._routes.get(request.path)
        if route is None:
            route = self._fallback
        if isinstance(route, Response):
            return route
        try:
            return route(request)
        except Exception:  # a fault of the test's own function is shown, not swallowed
            fault = traceback.format_exc()
            return Response(body=fault, status=500, content_type="text/plain; charset=utf-8")


def _not_found(request: Request) -> Response:
    page = "<!doctype html><title>Not found</title><h1>Not found</h1>"
    return Response(body=page, status=404)


class _Server(ThreadingHTTPServer):
    """The socket side of a site: knows its open connections so that they can be cut."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], site: LocalSite) -> None:
        self.site = site
        self.stopping = threading.Event()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        super().__init__(address, _ConnectionHandler)

    def server_bind(self) -> None:
        """Bind without the name look-up of http.server, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.site.host, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are part of the tests."""

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Serve one connection, known to `cut_connections` as long as it lasts."""
        assert isinstance(request, socket.socket)
        with self._lock:
            self._connections[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._connections.pop(request, None)

    def cut_connections(self) -> None:
        """Close every open connection and wait a little for its thread."""
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.stopping.set()
        deadline = time.monotonic() + _JOIN_SECONDS
        for thread in connections.values():
            thread.join(max(0.0, deadline - time.monotonic()))


class _ConnectionHandler(BaseHTTPRequestHandler):
    """Reads the requests of one connection and writes the site's responses."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet
    server: _Server

    def log_message(self, *args: object) -> None:
        """Stay silent; the site keeps its own log."""

    def do_GET(self) -> None:
        """Answer a request, whatever its method."""
        self._swallow_body()
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            received_at=time.monotonic(),
            client=self.client_address[:2],
        )
        response = self.server.site.answer(request)
        if response.delay_s:
            self.server.stopping.wait(response.delay_s)
        if response.raw is not None:
            self.wfile.write(response.raw)
            self.close_connection = True
        elif isinstance(response.body, str | bytes):
            self._send_whole(request, response, _encoded(response.body))
        else:
            self._send_stream(request, response, response.body)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

    def _swallow_body(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length:
            self.rfile.read(length)

    def _send_whole(self, request: Request, response: Response, body: bytes) -> None:
        if is_fresh(request, response):
            response, body = replace(response, status=304), b""
        elif response.compress and accepts_gzip(request):
            body = gzip.compress(body, compresslevel=5, mtime=0)
            headers = {**response.headers, "Content-Encoding": "gzip"}
            response = replace(response, headers=headers, etag=_weak(response.etag))
        self._send_head(response)
        names = {name.lower() for name in response.headers}
        if response.status not in _BODILESS_STATUSES and "content-length" not in names:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if request.method != "HEAD" and response.status not in _BODILESS_STATUSES:
            self.wfile.write(body)

    def _send_stream(self, request: Request, response: Response, body: Iterable[bytes]) -> None:
        self._send_head(response)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if request.method == "HEAD":
            return
        for chunk in body:
            if self.server.stopping.is_set():
                self.close_connection = True
                return
            if chunk:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _send_head(self, response: Response) -> None:
        self.send_response(response.status)
        if response.content_type is not None and response.status not in _BODILESS_STATUSES:
            self.send_header("Content-Type", response.content_type)
        if response.etag is not None:
            self.send_header("ETag", response.etag)
        if response.last_modified is not None:
            modified = formatdate(response.last_modified, usegmt=True)
            self.send_header("Last-Modified", modified)
        if response.compress:
            self.send_header("Vary", "Accept-Encoding")
        for name, value in response.headers.items():
            self.send_header(name, value)
            if name.lower() == "connection" and value.lower() == "close":
                self.close_connection = True

    def version_string(self) -> str:
        """The Server header."""
        return "newsbeam-newsroom"


def _weak(etag: str | None) -> str | None:
    """The tag for another coding of the same content (RFC 9110, 8.8.1)."""
    return etag if etag is None or etag.startswith("W/") else f"W/{etag}"


def _encoded(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body
