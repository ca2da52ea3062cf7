from datetime import UTC, datetime, timedelta

import pytest
from apache_beam.transforms.window import WindowFn
from hypothesis import given
from hypothesis import strategies as st

from transforms.streaming.windows import Windows, moment_of, stamp, whole_ms

START = datetime(2026, 11, 24, 23, 58, 30, 125_000, tzinfo=UTC)
WINDOWS = Windows(START, timedelta(minutes=5))

MOMENTS = st.integers(0, 10**10).map(lambda ms: START + timedelta(milliseconds=ms))
SIZES = st.integers(1_000, 10**8).map(lambda ms: timedelta(milliseconds=ms))


@given(MOMENTS, SIZES)
def test_beam_cuts_time_as_the_runs_are_named(moment, size):
    windows = Windows(START, size)
    (beams,) = windows.fixed().assign(WindowFn.AssignContext(stamp(moment)))
    assert moment_of(beams.start) == windows.begin(moment)
    assert moment_of(beams.end) == windows.begin(moment) + size


@pytest.mark.parametrize(
    ("after_s", "run_id", "day"),
    [
        (0, "20261124T235830125000Z", "2026-11-24"),
        (299.999, "20261124T235830125000Z", "2026-11-24"),
        (300, "20261125T000330125000Z", "2026-11-25"),
        (-40, "20261124T235830125000Z", "2026-11-24"),  # of a worker whose clock is behind
    ],
)
def test_run_follows_from_the_window_alone(after_s, run_id, day):
    run = WINDOWS.run(START + timedelta(seconds=after_s))
    assert (run.value, run.day.isoformat()) == (run_id, day)


@pytest.mark.parametrize(
    ("start", "size"),
    [
        (START + timedelta(microseconds=1), timedelta(minutes=5)),
        (START, timedelta(microseconds=1_500)),
    ],
)
def test_windows_finer_than_engines_carry_are_refused(start, size):
    with pytest.raises(ValueError, match="finer than milliseconds"):
        Windows(start, size)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_timestamps_give_their_moments_back(moment):
    assert moment_of(stamp(moment)) == moment
    assert 0 <= (moment - whole_ms(moment)).total_seconds() < 0.001
