"""How fast a host may be asked: by the options, its robots.txt, and what other workers may ask."""

from __future__ import annotations

import time
from collections.abc import Callable

from transforms.web.shares import WHOLE, HostShare
from transforms.web.values import RetrieveOptions


class Pace:
    """What the schedule asks before it lets a request start; moments are of the loop's clock."""

    def __init__(
        self,
        options: RetrieveOptions,
        is_exempt: Callable[[str], bool],
        robots_delay: Callable[[str], float],
    ) -> None:
        self._options = options
        self._is_exempt = is_exempt
        self._robots_delay = robots_delay
        self._epoch = time.time() - time.monotonic()

    def connections(self, host: str) -> int:
        """Return how many requests to a host may be under way at once."""
        return self._share(host).connections(self._options.per_host_connections)

    def delay(self, host: str) -> float:
        """Return the seconds between two starts on a host."""
        if host in self._options.host_delays_s:
            own = self._options.host_delays_s[host]
        else:
            own = 0.0 if self._is_exempt(host) else self._options.host_delay_s
        return max(own, self._robots_delay(host))

    def longest_pause(self, host: str) -> float:
        """Return how long a host's line stands still without any special reason."""
        count = self._share(host).count
        return self.delay(host) * (count if count == 1 else count + 1)

    def earliest(self, host: str, moment: float) -> float:
        """Return the first moment from this one on at which a host may be asked."""
        share = self._share(host)
        if share.count == 1:
            return moment
        return share.earliest(moment + self._epoch, self.delay(host)) - self._epoch

    def _share(self, host: str) -> HostShare:
        return self._options.host_shares.get(host, WHOLE)
