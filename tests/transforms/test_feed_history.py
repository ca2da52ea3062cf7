from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.flow import ParsedFeed
from tests.rows import NOW, entry, feed_state, task
from transforms.feed_history import (
    Reading,
    after_failure,
    after_reading,
    after_unchanged,
    first_pace,
    parse_max_age,
    permanent_target,
    usual_gap_s,
)
from transforms.polling import PollOptions
from transforms.retrieve import FetchOutcome, Retrieval, RetrieveRequest

OPTIONS = PollOptions()
URL = "https://example.org/feed"
NEW, NEWER = "https://example.org/new", "https://example.org/newer"


def retrieval(outcome=FetchOutcome.OK, **fields):
    defaults = {"final_url": URL, "body": b"x" if outcome is FetchOutcome.OK else None}
    return Retrieval(RetrieveRequest(URL), NOW, outcome, **(defaults | fields))


def moved(*statuses, to=(NEW,)):
    chain = (URL, *to[:-1])
    return retrieval(redirect_chain=chain, redirect_statuses=statuses, final_url=to[-1])


def read(state, found, signature="s2", parsed=None):
    reading = Reading(parsed or ParsedFeed(()), b"", signature)
    return after_reading(task(state=state), found, reading, (found.started_at, OPTIONS))


def fail(state, found):
    return after_failure(task(state=state), found, "why", NOW, OPTIONS)


@pytest.mark.parametrize(
    ("found", "target"),
    [
        (retrieval(), None),
        (moved(301), NEW),
        (moved(308), NEW),
        (moved(302), None),
        (moved(307), None),
        (moved(301, 308, to=(NEW, NEWER)), NEWER),
        (moved(301, 302, to=(NEW, NEWER)), NEW),
        (moved(302, 301, to=(NEW, NEWER)), None),
    ],
)
def test_permanent_redirects_count_up_to_the_first_that_is_not(found, target):
    assert permanent_target(found) == target


def test_permanent_redirect_is_used_after_it_held_for_three_passes():
    state = feed_state()
    addresses = []
    for _ in range(3):
        state = read(state, moved(301))
        addresses.append(state.fetch_url)
    assert addresses == [URL, URL, NEW]
    assert (state.url, state.moved_to, state.moved_passes) == (URL, None, 0)


@pytest.mark.parametrize("other", [retrieval(), moved(302), moved(301, to=(NEWER,))])
def test_redirect_that_does_not_hold_starts_anew(other):
    state = read(feed_state(moved_to=NEW, moved_passes=2), other)
    assert state.fetch_url == URL
    assert state.moved_passes < 2


@pytest.mark.parametrize(
    ("found", "score"),
    [(retrieval(FetchOutcome.GONE, status=410), 0.0), (retrieval(FetchOutcome.DNS_ERROR), 2.75)],
)
def test_feed_that_moved_and_is_lost_is_looked_for_at_its_old_address(found, score):
    state = fail(feed_state(fetch_url=NEW, etag="e", failure_score=score), found)
    assert (state.fetch_url, state.etag, state.gone_since) == (URL, None, None)
    assert state.next_fetch_at is not None


def test_gone_is_for_good_until_the_feed_comes_again():
    gone = fail(feed_state(), retrieval(FetchOutcome.GONE, status=410))
    assert (gone.gone_since, gone.next_fetch_at) == (NOW, None)
    assert read(gone, retrieval()).gone_since is None


@pytest.mark.parametrize(
    ("found", "weight"),
    [
        (retrieval(FetchOutcome.TIMEOUT), 0.25),
        (retrieval(FetchOutcome.HTTP_ERROR, status=503), 0.25),
        (retrieval(FetchOutcome.DEFERRED), 0.25),
        (retrieval(FetchOutcome.HTTP_ERROR, status=404), 1.0),
        (retrieval(FetchOutcome.ROBOTS_DISALLOWED), 1.0),
        (retrieval(), 1.0),
    ],
)
def test_failures_are_weighed_and_never_stop_a_feed(found, weight):
    state = feed_state()
    for _ in range(100):
        state = fail(state, found)
    assert state.failure_score == pytest.approx(100 * weight)
    assert state.next_fetch_at == NOW + timedelta(days=1)
    assert state.last_problem == "why"


