from collections import Counter

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import entry, request
from transforms.spread_hosts import (
    LEAST_PAGES,
    SlotPlan,
    SpreadHosts,
    address_of,
    slot_name,
    spread_hosts,
)
from transforms.web.shares import HostShare

RUNNER = PipelineOptions(["--runner=FnApiRunner"])
COUNTS = st.dictionaries(st.text("abc.", min_size=1, max_size=6), st.integers(1, 5_000))


@pytest.mark.parametrize(
    ("item", "address"),
    [
        (request(entry=entry(link="https://b.org/x")), "https://b.org/x"),
        (request(entry=entry(link=None, feed_url="https://c.org/f")), "https://c.org/f"),
    ],
)
def test_work_goes_to_the_worker_of_its_host(item, address):
    assert address_of(item) == address


@pytest.mark.parametrize(
    ("counts", "slots", "most", "parts"),
    [
        ({"giant": 900, "b": 50, "c": 50}, 2, 2, {"giant": 2, "b": 1, "c": 1}),
        ({"giant": 900, "b": 50, "c": 50}, 4, 2, {"giant": 2, "b": 1, "c": 1}),
        ({"giant": 900, "b": 50, "c": 50}, 4, 9, {"giant": 4, "b": 1, "c": 1}),
        ({"giant": 900}, 1, 9, {"giant": 1}),
        ({"a": 100, "b": 100}, 2, 2, {"a": 1, "b": 1}),
        ({"small": 20}, 2, 2, {"small": 1}),
        ({"small": 2 * LEAST_PAGES}, 2, 2, {"small": 2}),
    ],
)
def test_host_is_cut_where_it_has_more_than_a_fair_share(counts, slots, most, parts):
    plan = spread_hosts(counts, slots, most)
    assert {host: len(dealt) for host, dealt in plan.hosts.items()} == parts


def test_small_hosts_fill_up_what_a_large_one_leaves():
    plan = spread_hosts({"a": 60, "b": 30, "c": 20, "d": 10}, 2, 1)
    assert plan.hosts == {"a": ("slot-0000",), "b": ("slot-0001",), "c": ("slot-0001",)} | {
        "d": ("slot-0001",)
    }


def test_shares_are_told_of_cut_hosts_only():
    plan = SlotPlan({"giant": ("slot-0001", "slot-0003"), "b": ("slot-0001",)})
    assert plan.shares("slot-0003") == {"giant": HostShare(1, 2)}
    assert plan.shares("slot-0001") == {"giant": HostShare(0, 2)}
    assert plan.shares("slot-0000") == {}


@given(COUNTS, st.integers(1, 8), st.integers(1, 4))
def test_parts_of_a_host_lie_in_slots_of_their_own_and_are_no_more_than_connections(
    counts, slots, most
):
    plan = spread_hosts(counts, slots, most)
    assert plan.hosts.keys() == counts.keys()
    names = {slot_name(number) for number in range(slots)}
    for dealt in plan.hosts.values():
        assert 1 <= len(dealt) == len(set(dealt)) <= min(slots, most)
        assert set(dealt) <= names


@given(COUNTS, st.integers(1, 8))
def test_no_slot_has_more_than_a_fair_share_and_one_part(counts, slots):
    plan = spread_hosts(counts, slots, slots)
    loads = Counter()
    for host, dealt in plan.hosts.items():
        for slot in dealt:
            loads[slot] += counts[host] / len(dealt)
    fair = sum(counts.values()) / slots
    assert max(loads.values(), default=0) <= 2 * fair + 2 * LEAST_PAGES


@pytest.mark.parametrize("slots", [1, 2])
def test_every_request_is_dealt_to_one_slot_of_its_host(slots):
    requests = [
        request(key=f"{host}-{n}", entry=entry(link=f"https://{host}/{n}"))
        for host, count in (("giant.org", 80), ("small.org", 3))
        for n in range(count)
    ]

    def check(groups):
        dealt = {slot: {item.key for item in items} for slot, items in groups}
        assert sorted(key for keys in dealt.values() for key in keys) == sorted(
            item.key for item in requests
        )
        assert len(dealt) == slots
        assert min(len(keys) for keys in dealt.values()) > 20
        assert sum(any("small" in key for key in keys) for keys in dealt.values()) == 1

    with beam.Pipeline(options=RUNNER) as root:
        spread = root | beam.Create(requests) | SpreadHosts(slots, 2)
        assert_that(spread["dealt"], check)
