"""Feeds beside what is to be read in them: `feeds/<name>.xml` and `feeds/<name>.expected.json`.

An expected file names all that is not empty; `problem` is a part of the sentence.
"""

import dataclasses
import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import ParseError
from transforms.parse_feeds import limit_entries, parse_feed

FEEDS = Path(__file__).parent / "feeds"
FILES = sorted(path for path in FEEDS.iterdir() if ".expected" not in path.name)
URL = "https://www.example.org/feeds/all.xml"


def as_json(parsed):
    entries = [
        {
            key: value
            for key, value in dataclasses.asdict(entry).items()
            if value and key != "feed_url"
        }
        for entry in parsed.entries
    ]
    found = {"format": parsed.format, "title": parsed.title, "entries": entries}
    return json.loads(json.dumps(found, default=datetime.isoformat))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_feed_gives_what_is_expected(path):
    expected = json.loads((FEEDS / f"{path.stem}.expected.json").read_text("utf-8"))
    problem = expected.pop("problem", None)
    parsed = parse_feed(path.read_bytes(), url=URL)
    assert as_json(parsed) == expected
    assert {entry.feed_url for entry in parsed.entries} == {URL}
    if problem is None:
        assert parsed.problem is None
    else:
        assert problem in parsed.problem


def rss(items, encoding="utf-8", declared=None, title="T"):
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = f'{head}<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'
    return text.encode(encoding)


ITEM = "<item><title>Café {n}</title><link>https://example.org/{n}</link></item>"


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", None, None),
        ("utf-8", "utf-8", "application/rss+xml"),
        ("utf-8", "iso-8859-1", "text/xml"),
        ("utf-8", None, "text/xml; charset=iso-8859-1"),
        ("iso-8859-1", "iso-8859-1", "text/xml"),
        ("iso-8859-1", None, "text/xml; charset=iso-8859-1"),
        ("iso-8859-1", "utf-8", "text/xml; charset=iso-8859-1"),
        ("iso-8859-1", "utf-8", None),
        ("utf-8-sig", None, "text/plain"),
        ("utf-16", "utf-16", None),
    ],
)
def test_charset_is_right_whatever_the_labels_say(encoding, declared, content_type):
    body = rss(ITEM.format(n=1), encoding, declared)
    (entry,) = parse_feed(body, url=URL, content_type=content_type).entries
    assert entry.title == "Café 1"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!DOCTYPE html><html><body>Not here</body></html>", "HTML page"),
        (b"<!-- x --><html><body>Not here</body></html>", "HTML page"),
        (b"<note><to>you</to></note>", "<note>"),
        (b"plain words", "not a feed"),
        (b"\x89PNG\r\n\x1a\n", "not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "no list of items"),
        (b'{"items": []}', "no list of items"),
        (b"[1, 2]", "no object"),
        (b'{"items": [', "not well-formed JSON"),
        (b'{"items": ' + b"[" * 100_000, "not well-formed JSON"),
    ],
)
def test_what_is_no_feed_says_so(body, says):
    with pytest.raises(ParseError, match=says) as caught:
        parse_feed(body, url=URL)
    assert caught.value.target == URL


@pytest.mark.parametrize("body", [b"<rss version='2.0'><channel/></rss>", rss("")])
def test_feed_without_entries_is_a_feed(body):
    assert parse_feed(body, url=URL).entries == ()


def test_entries_beyond_the_cap_are_reported():
    parsed = parse_feed(rss("".join(ITEM.format(n=n) for n in range(12))), url=URL, max_entries=10)
    assert [entry.title for entry in parsed.entries] == [f"Café {n}" for n in range(10)]
    assert parsed.problem == "12 entries, of which the first 10 are read"


def test_json_items_beyond_the_cap_are_reported():
    items = [{"id": str(n), "url": f"https://example.org/{n}"} for n in range(12)]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()
    parsed = parse_feed(body, url=URL, max_entries=10)
    assert len(parsed.entries) == 10
    assert "12 entries" in parsed.problem


def test_tags_beyond_the_cap_are_reported():
    text = "<rss><item><a/></item><item>" + "<b>" * 50 + "</item></rss>"
    cut, problem = limit_entries(text, max_entries=10, max_tags=20)
    assert cut == "<rss><item><a/></item>"
    assert problem == "2 entries, of which the first 1 are read"


def test_characters_that_xml_forbids_do_not_lose_the_feed():
    parsed = parse_feed(rss(ITEM.format(n="\x0b1")), url=URL)
    assert parsed.entries[0].title == "Café 1"
    assert "XML does not allow" in parsed.problem


def entity_bomb():
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    return f"<!DOCTYPE rss [{entities}]>", "&l11;"


@pytest.mark.parametrize(
    ("doctype", "entity"),
    [
        entity_bomb(),
        ('<!DOCTYPE rss [<!ENTITY big "' + "x" * 50_000 + '">]>', "&big;" * 50_000),
        ('<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "&f;"),
    ],
    ids=["nested", "quadratic", "external"],
)
def test_entities_neither_explode_nor_reach_out(doctype, entity):
    body = doctype.encode() + rss(ITEM.format(n=1), title=entity)
    parsed = parse_feed(body, url=URL)
    assert len(repr(parsed)) < 1_000_000
    assert "root:" not in repr(parsed)


@pytest.mark.parametrize(
    ("item", "entry_id", "link"),
    [
        ("<guid>abc</guid>", "abc", None),
        ("<guid>abc</guid><link>abc</link>", "abc", "https://www.example.org/feeds/abc"),
        ("<link>/feeds/abc</link><guid>abc</guid>", "abc", "https://www.example.org/feeds/abc"),
        ("<guid>https://x.example/1</guid>", "https://x.example/1", "https://x.example/1"),
        ("<guid><![CDATA[a&b]]></guid>", "a&b", None),
    ],
)
def test_guid_is_a_link_only_where_it_is_an_address(item, entry_id, link):
    (entry,) = parse_feed(rss(f"<item><title>T</title>{item}</item>"), url=URL).entries
    assert (entry.entry_id, entry.link) == (entry_id, link)


def test_string_that_names_a_file_is_not_opened():
    with pytest.raises(ParseError):
        parse_feed(b"/etc/passwd", url=URL)


def test_entry_without_id_gets_the_same_one_each_time():
    body = rss("<item><title>Only a title</title></item>")
    first, second = parse_feed(body, url=URL), parse_feed(body, url=URL)
    assert first.entries[0].entry_id == second.entries[0].entry_id != ""


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"<rss><item>", b'{"items":[', b"<feed><entry>"])
)
def test_any_bytes_are_a_feed_or_a_parse_error(tail, head):
    try:
        parsed = parse_feed(head + tail, url=URL)
    except ParseError:
        return
    assert all(entry.entry_id for entry in parsed.entries)


def test_a_guid_that_ends_like_the_link_does_not_take_the_link_away() -> None:
    """The guid `story`, resolved against the feed, is the entry's own link."""
    item = "<item><link>https://example.org/news/story</link><guid>story</guid></item>"
    body = f"<rss version='2.0'><channel>{item}</channel></rss>".encode()
    (entry,) = parse_feed(body, url="https://example.org/news/feed", content_type=None).entries
    assert (entry.entry_id, entry.link) == ("story", "https://example.org/news/story")
