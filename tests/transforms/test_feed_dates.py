from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.feed_dates import parse_date

NOON = datetime(2024, 3, 9, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sat, 09 Mar 2024 12:00:00 GMT",
        "Sat, 09 Mar 2024 12:00:00 +0000",
        "Sat, 9 Mar 2024 13:00 +0100",
        "9 Mar 2024 07:00:00 EST",
        "Sat, 09 Mar 2024 04:00:00 PST",
        "Sat, 09 Mar 2024 13:00:00 CET",
        "Sat, 09 Mar 24 12:00:00 GMT",
        "2024-03-09T12:00:00Z",
        "2024-03-09T12:00:00.000Z",
        "2024-03-09T13:00:00+01:00",
        "2024-03-09T13:00:00+0100",
        "2024-03-09 12:00:00",
        "20240309T120000Z",
        "March 9, 2024 12:00 PM",
        "Saturday, March 9, 2024 12:00 UTC",
        "  Sat,\n 09 Mar 2024\t12:00:00 GMT ",
    ],
)
def test_ways_to_write_noon(text):
    assert parse_date(text) == NOON


@pytest.mark.parametrize(
    "text", ["2024-03-09", "9 March 2024", "March 9, 2024", "Sat, 09 Mar 2024"]
)
def test_day_without_time_is_its_midnight(text):
    assert parse_date(text) == datetime(2024, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "12:00",
        "March 2024",
        "2024",
        "Sat, 32 Mar 2024 12:00:00 GMT",
        "0000-00-00T00:00:00Z",
        "9999999999999999",
        "9 " * 200,
    ],
)
def test_what_is_no_date_is_none(text):
    assert parse_date(text) is None


@given(st.text(alphabet="0123456789-/:.,TZ+ MarSatGMTESTpm", max_size=40))
def test_any_text_is_a_date_in_utc_or_none(text):
    found = parse_date(text)
    assert found is None or found.utcoffset().total_seconds() == 0
