"""robots.txt (RFC 9309): what a site allows, read by protego.

A site is asked once for as long as the retriever lives, and not at all where the caller still knows
its file. Any 4xx means that all is allowed; a 5xx, or no answer, means not now.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from protego import Protego

from schemas.state import RobotsFile
from transforms.urls import host_key, is_http_url
from transforms.web.client import Answer, Client, classify
from transforms.web.values import FetchOutcome, Retrieval, RetrieveOptions, RetrieveRequest

_MAX_REDIRECTS = 5  # RFC 9309, 2.3.1.2
_MAX_CHARACTERS = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB
_MOST_KEPT = 64 * 1024  # bytes of a file that is kept for the next pass
_ASK_AGAIN_S = 1.0  # after a failure that may pass


class KnownRobots(Protocol):
    """The files that need not be asked for."""

    def find(self, site: str) -> RobotsFile | None:
        """Return the file at this address, if it was had not long ago."""


class RobotsDecision(StrEnum):
    """What robots.txt says of one address."""

    ALLOWED = "allowed"
    DISALLOWED = "disallowed"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class RobotsVerdict:
    """The decision, and the outcome of the request where it must not be made."""

    decision: RobotsDecision
    outcome: FetchOutcome | None = None  # None: go ahead
    reason: str | None = None


@dataclass(frozen=True)
class Robots:
    """What one site's robots.txt says."""

    url: str  # of the file
    rules: Protego | None = None  # None: all is allowed, or the file could not be had
    failure: FetchOutcome | None = None  # why it could not be had
    reason: str | None = None

    def judge(self, url: str, agent: str) -> RobotsVerdict:
        """Say whether an agent may ask for an address."""
        if self.failure is not None:
            return RobotsVerdict(RobotsDecision.UNAVAILABLE, self.failure, self.reason)
        if self.rules is None or self.rules.can_fetch(url, agent):
            return RobotsVerdict(RobotsDecision.ALLOWED)
        why = f"{self.url} disallows it for {agent}"
        return RobotsVerdict(RobotsDecision.DISALLOWED, FetchOutcome.ROBOTS_DISALLOWED, why)

    def delay(self, agent: str) -> float:
        """Seconds that the site wants between two requests; 0 where it does not say."""
        return float(self.rules.crawl_delay(agent) or 0.0) if self.rules is not None else 0.0


def read_robots(retrieval: Retrieval) -> Robots:
    """Read what came for a robots.txt; garbage allows everything."""
    url = retrieval.requested_url
    if retrieval.body is not None or _is_missing(retrieval):
        return parse_robots(url, retrieval.body)
    if retrieval.status is not None:
        return _unavailable(url, retrieval)
    return Robots(url, failure=retrieval.outcome, reason=f"{url}: {retrieval.error}")


def parse_robots(url: str, body: bytes | None) -> Robots:
    """Read a file; None: there is none, and all is allowed."""
    if body is None:
        return Robots(url)
    text = body[:_MAX_CHARACTERS].decode("utf-8", "replace").lstrip("\ufeff")
    return Robots(url, Protego.parse(text))


def robots_file(retrieval: Retrieval) -> RobotsFile | None:
    """Return what is worth keeping of a robots.txt; None: it has to be asked for again."""
    body = retrieval.body
    if body is None and not _is_missing(retrieval):
        return None
    if body is not None and len(body) > _MOST_KEPT:
        return None
    return RobotsFile(retrieval.requested_url, retrieval.started_at, body)


def _is_missing(retrieval: Retrieval) -> bool:
    """Whether the site says that it has no such file (RFC 9309, 2.3.1.3)."""
    status = retrieval.status
    return status is not None and 400 <= status < 500 and status != HTTPStatus.TOO_MANY_REQUESTS


def _unavailable(url: str, retrieval: Retrieval) -> Robots:
    return Robots(url, None, FetchOutcome.ROBOTS_UNAVAILABLE, f"{url}: {retrieval.error}")


def robots_url(url: str) -> str:
    """Where the robots.txt that counts for an address lies."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}/robots.txt"


class RobotsGate:
    """Asks sites for their robots.txt, each once, and judges addresses by it."""

    def __init__(
        self,
        client: Client,
        options: RetrieveOptions,
        give: Callable[[Retrieval], None],
        known: KnownRobots | None = None,
    ) -> None:
        self._client = client
        self._options = options
        self._known = known
        self._give = give  # the retrievals of the files themselves, for the record
        self._agent = options.user_agent.partition("/")[0].strip()
        self._sites: dict[str, asyncio.Task[Robots]] = {}
        self._asked_at: dict[str, float] = {}
        self._attempts: dict[str, int] = {}
        self._delays: dict[str, float] = {}

    async def ask(self, url: str) -> RobotsVerdict:
        """Judge an address; waits for the site's robots.txt the first time."""
        site = robots_url(url)
        if site not in self._sites or self._may_ask_again(site):
            self._asked_at[site] = time.monotonic()
            self._attempts[site] = self._attempts.get(site, 0) + 1
            self._sites[site] = asyncio.get_running_loop().create_task(self._fetch(site))
        robots = await asyncio.shield(self._sites[site])
        wanted = min(robots.delay(self._agent), self._options.max_wait_s)
        self._delays[host_key(url)] = max(wanted, self.delay(host_key(url)))
        return robots.judge(url, self._agent)

    def delay(self, host: str) -> float:
        """Seconds that a host's robots.txt wants between two requests, as far as known."""
        return self._delays.get(host, 0.0)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._sites.values():
            task.cancel()
        await asyncio.gather(*self._sites.values(), return_exceptions=True)

    def _may_ask_again(self, site: str) -> bool:
        task = self._sites[site]
        if not task.done() or task.result().failure is None:
            return False
        is_time = time.monotonic() - self._asked_at[site] >= _ASK_AGAIN_S
        return is_time and self._attempts[site] <= self._options.max_retries

    async def _fetch(self, site: str) -> Robots:
        file = self._known.find(site) if self._known else None
        if file is not None:
            return parse_robots(site, file.body)
        request = RetrieveRequest(site, accept="text/plain, */*;q=0.5")
        begun, started_at = time.monotonic(), datetime.now(UTC)
        found = Retrieval(request, started_at, FetchOutcome.OK, attempt=self._attempts[site])
        try:
            async with asyncio.timeout(self._options.total_timeout_s):
                answer, chain = await self._follow(site)
            found = _with_answer(found, answer, chain)
        except Exception as error:
            outcome, why = classify(error)
            found = replace(found, outcome=outcome, error=why)
        spent = round(1000 * (time.monotonic() - begun))
        self._give(replace(found, duration_ms=spent, is_robots=True))
        return read_robots(found)

    async def _follow(self, site: str) -> tuple[Answer, list[str]]:
        url, chain = site, list[str]()
        while True:
            answer = await self._client.ask(url, {"accept": "text/plain, */*;q=0.5"})
            target = urljoin(url, answer.headers.get("location") or "")
            is_end = not answer.is_redirect or not is_http_url(target)
            if is_end or len(chain) == _MAX_REDIRECTS:
                return answer, chain
            chain.append(url)
            url = target


def _with_answer(found: Retrieval, answer: Answer, chain: list[str]) -> Retrieval:
    is_ok = answer.body is not None
    return replace(
        found,
        outcome=FetchOutcome.OK if is_ok else FetchOutcome.HTTP_ERROR,
        status=answer.status,
        final_url=answer.url,
        redirect_chain=tuple(chain),
        body=answer.body,
        content_type=answer.headers.get("content-type"),
        error=None if is_ok else f"status {answer.status}",
    )
