"""One request, one answer: HTTP/1.1 and HTTP/2 over the guarded network, bodies under a cap."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice

import httpcore
import httpx

from transforms.web.decoding import ACCEPT_ENCODING, DecodingError, make_decoder
from transforms.web.network import GuardedBackend, NameResolutionError, RefusedNetworkError
from transforms.web.values import FetchOutcome, RetrieveOptions

_KEEPALIVE_S = 15.0
_IDLE_HOSTS = 64  # whose connections stay open
_DRAIN_BYTES = 64 * 1024  # of a body that is not wanted: read so that the connection can stay
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WITH_BODY = frozenset({200, 203})
_BROKEN_OFF = ("peer closed connection", "server disconnected")


class TooLargeError(Exception):
    """The body exceeds the cap."""


@dataclass(frozen=True)
class Answer:
    """What a server answered to one request."""

    url: str
    status: int
    headers: Mapping[str, str]  # whatever the case of the name
    body: bytes | None = None  # of a success

    @property
    def is_redirect(self) -> bool:
        """Whether the server sends us on."""
        return self.status in _REDIRECTS


class HostPools:
    """Connections by host: one small pool each, of which the least recently used are closed.

    httpcore looks through all connections of a pool at the beginning and the end of each request,
    which takes longer than the request itself where there are many.
    """

    def __init__(self, make: Callable[[], httpcore.AsyncConnectionPool], idle: int) -> None:
        self._make = make
        self._most_idle = idle
        self._pools: OrderedDict[str, httpcore.AsyncConnectionPool] = OrderedDict()
        self._users: Counter[str] = Counter()

    @asynccontextmanager
    async def pool(self, host: str) -> AsyncIterator[httpcore.AsyncConnectionPool]:
        """Lend a host's pool for one request."""
        pool = self._pools.get(host)
        if pool is None:
            pool = self._pools.setdefault(host, self._make())
        self._pools.move_to_end(host)
        self._users[host] += 1
        try:
            yield pool
        finally:
            self._users[host] -= 1
            await self._close_idle()

    async def close(self) -> None:
        """Close every connection."""
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.aclose()

    async def _close_idle(self) -> None:
        self._users = +self._users
        surplus = len(self._pools) - len(self._users) - self._most_idle
        idle = (host for host in self._pools if host not in self._users)
        for host in list(islice(idle, max(0, surplus))):
            await self._pools.pop(host).aclose()


class Client:
    """Asks servers; holds connections, but no cookies and no state of its own.

    httpcore, the engine of httpx, is used without httpx's client: that one follows redirects and
    unpacks bodies by itself, and both have to be checked step by step here.
    """

    def __init__(self, options: RetrieveOptions) -> None:
        self._options = options
        self.network = GuardedBackend(options.allow_networks)
        self._headers: dict[bytes | str, bytes | str] = {
            "user-agent": options.user_agent,
            "accept-encoding": ACCEPT_ENCODING,
        }
        self._timeouts = {
            "connect": options.connect_timeout_s,
            "read": options.read_timeout_s,
            "write": options.read_timeout_s,
        }
        self._ssl_context = httpx.create_ssl_context()
        self._pools = HostPools(self._make_pool, _IDLE_HOSTS)

    async def ask(self, url: str, headers: Mapping[bytes | str, bytes | str]) -> Answer:
        """GET one address without following redirects; errors as `classify` knows them."""
        target = _core_url(url)
        async with (
            self._pools.pool(target.host.decode("ascii", "replace")) as pool,
            pool.stream(
                "GET",
                target,
                headers={**self._headers, **_authorization(url), **headers},
                extensions={"timeout": self._timeouts},
            ) as response,
        ):
            found = httpx.Headers(response.headers)
            if response.status in _WITH_BODY:
                return Answer(url, response.status, found, body=await self._read(response, found))
            await _drain(response)
            return Answer(url, response.status, found)

    async def close(self) -> None:
        """Close every connection."""
        await self._pools.close()

    def _make_pool(self) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._ssl_context,
            max_connections=None,  # the schedule counts
            max_keepalive_connections=self._options.per_host_connections,
            keepalive_expiry=_KEEPALIVE_S,
            http1=True,
            http2=True,
            network_backend=self.network,
        )

    async def _read(self, response: httpcore.Response, headers: httpx.Headers) -> bytes:
        limit = self._options.max_bytes
        encoding, declared = headers.get("content-encoding"), headers.get("content-length", "")
        if not encoding and declared.isdigit() and int(declared) > limit:
            raise TooLargeError(f"{declared} bytes announced, {limit} allowed")
        decoder, body = make_decoder(encoding), bytearray()
        async for raw in response.aiter_stream():
            for piece in decoder.feed(raw):
                body += piece
                if len(body) > limit:
                    raise TooLargeError(f"more than {limit} bytes")
        decoder.finish()
        return bytes(body)


def _core_url(url: str) -> httpcore.URL:
    parsed = httpx.URL(url)
    return httpcore.URL(
        scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path
    )


def _authorization(url: str) -> dict[bytes | str, bytes | str]:
    """Return the header for an address with a user and a password (RFC 7617); {} without."""
    parsed = httpx.URL(url)
    if not parsed.userinfo:
        return {}
    pair = f"{parsed.username}:{parsed.password}".encode()
    return {"authorization": f"Basic {b64encode(pair).decode('ascii')}"}


async def _drain(response: httpcore.Response) -> None:
    seen = 0
    async for piece in response.aiter_stream():
        seen += len(piece)
        if seen > _DRAIN_BYTES:
            return


def classify(error: BaseException) -> tuple[FetchOutcome, str]:
    """Name what went wrong with a request, and say it in words."""
    text = str(error) or type(error).__name__
    table: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], FetchOutcome], ...]
    table = (
        (RefusedNetworkError, FetchOutcome.REFUSED_NETWORK),
        (NameResolutionError, FetchOutcome.DNS_ERROR),
        (TooLargeError, FetchOutcome.TOO_LARGE),
        (DecodingError, FetchOutcome.PROTOCOL_ERROR),
        ((httpcore.TimeoutException, TimeoutError), FetchOutcome.TIMEOUT),
        ((httpx.InvalidURL, httpcore.UnsupportedProtocol), FetchOutcome.BAD_URL),
        ((httpcore.NetworkError, OSError), FetchOutcome.CONNECTION_ERROR),
        (httpcore.ProtocolError, FetchOutcome.PROTOCOL_ERROR),
    )
    if _is_tls(error):
        return FetchOutcome.TLS_ERROR, text
    for kinds, outcome in table:
        if isinstance(error, kinds):
            if text.lower().startswith(_BROKEN_OFF):
                return FetchOutcome.CONNECTION_ERROR, text
            return outcome, text
    return FetchOutcome.INTERNAL_ERROR, f"{type(error).__name__}: {text}"


def _is_tls(error: BaseException) -> bool:
    seen: BaseException | None = error
    for _ in range(5):
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__ if seen is not None else None
    return False