@pytest.mark.parametrize("answer", ["read", "unchanged"])
def test_first_success_ends_the_backoff(answer):
    failing = feed_state(failure_score=9.0, last_problem="why")
    if answer == "read":
        state = read(failing, retrieval())
    else:
        found = retrieval(FetchOutcome.NOT_MODIFIED)
        state = after_unchanged(task(state=failing), found, NOW, OPTIONS)
    assert (state.failure_score, state.last_problem) == (0.0, None)
    assert state.next_fetch_at < NOW + timedelta(hours=1)


def test_retry_after_is_waited_for():
    state = fail(feed_state(), retrieval(FetchOutcome.HTTP_ERROR, status=503, retry_after_s=7_200))
    assert state.next_fetch_at >= NOW + timedelta(hours=2)


def test_not_modified_keeps_validators_and_the_time_of_the_last_body():
    earlier = NOW - timedelta(hours=5)
    state = feed_state(etag='"e"', last_full_fetch=earlier, signature="s", last_change=earlier)
    found = retrieval(FetchOutcome.NOT_MODIFIED, etag=None)
    after = after_unchanged(task(state=state), found, NOW, OPTIONS)
    assert (after.etag, after.last_full_fetch, after.last_change) == ('"e"', earlier, earlier)
    assert after.last_fetch == NOW


def test_same_body_renews_validators():
    state = feed_state(etag='"e"', last_full_fetch=NOW - timedelta(days=2))
    after = after_unchanged(task(state=state), retrieval(etag='"f"'), NOW, OPTIONS)
    assert (after.etag, after.last_full_fetch) == ('"f"', NOW)


@pytest.mark.parametrize(
    ("held", "found", "lie"),
    [
        ({"etag": '"e"'}, {"etag": '"e"'}, True),
        ({"etag": '"e"'}, {"etag": '"f"'}, False),
        ({"last_modified": "Mon"}, {"last_modified": "Mon"}, True),
        ({"last_modified": "Mon", "etag": '"e"'}, {"last_modified": "Mon", "etag": '"f"'}, False),
        ({}, {}, False),
    ],
)
@pytest.mark.parametrize("signature", ["s1", "s2"])
def test_same_validators_for_other_entries_are_a_lie(held, found, lie, signature):
    state = feed_state(signature="s1", last_full_fetch=NOW - timedelta(hours=1), **held)
    after = read(state, retrieval(**found), signature)
    assert after.validators_lie is (lie and signature == "s2")


def test_pace_is_smoothed_at_a_change_alone():
    state = feed_state(signature="s1", pace_s=3_600.0, last_change=NOW - timedelta(hours=2))
    assert read(state, retrieval(), "s1").pace_s == 3_600.0
    assert read(state, retrieval(), "s2").pace_s == pytest.approx(0.7 * 3_600 + 0.3 * 7_200)
    assert read(state, retrieval(), "s2").last_change == NOW


@pytest.mark.parametrize(
    ("hours", "pace"),
    [
        ([], None),
        ([1, 2], None),
        ([1, 2, 3], 3_600.0),
        ([1, 2, 3, 103], 3_600.0),
        ([*range(20), *range(20, 2_000, 100)], 3_600.0),
        ([1, 2, -400], None),
    ],
)
def test_dates_of_a_new_feed_tell_its_pace(hours, pace):
    entries = [entry(published=NOW - timedelta(hours=hour)) for hour in hours]
    entries.append(entry())
    assert first_pace(entries, NOW) == pace


def test_what_the_publisher_says_is_kept():
    parsed = ParsedFeed((entry(),), ttl_s=900.0, update_period_s=7_200.0)
    state = read(feed_state(), retrieval(), parsed=parsed)
    assert (state.ttl_s, state.update_period_s, state.entries) == (900.0, 7_200.0, 1)
    assert replace(state, url=URL) == state


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("max-age=600", 600),
        ("public, Max-Age = 600, must-revalidate", 600),
        ('max-age="600"', 600),
        ("s-maxage=10", None),
        ("no-cache, max-age=600", None),
        ("max-age=-1", None),
        ("max-age=99999999999999999999", 999_999_999),
    ],
)
def test_max_age_is_read(header, seconds):
    assert parse_max_age(header) == seconds


def test_usual_gap_is_the_median_and_needs_three_dates():
    day = timedelta(days=1)
    dates = [NOW, NOW + day, NOW + 2 * day, NOW + 9 * day]
    assert usual_gap_s(dates) == day.total_seconds()
    assert usual_gap_s(dates[:2]) is None
