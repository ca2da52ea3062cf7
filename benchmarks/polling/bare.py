"""The bare loop: httpx or aiohttp, limits on requests under way, a hash of each body.

    python -m benchmarks.polling.bare PORT FEEDS IN_FLIGHT httpx|aiohttp

Prints what it took as a line of JSON.
"""

import asyncio
import hashlib
import json
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable

from benchmarks.polling.site import BenchFeed, bench_feed

PER_HOST = 2
TRIES = 3  # as newsbeam's: what can get better is tried again twice
WAITS_S = (2.0, 4.0)

Ask = Callable[[str, dict[str, str]], Awaitable[tuple[int, bytes]]]


async def ask_all(feeds: list[BenchFeed], port: int, in_flight: int, ask: Ask) -> Counter[str]:
    """Ask for all feeds; count what came."""
    total = asyncio.Semaphore(in_flight)
    hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PER_HOST))
    counts: Counter[str] = Counter()

    async def one(feed: BenchFeed) -> None:
        headers = {"if-none-match": feed.etag} if feed.kind == "validators" else {}
        for attempt in range(TRIES):
            async with hosts[feed.host], total:
                try:
                    status, body = await ask(f"http://{feed.host}:{port}{feed.path}", headers)
                except Exception as error:
                    status, body = 599, type(error).__name__.encode()
            hashlib.sha256(body).hexdigest()
            counts[str(status)] += 1
            if status < 500 or attempt == TRIES - 1:
                return
            await asyncio.sleep(WAITS_S[attempt])

    await asyncio.gather(*map(one, feeds))
    return counts


async def with_httpx(feeds: list[BenchFeed], port: int, in_flight: int) -> Counter[str]:
    """Ask through httpx."""
    import httpx

    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=64)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def ask(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
            response = await client.get(url, headers=headers)
            return response.status_code, response.content

        return await ask_all(feeds, port, in_flight, ask)


async def with_aiohttp(feeds: list[BenchFeed], port: int, in_flight: int) -> Counter[str]:
    """Ask through aiohttp."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def ask(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
            async with session.get(url, headers=headers) as response:
                return response.status, await response.read()

        return await ask_all(feeds, port, in_flight, ask)


def main() -> None:
    port, count, in_flight = (int(text) for text in sys.argv[1:4])
    loop = {"httpx": with_httpx, "aiohttp": with_aiohttp}[sys.argv[4]]
    feeds = [bench_feed(number) for number in range(count)]
    begun = time.perf_counter()
    counts = asyncio.run(loop(feeds, port, in_flight))
    spent = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = {"seconds": spent, "cpu_s": used.ru_utime + used.ru_stime, "counts": dict(counts)}
    print(json.dumps({**figures, "peak_mb": used.ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
