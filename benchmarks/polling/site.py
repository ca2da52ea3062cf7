"""Ten thousand feeds on many loopback addresses: what they are, and the server that serves them.

    python -m benchmarks.polling.site PORT FEEDS

The server listens on all of 127.0.0.0/8. It prints "ready", then for each line on standard input
how many requests it answered since the last one.
"""

import asyncio
import hashlib
import random
import sys
from dataclasses import dataclass
from functools import cache

MEDIAN_S, SIGMA, LONGEST_S = 0.15, 0.8, 10.0  # of the latencies: log-normal, with a long tail
BROKEN = ((0.02, "missing"), (0.01, "failing"), (0.01, "page"), (0.01, "reset"))  # 5 % in all
WITHOUT_VALIDATORS = 0.3  # of the feeds that work
FEEDS_PER_HOST = 4
ENTRIES = 30


@dataclass(frozen=True)
class BenchFeed:
    """One feed, all of which follows from its number."""

    number: int
    delay_s: float
    kind: str  # validators, plain, or how it is broken

    @property
    def host(self) -> str:
        """The loopback address that serves it."""
        host = self.number // FEEDS_PER_HOST
        return f"127.{1 + host // 62_500}.{host // 250 % 250}.{1 + host % 250}"

    @property
    def path(self) -> str:
        """Path of its address."""
        return f"/feeds/{self.number}.xml"

    @property
    def etag(self) -> str:
        """Its validator."""
        return f'"{self.number}-1"'

    @property
    def links(self) -> list[str]:
        """The addresses of its articles."""
        return [f"https://news-{self.number}.example/story/{n}" for n in range(ENTRIES)]

    def body(self) -> bytes:
        """The document: thirty entries with a teaser each."""
        items = "".join(
            f"<item><title>Story {n} of {self.number}</title><link>{link}</link>"
            f"<guid>{link}</guid><pubDate>Tue, 24 Nov 2026 {n % 24:02}:00:00 GMT</pubDate>"
            f"<description>{'The harbour of Leith was closed. ' * 6}</description></item>"
            for n, link in enumerate(self.links)
        )
        head = f"<rss version='2.0'><channel><title>Feed {self.number}</title>"
        return f"{head}{items}</channel></rss>".encode()


@cache
def bench_feed(number: int) -> BenchFeed:
    """Return a feed by its number."""
    dice = random.Random(hashlib.sha256(str(number).encode()).digest())
    delay = min(LONGEST_S, dice.lognormvariate(0, SIGMA) * MEDIAN_S)
    throw = dice.random()
    for share, kind in BROKEN:
        if throw < share:
            return BenchFeed(number, delay, kind)
        throw -= share
    kind = "plain" if dice.random() < WITHOUT_VALIDATORS else "validators"
    return BenchFeed(number, delay, kind)


class Server(asyncio.Protocol):
    """Answers requests one after the other, each after its feed's latency."""

    answered = 0

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection's transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer the requests that have come whole."""
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        Server.answered += 1
        line, *headers = head.decode("latin-1").split("\r\n")
        path = line.split(" ")[1]
        loop = asyncio.get_running_loop()
        if not path.startswith("/feeds/"):
            loop.call_later(MEDIAN_S, self._send, 404, b"", "")
            return
        feed = bench_feed(int(path.removeprefix("/feeds/").removesuffix(".xml")))
        asked = {k.lower(): v.strip() for k, _, v in (header.partition(":") for header in headers)}
        loop.call_later(feed.delay_s, self._send_feed, feed, asked.get("if-none-match"))

    def _send_feed(self, feed: BenchFeed, asked: str | None) -> None:
        if feed.kind == "reset":
            assert self._transport is not None
            self._transport.abort()
        elif feed.kind == "missing":
            self._send(404, b"not here", "")
        elif feed.kind == "failing":
            self._send(500, b"failed", "")
        elif feed.kind == "page":
            self._send(200, b"<html><body>Welcome</body></html>", "")
        elif feed.kind == "validators" and asked == feed.etag:
            self._send(304, b"", f"ETag: {feed.etag}\r\n")
        else:
            etag = f"ETag: {feed.etag}\r\n" if feed.kind == "validators" else ""
            self._send(200, feed.body(), etag)

    def _send(self, status: int, body: bytes, headers: str) -> None:
        assert self._transport is not None
        length = f"Content-Length: {len(body)}\r\n" if status != 304 else ""
        head = f"HTTP/1.1 {status} x\r\nContent-Type: application/rss+xml\r\n{length}{headers}\r\n"
        self._transport.write(head.encode() + body)


async def serve(port: int) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "0.0.0.0", port, backlog=4_096)
    print("ready", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(Server.answered, flush=True)
        Server.answered = 0
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
