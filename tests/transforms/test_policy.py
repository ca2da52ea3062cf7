from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.flow import ArticleRequest, FeedEntry, KnownArticle
from schemas.rows import FeedRef
from tests.rows import article
from transforms.policy import (
    FetchDecision,
    FetchReason,
    Wait,
    believe_date,
    feed_stands_in,
    host_pause,
    next_revision,
    parse_retry_after,
    should_fetch,
    should_retry,
)
from transforms.retrieve import FetchOutcome, Retrieval, RetrieveOptions, RetrieveRequest

NOW = datetime(2024, 3, 9, 12, tzinfo=UTC)
ENTRY = FeedEntry(feed_url="https://example.org/feed", entry_id="1", link="https://example.org/a")
KNOWN = KnownArticle(
    article_id="a1",
    normalized_link="https://example.org/a",
    revision=3,
    content_hash="text-1",
    model_version="model-1",
    entry_hash="entry-1",
    last_seen=NOW,
)
OPTIONS = RetrieveOptions(max_retries=2, retry_wait_s=2.0, max_wait_s=30.0)


HERE = FeedRef(feed_url=ENTRY.feed_url, entry_id="1")


def request(known=KNOWN, entry_hash="entry-1", link="https://example.org/a", is_changed=False):
    entry = replace(ENTRY, link=link)
    return ArticleRequest("key", entry, (), entry_hash, known, is_changed)


@pytest.mark.parametrize(
    ("asked", "model", "decision"),
    [
        (request(), "model-1", FetchDecision(False, False, FetchReason.UNCHANGED)),
        (request(), "model-2", FetchDecision(True, True, FetchReason.MODEL_CHANGED)),
        (
            request(entry_hash="e2", is_changed=True),
            "model-1",
            FetchDecision(True, True, FetchReason.ENTRY_CHANGED),
        ),
        (request(is_changed=True), "model-1", FetchDecision(False, False, FetchReason.UNCHANGED)),
        (request(entry_hash="e2"), "model-1", FetchDecision(False, False, FetchReason.UNCHANGED)),
        (
            request(replace(KNOWN, feed_refs=(HERE,)), entry_hash="e2"),
            "model-1",
            FetchDecision(True, True, FetchReason.ENTRY_CHANGED),
        ),
        (request(known=None), "model-1", FetchDecision(True, True, FetchReason.NEW)),
        (request(None, link=None), "model-1", FetchDecision(True, False, FetchReason.NO_LINK)),
        (request(link=None), "model-1", FetchDecision(False, False, FetchReason.UNCHANGED)),
        (request(link=None), "model-2", FetchDecision(True, False, FetchReason.MODEL_CHANGED)),
    ],
)
def test_page_is_fetched_when_there_is_something_new(asked, model, decision):
    assert should_fetch(asked, model) == decision


def retrieval(outcome=FetchOutcome.HTTP_ERROR, status=None, **fields):
    asked = RetrieveRequest("https://example.org/a")
    return Retrieval(request=asked, started_at=NOW, outcome=outcome, status=status, **fields)


@pytest.mark.parametrize(
    "found",
    [
        retrieval(FetchOutcome.TIMEOUT),
        retrieval(FetchOutcome.CONNECTION_ERROR),
        retrieval(FetchOutcome.DNS_ERROR),
        *(retrieval(status=status) for status in (429, 500, 502, 503, 504)),
    ],
)
def test_what_can_get_better_is_tried_again_after_a_growing_wait(found):
    assert should_retry(found, OPTIONS) == Wait(2.0)
    assert should_retry(replace(found, attempt=2), OPTIONS) == Wait(4.0)
    assert should_retry(replace(found, attempt=3), OPTIONS) is None


@pytest.mark.parametrize(
    "found",
    [
        retrieval(FetchOutcome.OK, status=200),
        retrieval(FetchOutcome.NOT_MODIFIED, status=304),
        retrieval(FetchOutcome.GONE, status=410),
        retrieval(FetchOutcome.TOO_LARGE),
        retrieval(FetchOutcome.REFUSED_NETWORK),
        retrieval(FetchOutcome.TLS_ERROR),
        retrieval(FetchOutcome.PROTOCOL_ERROR),
        *(retrieval(status=status) for status in (400, 401, 403, 404, 451, 501)),
    ],
)
def test_what_cannot_get_better_is_not_tried_again(found):
    assert should_retry(found, OPTIONS) is None


