from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.flow import Feed
from schemas.state import EntryRetry
from tests.rows import NOW, feed_state
from transforms.polling import (
    JITTER,
    PassMoment,
    PollOptions,
    backoff_s,
    due_at,
    entry_backoff_s,
    interval_s,
    next_due,
    plan_pass,
    smooth_pace,
)

OPTIONS = PollOptions()
HOUR, DAY = 3_600.0, 86_400.0
MODEL = "en_test-1"
RETRY = EntryRetry(b"\x01" * 8, 1, NOW + timedelta(minutes=5))


def state(name="feed", **fields):
    """One that was asked for an hour ago and is due in an hour."""
    url = f"https://example.org/{name}"
    defaults = {
        "last_fetch": NOW - timedelta(hours=1),
        "last_full_fetch": NOW - timedelta(hours=1),
        "next_fetch_at": NOW + timedelta(hours=1),
        "signature": "s",
    }
    known = {"key": url.removeprefix("https://"), "url": url, "fetch_url": url}
    return feed_state(**(known | defaults | fields))


def plan(*states, retries=None, **fields):
    moment = PassMoment(**({"now": NOW, "model_version": MODEL} | fields))
    feeds = [Feed(held.url) for held in states]
    known = {held.key: held for held in states if held.last_fetch is not None}
    return plan_pass(feeds, known, retries or {}, moment)


def due(*states, **fields):
    return [task.state.url for task in plan(*states, **fields).due]


@pytest.mark.parametrize(
    ("minutes", "is_due"), [(-600, True), (0, True), (0.4, True), (0.6, False), (60, False)]
)
def test_feed_is_due_at_its_time_and_half_a_minute_before(minutes, is_due):
    held = state(next_fetch_at=NOW + timedelta(minutes=minutes))
    assert bool(due(held)) is is_due
    assert len(plan(held).not_due) == 1 - is_due


@pytest.mark.parametrize(
    ("fields", "is_due"),
    [
        ({"next_fetch_at": NOW + timedelta(days=900)}, False),
        (
            {"next_fetch_at": NOW + timedelta(days=1), "last_fetch": NOW - timedelta(hours=3)},
            True,
        ),
        ({"last_fetch": NOW + timedelta(days=900)}, True),
    ],
    ids=["not yet", "planned under a longer interval", "the clock was wrong"],
)
def test_no_plan_outlasts_the_longest_interval(fields, is_due):
    options = PollOptions(max_interval_s=2 * HOUR)
    assert bool(due(state(**fields), options=options)) is is_due


def test_feed_of_which_nothing_is_known_is_due_and_fetched_whole():
    (task,) = plan(state(last_fetch=None)).due
    assert task.is_full
    assert task.takes_all
    assert task.state.fetch_url == task.feed.url


def test_force_asks_for_what_is_not_due_with_its_validators():
    (task,) = plan(state(), force=True).due
    assert not task.is_full


@pytest.mark.parametrize(
    ("fields", "is_full"),
    [
        ({}, False),
        ({"last_full_fetch": NOW - timedelta(hours=24)}, True),
        ({"last_full_fetch": None}, True),
        ({"model_version": "en_test-0"}, True),
    ],
)
def test_body_must_come_once_a_day_and_for_another_model(fields, is_full):
    (task,) = plan(state(**fields), force=True).due
    assert task.is_full is is_full


def test_another_model_makes_feeds_due_unless_they_fail():
    old = state("a", model_version="en_test-0")
    failing = state("b", model_version="en_test-0", failure_score=2.0)
    assert due(old, failing) == [old.url]


def test_feed_that_is_gone_is_not_asked_unless_forced():
    held = state(gone_since=NOW - timedelta(days=90), next_fetch_at=None)
    assert plan(held).gone == (held,)
    assert due(held) == []
    assert due(held, force=True) == [held.url]


def test_entry_that_is_due_makes_its_feed_due_and_fetched_whole():
    held, later = state("a"), NOW + timedelta(minutes=5)
    retries = {held.key: (RETRY,)}
    assert due(held, retries=retries) == []
    (task,) = plan(held, retries=retries, now=later).due
    assert task.is_full
    assert not task.takes_all
    assert task.retries == (RETRY,)


def test_entries_of_a_feed_that_fails_wait_for_it():
    held = state(failure_score=1.0)
    assert due_at(held, [RETRY]) == held.next_fetch_at
    assert due_at(replace(held, failure_score=0.0), [RETRY]) == RETRY.next_try_at


@pytest.mark.parametrize(
    "other", ["http://example.org/feed", "https://example.org/feed/", "https://EXAMPLE.org/feed"]
)
def test_feed_listed_in_two_ways_is_asked_once(other):
    moment = PassMoment(NOW, MODEL)
    agenda = plan_pass([Feed("https://example.org/feed"), Feed(other)], {}, {}, moment)
    assert [task.feed.url for task in agenda.due] == ["https://example.org/feed"]


