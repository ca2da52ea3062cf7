"""Time cut into windows, each a run of its own: which run a moment belongs to. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apache_beam.transforms.window import FixedWindows
from apache_beam.utils.timestamp import Duration, Timestamp

from schemas.layout import RunId, run_at

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Windows:
    """Windows of one length, the first of which begins at `start`; both to the millisecond.

    Engines carry moments as milliseconds: a finer one would fall into the window before.
    """

    start: datetime  # UTC
    size: timedelta

    def __post_init__(self) -> None:
        if self.start != whole_ms(self.start) or self.size % timedelta(milliseconds=1):
            raise ValueError(f"windows of {self.size} from {self.start}: finer than milliseconds")

    def begin(self, moment: datetime) -> datetime:
        """Return when the window of a moment begins; what is before the first belongs to it."""
        return self.start + max(0, (moment - self.start) // self.size) * self.size

    def run(self, moment: datetime) -> RunId:
        """Return the run of a moment's window: the same whoever asks, and however often."""
        return run_at(self.begin(moment))

    def fixed(self) -> FixedWindows:
        """Return them as Beam's."""
        size = int(self.size / timedelta(microseconds=1))
        offset = stamp(self.start).micros % size
        return FixedWindows(Duration(micros=size), Timestamp(micros=offset))


def whole_ms(moment: datetime) -> datetime:
    """Return a moment without what is finer than a millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def stamp(moment: datetime) -> Timestamp:
    """Return a moment as Beam's timestamp."""
    return Timestamp(micros=(moment - _EPOCH) // timedelta(microseconds=1))


def moment_of(timestamp: Timestamp) -> datetime:
    """Return Beam's timestamp as a moment; one before 1970 is its beginning."""
    return _EPOCH + timedelta(microseconds=max(0, timestamp.micros))
