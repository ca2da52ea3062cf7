import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.web.pace import Pace
from transforms.web.shares import HostShare
from transforms.web.values import RetrieveOptions


def pace(exempt=(), robots=None, **options):
    delays = robots or {}
    return Pace(RetrieveOptions(**options), exempt.__contains__, lambda host: delays.get(host, 0.0))


@pytest.mark.parametrize(
    ("host", "delay"),
    [("a.org", 1.0), ("slow.org", 5.0), ("10.0.0.1", 0.0), ("own.org", 0.5), ("both.org", 9.0)],
)
def test_delay_of_a_host_is_its_own_or_the_general_one_and_never_below_robots(host, delay):
    given_pace = pace(
        exempt=("10.0.0.1",),
        robots={"slow.org": 5.0, "both.org": 9.0},
        host_delay_s=1.0,
        host_delays_s={"own.org": 0.5, "both.org": 2.0},
    )
    assert given_pace.delay(host) == delay


def test_share_counts_for_its_host_alone():
    shared = pace(per_host_connections=2, host_shares={"a.org": HostShare(1, 2)})
    assert (shared.connections("a.org"), shared.connections("b.org")) == (1, 2)
    assert shared.earliest("b.org", 12.3) == 12.3


@given(st.floats(0, 1e6), st.floats(0.1, 30.0), st.integers(1, 4))
def test_no_regular_wait_is_longer_than_the_longest_pause(moment, delay, count):
    shared = pace(host_delay_s=delay, host_shares={"a.org": HostShare(count - 1, count)})
    start = shared.earliest("a.org", moment)
    following = shared.earliest("a.org", start + delay)
    assert following - start <= shared.longest_pause("a.org") + 1e-5
