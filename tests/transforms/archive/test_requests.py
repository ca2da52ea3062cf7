import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.flow import ArticleRequest, FeedEntry
from schemas.rows import FeedRef
from transforms.archive.requests import foreign_request, request_from_json, request_json

MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))
TEXTS = st.none() | st.text()
ENTRIES = st.builds(
    FeedEntry,
    feed_url=st.text(),
    entry_id=st.text(),
    link=TEXTS,
    title=TEXTS,
    authors=st.lists(st.text()).map(tuple),
    published=MOMENTS,
    updated=MOMENTS,
    content_html=TEXTS,
    keywords=st.lists(st.text()).map(tuple),
)
REFS = st.lists(st.builds(FeedRef, feed_url=st.text(), entry_id=st.text(), link=TEXTS)).map(tuple)


@given(ENTRIES, REFS, st.text(), st.text())
def test_request_comes_back_as_it_was(entry, refs, key, digest):
    request = ArticleRequest(key, entry, refs, digest)
    assert request_from_json(request_json(request)) == request


def test_field_of_a_later_version_is_left_out():
    request = foreign_request("https://x.example/a")
    fields = json.loads(request_json(request))
    fields["entry"]["mood"] = "sunny"
    assert request_from_json(json.dumps(fields).encode()) == request


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"key": 1}', b"\xff\xfe", b'"text"'])
def test_what_is_no_request_is_an_error(body):
    with pytest.raises(ValueError, match=r"request of newsbeam|Expecting value|decode"):
        request_from_json(body)


def test_page_that_no_feed_led_to_goes_by_its_address():
    request = foreign_request("http://www.x.example/a?utm_source=rss")
    assert (request.key, request.entry.link) == (
        "https://x.example/a",
        "http://www.x.example/a?utm_source=rss",
    )
    assert request.feed_refs == ()


def test_date_keeps_its_zone():
    entry = FeedEntry("f", "1", published=datetime(2026, 3, 1, 8, tzinfo=UTC))
    back = request_from_json(request_json(ArticleRequest("k", entry, (), "h")))
    assert back.entry.published == entry.published
