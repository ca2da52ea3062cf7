import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.urls import (
    article_address,
    article_id,
    believable_canonical,
    feed_key,
    host_key,
    host_slot,
    is_http_url,
    is_sent_elsewhere,
    normalize_url,
    registered_domain,
)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("  https://example.org/a\n", "https://example.org/a"),
        ("http://example.org/a", "https://example.org/a"),
        ("HTTPS://Example.ORG/A", "https://example.org/A"),
        ("https://www.example.org/a/", "https://example.org/a"),
        ("https://m.example.co.uk/a", "https://example.co.uk/a"),
        ("https://en.m.wikipedia.org/wiki/Oil", "https://en.wikipedia.org/wiki/Oil"),
        ("https://www.co.uk/a", "https://www.co.uk/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "https://example.org/a"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org?p=7", "https://example.org/?p=7"),
        ("https://example.org//a///b", "https://example.org/a/b"),
        ("https://example.org/a#comments", "https://example.org/a"),
        ("https://example.org/#!/a", "https://example.org/#!/a"),
        ("https://example.org/%7eorr/%c3%a4", "https://example.org/~orr/%C3%A4"),
        ("https://example.org/ä", "https://example.org/%C3%A4"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://example.org/a;jsessionid=AB12", "https://example.org/a"),
        ("https://example.org/a;JSESSIONID=AB12/b", "https://example.org/a/b"),
        ("https://example.org/./b/../a", "https://example.org/a"),
        ("https://mobil.example.org/a", "https://example.org/a"),
        ("https://touch.example.org/a", "https://example.org/a"),
    ],
)
def test_same_article_has_one_form(url, normal):
    assert normalize_url(url) == normal


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("utm_source=rss&utm_medium=feed", ""),
        ("UTM_Source=rss", ""),
        ("fbclid=1&gclid=2&at_medium=RSS&at_campaign=x", ""),
        ("b=2&a=1", "?a=1&b=2"),
        ("a=2&a=1", "?a=1&a=2"),
        ("id=12&utm_source=x", "?id=12"),
        ("12345", "?12345"),
        ("q=a+b", "?q=a+b"),
        ("q=a%20b", "?q=a%20b"),
        ("outputType=amp", ""),
        ("amp=1&id=3", "?id=3"),
        ("format=pdf", "?format=pdf"),
        ("", ""),
        ("&&", ""),
        ("id=1&amp;utm_source=x&amp;b=2", "?b=2&id=1"),
        ("amp;utm_source=x", ""),
        ("source=rss&src=newsletter&s=20", ""),
        ("source=reuters&s=harbour", "?s=harbour&source=reuters"),
        ("partner=rss&emc=rss", ""),
        ("PHPSESSID=ab12&id=4", "?id=4"),
    ],
)
def test_query_keeps_what_identifies_the_article(query, kept):
    assert normalize_url(f"https://example.org/a?{query}") == f"https://example.org/a{kept}"


@pytest.mark.parametrize(
    "variant",
    [
        "https://amp.example.org/news/1",
        "https://example.org/news/1/amp",
        "https://example.org/news/1/amp/",
        "https://example.org/news/1.amp",
        "https://example.org/amp/news/1",
        "https://example.org/news/1?amp",
        "https://www.google.com/amp/s/www.example.org/news/1",
        "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/news/1/amp",
    ],
)
def test_amp_variants_are_the_article(variant):
    assert normalize_url(variant) == "https://example.org/news/1"


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("http://127.0.0.3:8080/a/", "http://127.0.0.3:8080/a"),
        ("http://127.0.0.3/a", "http://127.0.0.3/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://localhost:8080/a", "http://localhost:8080/a"),
        ("http://localhost/a", "http://localhost/a"),
    ],
)
def test_local_hosts_keep_scheme_and_port(url, normal):
    assert normalize_url(url) == normal


@pytest.mark.parametrize(
    "text", ["", "javascript:alert(1)", "mailto:a@example.org", "http://", "http://[::1", "a b"]
)
def test_what_is_no_web_address_comes_back(text):
    assert normalize_url(text) == text.strip()
    assert not is_http_url(text)


URL_PARTS = st.text(alphabet="abz019/%?&=#.:-_~+@!äß ;,[]\\\"'", max_size=40)


@given(
    st.sampled_from(["http://", "https://", "HTTP://", ""]),
    st.sampled_from(["example.org", "www.m.example.co.uk", "127.0.0.1:80", "a:x", "[::1]", ""]),
    URL_PARTS,
)
def test_normalizing_twice_is_normalizing_once(scheme, host, rest):
    once = normalize_url(f"{scheme}{host}/{rest}")
    assert normalize_url(once) == once