@pytest.mark.parametrize(
    ("asked_for", "wait"), [(0.0, Wait(2.0)), (7.0, Wait(7.0)), (30.0, Wait(30.0)), (31.0, None)]
)
def test_wait_that_a_server_asks_for_is_kept_or_the_try_is_given_up(asked_for, wait):
    assert should_retry(retrieval(status=503, retry_after_s=asked_for), OPTIONS) == wait


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 2))
def test_jitter_only_stretches_and_is_bounded(jitter, attempt):
    plain = should_retry(retrieval(status=503, attempt=attempt), OPTIONS)
    jittered = should_retry(retrieval(status=503, attempt=attempt), OPTIONS, jitter)
    assert plain.seconds <= jittered.seconds <= 1.5 * plain.seconds


@pytest.mark.parametrize(
    ("status", "retry_after", "pause"),
    [(429, 60.0, 60.0), (503, 60.0, 60.0), (503, None, 0.0), (404, 60.0, 0.0), (200, 60.0, 0.0)],
)
def test_host_is_left_alone_as_long_as_it_asks_for(status, retry_after, pause):
    assert host_pause(retrieval(status=status, retry_after_s=retry_after)) == pause


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sat, 09 Mar 2024 12:01:00 GMT", 60.0),
        ("Sat, 09 Mar 2024 11:00:00 GMT", 0.0),
        ("99999999999999999999", 999_999_999.0),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert parse_retry_after(value, NOW) == seconds


CONTENT = "<p>" + "words " * 200 + "</p>"


@pytest.mark.parametrize(
    ("entry", "failure", "stands_in"),
    [
        ({"content_html": CONTENT}, retrieval(FetchOutcome.TIMEOUT), True),
        ({"content_html": CONTENT}, retrieval(status=404), True),
        ({"summary_html": CONTENT * 2}, retrieval(FetchOutcome.TIMEOUT), True),
        ({"summary_html": "Short."}, retrieval(status=403), True),
        ({"summary_html": "Short."}, retrieval(FetchOutcome.ROBOTS_DISALLOWED), True),
        ({"summary_html": "Short."}, retrieval(FetchOutcome.TOO_LARGE), True),
        ({"content_html": "<p>Short.</p>"}, retrieval(status=404), False),
        ({"summary_html": "Short."}, retrieval(FetchOutcome.GONE, status=410), False),
        ({"summary_html": "Short."}, retrieval(FetchOutcome.TIMEOUT), False),
        ({"summary_html": "Short."}, retrieval(FetchOutcome.DEFERRED), False),
        ({"summary_html": "Short."}, retrieval(status=503), False),
        ({}, retrieval(status=403), False),
    ],
)
def test_feed_stands_in_for_a_page_that_cannot_be_had(entry, failure, stands_in):
    assert feed_stands_in(replace(ENTRY, **entry), failure) is stands_in


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("candidates", "believed"),
    [
        ([("feed", day("2024-03-08")), ("jsonld", day("2024-03-07"))], ("feed", day("2024-03-08"))),
        ([("feed", None), ("jsonld", day("2024-03-07"))], ("jsonld", day("2024-03-07"))),
        ([("feed", day("1970-01-01")), ("url", day("2024-03-07"))], ("url", day("2024-03-07"))),
        ([("feed", day("2025-03-08")), ("meta", day("2024-03-07"))], ("meta", day("2024-03-07"))),
        ([("feed", NOW + timedelta(hours=23))], ("feed", NOW + timedelta(hours=23))),
        ([("feed", NOW + timedelta(hours=25))], None),
        ([("feed", day("1990-01-01"))], ("feed", day("1990-01-01"))),
        ([("feed", day("1989-12-31"))], None),
        ([], None),
    ],
)
def test_first_date_that_can_be_true_is_believed(candidates, believed):
    assert believe_date(candidates, NOW) == believed


@pytest.mark.parametrize(
    ("known", "text", "model", "revision"),
    [
        (None, "text-1", "model-1", 1),
        (KNOWN, "text-1", "model-1", None),
        (KNOWN, "text-2", "model-1", 4),
        (KNOWN, "text-1", "model-2", 4),
        (replace(KNOWN, article_id="a2"), "text-1", "model-1", 1),
    ],
)
def test_changed_text_or_model_gives_the_next_revision(known, text, model, revision):
    assert next_revision(article(content_hash=text), known, model) == revision
