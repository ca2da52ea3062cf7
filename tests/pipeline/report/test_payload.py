import base64
import gzip
import json
from typing import Any

import pytest

from pipeline.report.articles import ReportArticle
from pipeline.report.payload import (
    ARTICLE_COLUMNS,
    INDEX_QUOTES,
    QUOTE_COLUMNS,
    TEXT_CHARACTERS,
    Part,
    pack_articles,
)
from schemas.tables import to_record
from tests.rows import article, entity, mention, quote


def item(n: int = 0, quotes: int = 1, **fields: Any) -> ReportArticle:
    """One article as the page takes it."""
    row = to_record(article(article_id=f"a{n}", **fields))
    shown = {"outlet": "Leith Post", "shown_at": n, "published": None, "is_copy": False}
    spoken = [to_record(quote(quote_id=f"q{n}-{k}", article_id=f"a{n}")) for k in range(quotes)]
    return ReportArticle(row | shown, [to_record(entity())], [to_record(mention())], spoken)


def parts(*items: ReportArticle) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"index": [], "text": []}
    for part in pack_articles(items):
        assert part.number == len(found[part.kind])
        found[part.kind].append(part.value)
    return found


def test_nothing_gives_an_index_with_its_columns() -> None:
    (index,) = parts()["index"]
    assert list(index["articles"]) == list(ARTICLE_COLUMNS)
    assert list(index["quotes"]) == list(QUOTE_COLUMNS)
    assert index["quotes"]["id"] == []


def test_an_index_says_where_the_text_lies() -> None:
    long = "x" * (TEXT_CHARACTERS // 2 + 1)
    found = parts(*(item(n, text_content=long) for n in range(5)))
    (index,) = found["index"]
    places = zip(index["articles"]["part"], index["articles"]["slot"], strict=True)
    assert [found["text"][part][slot]["id"] for part, slot in places] == [f"a{n}" for n in range(5)]
    assert len(found["text"]) > 1


def test_a_large_index_is_cut_between_articles() -> None:
    found = parts(*(item(n, quotes=INDEX_QUOTES - 1) for n in range(4)))
    assert [len(index["articles"]["id"]) for index in found["index"]] == [2, 2]
    assert {n for index in found["index"] for n in index["quotes"]["article"]} == {0, 1}


def test_a_quotation_without_speaker_points_nowhere() -> None:
    (index,) = parts(item())["index"]
    assert index["quotes"]["speaker"] == [-1]
    assert index["speakers"] == []


@pytest.mark.parametrize(
    ("url", "original", "expected"),
    [
        ("https://example.org/a", None, "https://example.org/a"),
        (None, "http://example.org/b", "http://example.org/b"),
        ("javascript:alert(1)", None, None),
        ("JAVASCRIPT:alert(1)", None, None),
        ("data:text/html,x", None, None),
        ("https://", None, None),
        ("//example.org", None, None),
        ("https://[x", None, None),
        (None, None, None),
    ],
)
def test_links_lead_to_the_web_or_nowhere(
    url: str | None, original: str | None, expected: str | None
) -> None:
    (index,) = parts(item(url=url, original_url=original))["index"]
    assert index["articles"]["url"] == [expected]


@pytest.mark.parametrize("value", ["</script>", "\u2028", "\ud800", "<!--", "\0", "é😀"])
def test_a_part_is_base64_of_gzip_of_json_whatever_it_holds(value: str) -> None:
    packed = Part("text", 0, [value]).packed()
    assert packed.isascii()
    assert set(packed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
    assert json.loads(gzip.decompress(base64.b64decode(packed))) == [value]


def test_the_same_articles_give_the_same_bytes() -> None:
    one, two = ([part.packed() for part in pack_articles([item()])] for _ in range(2))
    assert one == two