@given(st.text())
def test_any_text_is_normalized(text):
    assert isinstance(normalize_url(text), str)
    assert isinstance(host_key(text), str)
    assert registered_domain(text) is None or registered_domain(text)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.example.org:8443/a", "example.org"),
        ("https://News.Example.org/a", "news.example.org"),
        ("http://127.0.0.3:8080/", "127.0.0.3"),
        ("http://[::1]:80/", "::1"),
        ("https://www.uk/", "www.uk"),
        ("nonsense", ""),
    ],
)
def test_host_key_is_what_politeness_counts(url, key):
    assert host_key(url) == key


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://news.bbc.co.uk/1", "bbc.co.uk"),
        ("https://example.org/", "example.org"),
        ("http://127.0.0.3:8080/", "127.0.0.3"),
        ("http://localhost/", "localhost"),
        ("https://co.uk/", "co.uk"),
        ("https://www.news.example/", "news.example"),
        ("http://intranet/", "intranet"),
        ("nonsense", None),
    ],
)
def test_registered_domain(url, domain):
    assert registered_domain(url) == domain


def test_one_host_has_one_slot():
    slots = {host_slot(f"https://www.example.org/{n}", 4) for n in range(50)}
    assert slots == {host_slot("http://example.org:81/", 4)}


def test_hosts_spread_over_all_slots():
    assert len({host_slot(f"https://h{n}.example/", 4) for n in range(100)}) == 4


@pytest.mark.parametrize(
    "other",
    ["http://example.org/feed", "https://example.org/feed/", "https://EXAMPLE.org:443/feed"],
)
def test_feed_listed_twice_has_one_key(other):
    assert feed_key(other) == feed_key("https://example.org/feed")


@pytest.mark.parametrize(
    "other", ["https://example.org/feed?page=2", "https://example.org:8443/feed"]
)
def test_other_feed_has_another_key(other):
    assert feed_key(other) != feed_key("https://example.org/feed")


PAGE = "https://www.example.org/news/2024/storm.html?utm_source=x"


@pytest.mark.parametrize(
    ("canonical", "believed"),
    [
        (
            "https://www.example.org/news/2024/storm.html",
            "https://www.example.org/news/2024/storm.html",
        ),
        ("/news/2024/storm", "https://www.example.org/news/2024/storm"),
        ("https://news.example.org/storm", "https://news.example.org/storm"),
        ("https://www.example.org/?p=12", "https://www.example.org/?p=12"),
        ("https://www.example.org/", None),
        ("https://www.example.org/news/2024/", None),
        ("https://other.example/news/2024/storm.html", None),
        ("javascript:void(0)", None),
        ("http://[", None),
        ("", None),
        (None, None),
    ],
)
def test_canonical_is_believed_on_the_same_site(canonical, believed):
    assert believable_canonical(PAGE, canonical) == believed


def test_canonical_on_another_port_of_an_address_is_not_believed():
    assert believable_canonical("http://127.0.0.1:81/a", "http://127.0.0.1:82/a") is None


@pytest.mark.parametrize(
    ("final_url", "canonical", "address"),
    [
        (None, None, "https://t.example/x"),
        ("https://example.org/a", None, "https://example.org/a"),
        ("https://example.org/a?x=1", "https://example.org/a", "https://example.org/a"),
        ("https://example.org/", None, "https://t.example/x"),
        ("https://consent.example.org/collect?to=a", None, "https://t.example/x"),
        ("https://login.example.org/a", None, "https://t.example/x"),
    ],
)
def test_article_is_known_by_its_most_lasting_address(final_url, canonical, address):
    assert article_address("https://t.example/x", final_url, canonical) == address


@pytest.mark.parametrize(
    ("link", "final_url", "elsewhere"),
    [
        ("https://example.org/a", "https://example.org/a", False),
        ("https://example.org/a", "https://www.example.org/a/b", False),
        ("https://t.example/x", "https://example.org/a", False),
        ("https://example.org/a", "https://www.example.org/", True),
        ("https://example.org/a", "https://login.example.org/?to=a", True),
        ("https://example.org/", "https://www.example.org/", False),
        ("https://accounts.example.org/a", "https://accounts.example.org/b", False),
        (None, "https://example.org/", False),
    ],
)
def test_redirect_to_a_front_page_or_a_gate_leads_elsewhere(link, final_url, elsewhere):
    assert is_sent_elsewhere(link, final_url) is elsewhere


def test_article_id_follows_from_the_address_alone():
    assert article_id("https://example.org/a", "1", "x") == article_id(
        "https://example.org/a", "2", "y"
    )


def test_article_id_is_the_hash_of_the_address():
    expected = "b5b10dd0429e69ac7cfaf0a20b6901c1265c50b55d1751bcb684ed96ef7b300a"
    assert article_id("https://example.org/a", None, "") == expected  # by sha256sum


def test_article_without_address_is_known_by_entry_then_by_text():
    assert article_id(None, "e1", "x") == article_id(None, "e1", "y")
    assert article_id(None, None, "x") != article_id(None, None, "y")
