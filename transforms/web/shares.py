"""What part of a host's requests a worker may make, where several workers ask one host."""

from __future__ import annotations

from dataclasses import dataclass

_OPEN = 0.5  # share of a window in which a request may start …
_EARLY = 0.05  # … and where in it one is planned, so that no rounding puts it into the one before


@dataclass(frozen=True)
class HostShare:
    """One worker's part of what a host may be asked, where several workers fetch from it.

    Time is cut into windows as long as the host's delay, which the parts own in turn: the host sees
    one start a window from all workers together, whenever each of them began and however many of
    them are at work. All need the same clock, to half the delay.
    """

    index: int  # of the part
    count: int  # of parts, all together what one worker might ask

    def connections(self, allowed: int) -> int:
        """Return how many of a host's connections this part may hold."""
        return allowed // self.count + (self.index < allowed % self.count)

    def earliest(self, moment: float, delay: float) -> float:
        """Return when this part may start a request, from `moment` on (seconds since 1970)."""
        if self.count == 1 or delay <= 0:
            return moment
        window, inside = divmod(moment, delay)
        ahead = int(self.index - window) % self.count
        if ahead == 0 and inside <= _OPEN * delay:
            return moment
        return (window + (ahead or self.count) + _EARLY) * delay


WHOLE = HostShare(0, 1)
