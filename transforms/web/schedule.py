"""Whose turn it is: requests in line by host, so that no host is hurried and none holds up others.

Pure bookkeeping: it neither waits nor fetches, and the clock is handed in.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

Job = TypeVar("Job")


class Pacer(Protocol):
    """Says how fast a host may be asked."""

    def connections(self, host: str) -> int:
        """Return how many jobs may be under way at once."""

    def delay(self, host: str) -> float:
        """Return the seconds between two starts."""

    def earliest(self, host: str, moment: float) -> float:
        """Return the first moment from this one on at which a job may start."""


@dataclass
class _Host(Generic[Job]):
    queue: deque[Job] = field(default_factory=deque)
    active: int = 0
    next_start: float = 0.0
    is_listed: bool = False  # stands in `ready` or in `later`


class Schedule(Generic[Job]):
    """Jobs by host, started no faster than `pace` allows."""

    def __init__(self, pace: Pacer) -> None:
        self._pace = pace
        self._hosts: dict[str, _Host[Job]] = {}
        self._ready: deque[str] = deque()
        self._later: list[tuple[float, str]] = []

    def add(self, host: str, job: Job, now: float) -> None:
        """Put a job in its host's line."""
        state = self._hosts.setdefault(host, _Host())
        state.queue.append(job)
        self._enlist(host, state, now)

    def pop(self, now: float) -> Job | None:
        """Take the next job that may start now; hosts take turns."""
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[1])
        while self._ready:
            host = self._ready.popleft()
            state = self._hosts[host]
            state.is_listed = False
            state.next_start = self._pace.earliest(host, max(now, state.next_start))
            if state.next_start > now or not state.queue:
                self._enlist(host, state, now)
                continue
            job = state.queue.popleft()
            state.active += 1
            state.next_start = now + self._pace.delay(host)
            self._enlist(host, state, now)
            return job
        return None

    def done(self, host: str, now: float) -> None:
        """A job of this host is over."""
        state = self._hosts[host]
        state.active -= 1
        self._enlist(host, state, now)

    def block(self, host: str, until: float) -> None:
        """Start nothing on this host before `until`."""
        state = self._hosts.setdefault(host, _Host())
        state.next_start = max(state.next_start, until)

    def blocked_until(self, host: str) -> float:
        """When this host may be asked again."""
        state = self._hosts.get(host)
        return state.next_start if state else 0.0

    def drain(self, host: str) -> list[Job]:
        """Take all jobs out of this host's line."""
        state = self._hosts.get(host)
        if state is None:
            return []
        jobs = list(state.queue)
        state.queue.clear()
        return jobs

    def next_time(self) -> float | None:
        """When something can start that cannot start now; None where only a `done` can help."""
        return self._later[0][0] if self._later else None

    def _enlist(self, host: str, state: _Host[Job], now: float) -> None:
        if state.is_listed or not state.queue or state.active >= self._pace.connections(host):
            return
        state.is_listed = True
        if state.next_start > now:
            heapq.heappush(self._later, (state.next_start, host))
        else:
            self._ready.append(host)