@pytest.mark.parametrize("field", ["moved_to", "fetch_url"])
def test_feed_that_leads_to_another_listed_one_is_left_out(field):
    target = state("new")
    old = state("old", **{field: target.url})
    agenda = plan(old, target, force=True)
    assert [task.feed.url for task in agenda.due] == [target.url]
    assert [(feed.url, other) for feed, other in agenda.doubles] == [(old.url, target.url)]


def test_feed_that_led_to_another_is_looked_at_once_a_day():
    target = state("new")
    old = state("old", moved_to=target.url, last_fetch=NOW - timedelta(days=1))
    assert due(old, target, force=True) == [old.url, target.url]


def test_of_two_feeds_that_lead_to_one_the_first_is_asked():
    one, two = (state(name, fetch_url="https://example.org/new") for name in ("one", "two"))
    assert due(one, two, force=True) == [one.url]


def test_feeds_that_lead_to_each_other_are_both_asked():
    one = state("one", moved_to="https://example.org/two")
    two = state("two", moved_to="https://example.org/one")
    assert due(one, two, force=True) == [one.url, two.url]


@pytest.mark.parametrize(
    ("fields", "max_age_s", "expected"),
    [
        ({}, None, HOUR / 2),
        ({"pace_s": 4 * HOUR}, None, 2 * HOUR),
        ({"pace_s": 60.0}, None, 600.0),
        ({"pace_s": 90 * DAY}, None, DAY),
        ({"update_period_s": 2 * HOUR}, None, HOUR),
        ({"pace_s": 4 * HOUR, "update_period_s": DAY}, None, 2 * HOUR),
        ({"pace_s": 60.0, "ttl_s": 2 * HOUR}, None, 2 * HOUR),
        ({"pace_s": 60.0}, 3 * HOUR, 3 * HOUR),
        ({"pace_s": 60.0, "ttl_s": 365 * DAY}, None, DAY),
        ({"pace_s": HOUR, "last_change": NOW - timedelta(hours=16)}, None, 2 * HOUR),
        ({"pace_s": HOUR, "last_change": NOW - timedelta(days=30)}, None, DAY),
    ],
)
def test_interval_follows_pace_and_publisher_within_bounds(fields, max_age_s, expected):
    seconds = interval_s(feed_state(**fields), NOW, OPTIONS, max_age_s)
    assert expected <= seconds <= min(expected * (1 + JITTER), DAY)


@pytest.mark.parametrize(
    ("score", "retry_after_s", "expected"),
    [
        (0.25, None, 1_800 * 2**0.25),
        (1.0, None, HOUR),
        (3.0, None, 4 * HOUR),
        (50.0, None, DAY),
        (1.0, 2 * HOUR, 2 * HOUR),
        (1.0, 900 * DAY, DAY),
        (1.0, 5.0, HOUR),
    ],
)
def test_backoff_doubles_up_to_a_day(score, retry_after_s, expected):
    seconds = backoff_s(feed_state(failure_score=score), OPTIONS, retry_after_s)
    assert expected <= seconds <= min(expected * (1 + JITTER), DAY)


@pytest.mark.parametrize(
    ("attempts", "is_passing", "expected"),
    [(1, True, 600), (2, True, 1_200), (9, True, DAY), (1, False, 21_600), (3, False, DAY)],
)
def test_entries_are_tried_again_after_a_growing_wait(attempts, is_passing, expected):
    assert entry_backoff_s(attempts, is_passing, OPTIONS) == expected


@given(
    st.floats(0, 1e12),
    st.floats(0, 1e12),
    st.floats(0, 1e9),
    st.integers(0, 10_000),
    st.floats(60, 3_600),
    st.floats(3_600, 1e6),
)
def test_bounds_hold_whatever_a_feed_says(pace, ttl, score, quiet_days, shortest, longest):
    options = PollOptions(min_interval_s=shortest, max_interval_s=longest)
    held = feed_state(
        pace_s=pace,
        ttl_s=ttl,
        failure_score=score,
        last_change=NOW - timedelta(days=quiet_days),
    )
    for seconds in (interval_s(held, NOW, options, ttl), backoff_s(held, options, ttl)):
        assert shortest <= seconds <= longest


def test_gaps_between_changes_are_smoothed():
    assert smooth_pace(None, HOUR) == HOUR
    assert smooth_pace(HOUR, 2 * HOUR) == pytest.approx(1.3 * HOUR)


@pytest.mark.parametrize(
    ("states", "retries", "expected"),
    [
        ([], {}, None),
        ([state(gone_since=NOW, next_fetch_at=None)], {}, None),
        ([state(), state("b", next_fetch_at=NOW)], {}, NOW),
        ([state()], {state().key: (RETRY,)}, RETRY.next_try_at),
    ],
)
def test_next_due_is_the_earliest_that_ever_is(states, retries, expected):
    assert next_due(states, retries) == expected
