"""The event loop that retrieves: dozens of requests in flight, in a thread of its own."""

from __future__ import annotations

import asyncio
import queue
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urljoin

from transforms.policy import host_pause, parse_retry_after, should_retry
from transforms.urls import host_key, is_http_url
from transforms.web.client import Answer, Client, classify
from transforms.web.schedule import Schedule
from transforms.web.values import FetchOutcome, Retrieval, RetrieveOptions, RetrieveRequest

_POLL_S = 1.0
_JOIN_S = 10.0


@dataclass
class _Job:
    """A request on its way: several attempts, each with redirects."""

    request: RetrieveRequest
    url: str  # to ask next
    attempt: int = 1
    chain: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    started_at: datetime | None = None
    spent_s: float = 0.0  # of the attempt, waiting in line not counted

    @property
    def host(self) -> str:
        return host_key(self.url)


class Engine:
    """Runs the schedule; `submit` and `take` are for one consumer thread."""

    def __init__(self, options: RetrieveOptions) -> None:
        self._options = options
        self._results: queue.SimpleQueue[Retrieval | BaseException] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._main, name="newsbeam-retrieve", daemon=True)
        self._client = Client(options)
        self._schedule: Schedule[_Job] = Schedule(options.per_host_connections, self._delay)
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._buffered = 0
        self._buffered_bytes = 0

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, request: RetrieveRequest) -> None:
        """Put a request in line."""
        self._loop.call_soon_threadsafe(self._enqueue, request)

    def take(self) -> Retrieval:
        """Wait for the next result, in the order of completion."""
        while True:
            try:
                result = self._results.get(timeout=_POLL_S)
            except queue.Empty:
                if not self._thread.is_alive():
                    raise RuntimeError("the retriever's thread has died") from None
                continue
            if isinstance(result, BaseException):
                raise result
            self._loop.call_soon_threadsafe(self._taken, len(result.body or b""))
            return result

    def close(self) -> None:
        """Give up what is under way, close connections and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_JOIN_S)

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(self._report)
        resolvers = ThreadPoolExecutor(self._options.max_in_flight, "newsbeam-resolve")
        self._loop.set_default_executor(resolvers)  # names are resolved in threads
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._shut_down())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            resolvers.shutdown(wait=False, cancel_futures=True)  # a look-up can hang for long
            self._loop.close()

    def _report(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception) and "future" not in context:
            self._results.put(error)

    async def _shut_down(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.close()

    def _delay(self, host: str) -> float:
        if host in self._options.host_delays_s:
            return self._options.host_delays_s[host]
        return 0.0 if self._client.network.is_exempt(host) else self._options.host_delay_s

    def _enqueue(self, request: RetrieveRequest) -> None:
        self._line_up(_Job(request, request.url))
        self._dispatch()

    def _taken(self, size: int) -> None:
        self._buffered -= 1
        self._buffered_bytes -= size
        self._dispatch()

    def _line_up(self, job: _Job) -> None:
        if not is_http_url(job.url):
            self._give(self._retrieval(job, FetchOutcome.BAD_URL, "no http or https address"))
        elif self._is_paused(job.host):
            self._give(self._retrieval(job, FetchOutcome.DEFERRED, "the host asked to wait"))
        else:
            self._schedule.add(job.host, job, self._loop.time())

    def _is_paused(self, host: str) -> bool:
        pause = self._schedule.blocked_until(host) - self._loop.time()
        return pause > max(self._options.max_wait_s, self._delay(host))

    def _has_room(self) -> bool:
        options, flying = self._options, len(self._tasks)
        return (
            flying < options.max_in_flight
            and flying + self._buffered < options.max_in_flight + options.buffer_results
            and self._buffered_bytes < options.buffer_bytes
        )

    def _dispatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._has_room():
            job = self._schedule.pop(self._loop.time())
            if job is None:
                break
            task = self._loop.create_task(self._run(job, job.host))
            self._tasks.add(task)
            task.add_done_callback(self._finished)
        due = self._schedule.next_time()
        if due is not None and self._has_room():
            self._timer = self._loop.call_at(due, self._dispatch)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._results.put(error)
        self._dispatch()

    async def _run(self, job: _Job, host: str) -> None:
        job.started_at = job.started_at or datetime.now(UTC)
        begun = time.monotonic()
        try:
            retrieval = await self._attempt(job, host)
        finally:
            job.spent_s += time.monotonic() - begun
            self._schedule.done(host, self._loop.time())
        if retrieval is None:
            self._line_up(job)  # sent on to another host: stands in line there
        else:
            spent = round(job.spent_s * 1000)
            self._conclude(job, replace(retrieval, duration_ms=spent))

    async def _attempt(self, job: _Job, host: str) -> Retrieval | None:
        """Ask until there is an answer; None where the next hop lies on another host."""
        limit = self._options.total_timeout_s
        try:
            async with asyncio.timeout(max(0.0, limit - job.spent_s)):
                while True:
                    answer = await self._client.ask(job.url, _request_headers(job.request))
                    if not answer.is_redirect:
                        return self._answered(job, answer)
                    failure = self._follow(job, answer)
                    if failure is not None or job.host != host:
                        return failure
        except TimeoutError:
            return self._retrieval(job, FetchOutcome.TIMEOUT, f"took more than {limit:g} s in all")
        except Exception as error:
            return self._retrieval(job, *classify(error))

    def _follow(self, job: _Job, answer: Answer) -> Retrieval | None:
        """Take one redirect; a retrieval where it cannot be taken."""
        job.chain.append(job.url)
        job.statuses.append(answer.status)
        location = answer.headers.get("location")
        target = _redirect_target(job.url, location)
        if target is None:
            why = f"status {answer.status} sends on to {location!r}"
            return self._retrieval(job, FetchOutcome.BAD_REDIRECT, why, answer)
        if target in job.chain or len(job.chain) > self._options.max_redirects:
            why = f"{len(job.chain)} redirects, the last to {target}"
            return self._retrieval(job, FetchOutcome.TOO_MANY_REDIRECTS, why, answer)
        job.url = target
        return None

    def _answered(self, job: _Job, answer: Answer) -> Retrieval:
        outcome = _outcome(answer)
        is_success = outcome in (FetchOutcome.OK, FetchOutcome.NOT_MODIFIED)
        error = None if is_success else describe_status(answer.status)
        return replace(self._retrieval(job, outcome, error, answer), body=answer.body)

    def _retrieval(
        self, job: _Job, outcome: FetchOutcome, error: str | None, answer: Answer | None = None
    ) -> Retrieval:
        headers = answer.headers if answer else {}
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
            retry_after_s=parse_retry_after(headers.get("retry-after"), datetime.now(UTC)),
            error=error,
        )

    def _conclude(self, job: _Job, retrieval: Retrieval) -> None:
        now, host = self._loop.time(), job.host
        pause = host_pause(retrieval)
        if pause:
            self._schedule.block(host, now + pause)
        wait = should_retry(retrieval, self._options, random.random())
        if wait is not None:
            again = _Job(job.request, job.request.url, attempt=job.attempt + 1)
            self._schedule.postpone(again.host, again, now + wait.seconds)
        self._give(replace(retrieval, will_retry=wait is not None))
        if self._is_paused(host):
            for waiting in self._schedule.drain(host):
                self._line_up(waiting)

    def _give(self, retrieval: Retrieval) -> None:
        self._buffered += 1
        self._buffered_bytes += len(retrieval.body or b"")
        self._results.put(retrieval)


def _redirect_target(url: str, location: str | None) -> str | None:
    if not location:
        return None
    try:
        target = urljoin(url, location.strip()).partition("#")[0]
    except ValueError:
        return None
    return target if is_http_url(target) else None


def _request_headers(request: RetrieveRequest) -> dict[bytes | str, bytes | str]:
    headers: dict[bytes | str, bytes | str] = {"accept": request.accept}
    if request.etag:
        headers["if-none-match"] = request.etag
    if request.last_modified:
        headers["if-modified-since"] = request.last_modified
    return headers


def describe_status(status: int) -> str:
    """A status code in words, as "status 404 (Not Found)"."""
    try:
        return f"status {status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return f"status {status}"


def _outcome(answer: Answer) -> FetchOutcome:
    if answer.body is not None:
        return FetchOutcome.OK
    if answer.status == 304:
        return FetchOutcome.NOT_MODIFIED
    return FetchOutcome.GONE if answer.status == 410 else FetchOutcome.HTTP_ERROR
