import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.web.shares import WHOLE, HostShare

MOMENTS = st.floats(1.7e9, 2.0e9)
DELAYS = st.floats(0.05, 60.0)


@st.composite
def shares(draw):
    count = draw(st.integers(1, 6))
    return HostShare(draw(st.integers(0, count - 1)), count)


@pytest.mark.parametrize(
    ("allowed", "count", "parts"),
    [(2, 1, [2]), (2, 2, [1, 1]), (5, 2, [3, 2]), (4, 3, [2, 1, 1])],
)
def test_parts_have_together_the_connections_of_the_host(allowed, count, parts):
    assert [HostShare(index, count).connections(allowed) for index in range(count)] == parts


def test_who_has_the_host_alone_may_start_at_any_moment():
    assert WHOLE.earliest(1.8e9 + 0.7, 1.0) == 1.8e9 + 0.7


@pytest.mark.parametrize(
    ("index", "inside", "start"),
    [(0, 0.2, 0.2), (0, 0.6, 2.05), (1, 0.2, 1.05), (1, 1.5, 1.5), (1, 1.6, 3.05)],
)
def test_start_lies_in_the_first_half_of_an_own_window(index, inside, start):
    base = 1_800_000_000.0
    assert HostShare(index, 2).earliest(base + inside, 1.0) - base == pytest.approx(start)


@given(MOMENTS, DELAYS, shares())
def test_start_is_never_before_the_moment_and_within_one_turn(moment, delay, share):
    start = share.earliest(moment, delay)
    assert moment <= start <= moment + (share.count + 0.1) * delay


@given(MOMENTS, DELAYS, shares())
def test_planned_start_may_be_made_when_its_time_comes(moment, delay, share):
    start = share.earliest(moment, delay)
    if start > moment:
        for late in (-1e-6, 0.0, 0.2 * delay):
            assert share.earliest(start + late, delay) == start + late


@given(st.lists(MOMENTS, min_size=2, max_size=2), DELAYS)
def test_two_parts_never_start_within_half_the_delay(moments, delay):
    starts = [HostShare(index, 2).earliest(moments[index], delay) for index in (0, 1)]
    assert abs(starts[0] - starts[1]) > 0.49 * delay
