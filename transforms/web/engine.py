"""The event loop that retrieves: dozens of requests in flight, in a thread of its own."""

from __future__ import annotations

import asyncio
import queue
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from transforms.policy import host_pause, is_unanswered, should_retry
from transforms.urls import is_http_url
from transforms.web.client import Client
from transforms.web.jobs import Job, Walker, retrieval_of
from transforms.web.pace import Pace
from transforms.web.robots import KnownRobots, RobotsGate
from transforms.web.schedule import Schedule
from transforms.web.values import FetchOutcome, Retrieval, RetrieveOptions, RetrieveRequest

_POLL_S = 1.0
_JOIN_S = 10.0


class Engine:
    """Runs the schedule; `submit` and `take` are for one consumer thread."""

    def __init__(self, options: RetrieveOptions, robots: KnownRobots | None = None) -> None:
        self._options = options
        self._results: queue.SimpleQueue[Retrieval | BaseException] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._main, name="newsbeam-retrieve", daemon=True)
        self._client = Client(options)
        self._robots = RobotsGate(self._client, options, self._give, robots)
        self._walker = Walker(self._client, self._robots, options)
        self._pace = Pace(options, self._client.network.is_exempt, self._robots.delay)
        self._schedule: Schedule[Job] = Schedule(self._pace)
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent: Counter[str] = Counter()  # tries in a row without an answer, by host
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
        await self._robots.close()
        await self._client.close()

    def _enqueue(self, request: RetrieveRequest) -> None:
        self._start(Job(request, request.url))

    def _start(self, job: Job) -> None:
        self._line_up(job)
        self._dispatch()

    def _taken(self, size: int) -> None:
        self._buffered -= 1
        self._buffered_bytes -= size
        self._dispatch()

    def _line_up(self, job: Job) -> None:
        if not is_http_url(job.url):
            self._give(retrieval_of(job, FetchOutcome.BAD_URL, "no http or https address"))
        elif self._is_silent(job.host):
            why = f"the host did not answer {self._silent[job.host]} times in a row"
            self._give(retrieval_of(job, FetchOutcome.DEFERRED, why))
        elif self._is_paused(job.host):
            deferred = retrieval_of(job, FetchOutcome.DEFERRED, "the host asked to wait")
            wait = self._schedule.blocked_until(job.host) - self._loop.time()
            self._give(replace(deferred, retry_after_s=wait))
        else:
            self._schedule.add(job.host, job, self._loop.time())

    def _is_paused(self, host: str) -> bool:
        pause = self._schedule.blocked_until(host) - self._loop.time()
        return pause > max(self._options.max_wait_s, self._pace.longest_pause(host))

    def _is_silent(self, host: str) -> bool:
        return self._silent[host] >= self._options.max_host_failures

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

    async def _run(self, job: Job, host: str) -> None:
        job.started_at = job.started_at or datetime.now(UTC)
        begun, started = time.monotonic(), self._loop.time()
        try:
            retrieval = await self._walker.attempt(job)
        finally:
            job.spent_s += time.monotonic() - begun
            self._schedule.block(host, started + self._robots.delay(host))
            self._schedule.done(host, self._loop.time())
        if retrieval is None:
            self._line_up(job)  # sent on to another host: stands in line there
        else:
            spent = round(job.spent_s * 1000)
            self._conclude(job, replace(retrieval, duration_ms=spent))

    def _conclude(self, job: Job, retrieval: Retrieval) -> None:
        now, host = self._loop.time(), job.host
        self._silent[host] = self._silent[host] + 1 if is_unanswered(retrieval) else 0
        pause = host_pause(retrieval)
        if pause:
            self._schedule.block(host, now + pause)
        wait = should_retry(retrieval, self._options, random.random())
        if wait is not None:
            self._loop.call_later(wait.seconds, self._start, job.again())
        self._give(replace(retrieval, will_retry=wait is not None))
        if self._is_paused(host) or self._is_silent(host):
            for waiting in self._schedule.drain(host):
                self._line_up(waiting)

    def _give(self, retrieval: Retrieval) -> None:
        self._buffered += 1
        self._buffered_bytes += len(retrieval.body or b"")
        self._results.put(retrieval)
