import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.redact import REDACTED, redact_record, redact_text, redact_url

ADDRESSES = {
    "https://example.org/feed": "https://example.org/feed",
    "https://example.org/feed?page=2&id=7": "https://example.org/feed?page=2&id=7",
    "https://ann:pw@example.org/feed": "https://REDACTED@example.org/feed",
    "https://ann@example.org:8443/feed": "https://REDACTED@example.org:8443/feed",
    "https://a:p@w@example.org/": "https://REDACTED@example.org/",
    "https://example.org/feed?token=s3&page=2": "https://example.org/feed?token=REDACTED&page=2",
    "https://example.org/feed?page=2;apikey=s3": "https://example.org/feed?page=2;apikey=REDACTED",
    "https://example.org/?API_KEY=s3": "https://example.org/?API_KEY=REDACTED",
    "https://example.org/?access%5Ftoken=s3": "https://example.org/?access%5Ftoken=REDACTED",
    "https://s.example/f?X-Amz-Signature=s3": "https://s.example/f?X-Amz-Signature=REDACTED",
    "https://example.org/?token=": "https://example.org/?token=",
    "https://example.org/#access_token=s3": "https://example.org/#access_token=REDACTED",
    "https://[broken/?token=s3": "https://[broken/?token=s3",
    "https://ann:pw@[broken/": "https://REDACTED@[broken/",
}


@pytest.mark.parametrize(("url", "expected"), ADDRESSES.items())
def test_secrets_go_and_the_rest_stays(url: str, expected: str) -> None:
    assert redact_url(url) == expected


@given(st.text())
def test_any_text_is_taken_and_a_second_time_changes_nothing(text: str) -> None:
    once = redact_url(text)
    assert redact_url(once) == once


SECRET = st.text(st.characters(categories=["L", "N"]), min_size=8)


@given(SECRET, SECRET)
def test_no_secret_is_left(user: str, password: str) -> None:
    url = f"https://{user}:{password}@example.org/feed?sig={password}"
    assert password not in redact_text(f"cannot fetch {url}: refused").replace(REDACTED, "")


def test_addresses_in_messages_and_json_are_found() -> None:
    text = '{"feeds": ["https://a:b@x.org/1", "https://x.org/2?key=s3"]} see https://c:d@y.org.'
    assert redact_text(text) == (
        '{"feeds": ["https://REDACTED@x.org/1", "https://x.org/2?key=REDACTED"]} '
        "see https://REDACTED@y.org."
    )


def test_a_row_is_redacted_wherever_an_address_stands_but_not_its_text() -> None:
    url, clean = "https://a:b@x.org/?sig=1", "https://REDACTED@x.org/?sig=REDACTED"
    record = {
        "url": url,
        "text_content": f"See {url}",
        "feed_refs": [{"feed_url": url, "link": None}],
        "revision": 1,
    }
    assert redact_record("articles", record) == {
        "url": clean,
        "text_content": f"See {url}",
        "feed_refs": [{"feed_url": clean, "link": None}],
        "revision": 1,
    }
