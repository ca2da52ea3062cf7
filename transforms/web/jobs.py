"""A request on its way: one attempt with its redirects, from the first hop to a retrieval."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus

from transforms.policy import parse_retry_after
from transforms.urls import absolute_url, host_key
from transforms.web.client import Answer, Client, classify
from transforms.web.robots import RobotsGate
from transforms.web.values import FetchOutcome, Retrieval, RetrieveOptions, RetrieveRequest


@dataclass
class Job:
    """One attempt at a request; it changes hosts with its redirects."""

    request: RetrieveRequest
    url: str  # to ask next
    attempt: int = 1
    chain: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    started_at: datetime | None = None
    spent_s: float = 0.0  # waiting in line not counted
    robots_decision: str | None = None  # of the last hop

    @property
    def host(self) -> str:
        """The host that has to be asked next."""
        return host_key(self.url)

    def again(self) -> Job:
        """The next attempt."""
        return Job(self.request, self.request.url, attempt=self.attempt + 1)


class Walker:
    """Takes jobs over their hops."""

    def __init__(self, client: Client, robots: RobotsGate, options: RetrieveOptions) -> None:
        self._client = client
        self._robots = robots
        self._options = options

    async def attempt(self, job: Job) -> Retrieval | None:
        """Ask until there is an answer; None where the next hop lies on another host."""
        limit, host = self._options.total_timeout_s, job.host
        try:
            async with asyncio.timeout(max(0.0, limit - job.spent_s)):
                while True:
                    retrieval = await self._hop(job)
                    if retrieval is not None or job.host != host:
                        return retrieval
        except TimeoutError:
            return retrieval_of(job, FetchOutcome.TIMEOUT, f"took more than {limit:g} s in all")
        except Exception as error:
            return retrieval_of(job, *classify(error))

    async def _hop(self, job: Job) -> Retrieval | None:
        if self._options.obey_robots:
            verdict = await self._robots.ask(job.url)
            job.robots_decision = str(verdict.decision)
            if verdict.outcome is not None:
                return retrieval_of(job, verdict.outcome, verdict.reason)
        answer = await self._client.ask(job.url, _request_headers(job.request))
        return self._follow(job, answer) if answer.is_redirect else _answered(job, answer)

    def _follow(self, job: Job, answer: Answer) -> Retrieval | None:
        """Take one redirect; a retrieval where it cannot be taken."""
        job.chain.append(job.url)
        job.statuses.append(answer.status)
        location = answer.headers.get("location")
        target = redirect_target(job.url, location)
        if target is None:
            why = f"status {answer.status} sends on to {location!r}"
            return retrieval_of(job, FetchOutcome.BAD_REDIRECT, why, answer)
        if target in job.chain or len(job.chain) > self._options.max_redirects:
            why = f"{len(job.chain)} redirects, the last to {target}"
            return retrieval_of(job, FetchOutcome.TOO_MANY_REDIRECTS, why, answer)
        job.url = target
        return None


def redirect_target(url: str, location: str | None) -> str | None:
    """Where a Location header leads; None where that is no http(s) address."""
    return absolute_url(url, location, keep_fragment=False)


def retrieval_of(
    job: Job, outcome: FetchOutcome, error: str | None, answer: Answer | None = None
) -> Retrieval:
    """What came of a job, with what the last answer says."""
    headers: Mapping[str, str] = answer.headers if answer else {}
    return Retrieval(
        request=job.request,
        started_at=job.started_at or datetime.now(UTC),
        outcome=outcome,
        attempt=job.attempt,
        final_url=answer.url if answer else None,
        redirect_chain=tuple(job.chain),
        redirect_statuses=tuple(job.statuses),
        status=answer.status if answer else None,
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        content_type=headers.get("content-type"),
        cache_control=headers.get("cache-control"),
        headers=headers,
        retry_after_s=parse_retry_after(headers.get("retry-after"), datetime.now(UTC)),
        robots_decision=job.robots_decision,
        error=error,
    )


def _answered(job: Job, answer: Answer) -> Retrieval:
    outcome = outcome_of(answer)
    is_success = outcome in (FetchOutcome.OK, FetchOutcome.NOT_MODIFIED)
    error = None if is_success else describe_status(answer.status)
    return replace(retrieval_of(job, outcome, error, answer), body=answer.body)


def describe_status(status: int) -> str:
    """A status code in words, as "status 404 (Not Found)"."""
    try:
        return f"status {status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return f"status {status}"


def outcome_of(answer: Answer) -> FetchOutcome:
    """What the status of an answer that is no redirect means."""
    if answer.body is not None:
        return FetchOutcome.OK
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return FetchOutcome.NOT_MODIFIED
    return FetchOutcome.GONE if answer.status == HTTPStatus.GONE else FetchOutcome.HTTP_ERROR


def _request_headers(request: RetrieveRequest) -> dict[bytes | str, bytes | str]:
    headers: dict[bytes | str, bytes | str] = {"accept": request.accept}
    if request.etag:
        headers["if-none-match"] = request.etag
    if request.last_modified:
        headers["if-modified-since"] = request.last_modified
    return headers
