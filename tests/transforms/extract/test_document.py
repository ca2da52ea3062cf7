import pytest

from schemas.errors import ExtractError
from transforms.extract.document import MAX_ELEMENTS, parse_document, text_of, texts_of


def document(head="", body="<p>Some words of text.</p>", attributes=""):
    return parse_document(f"<html {attributes}><head>{head}</head><body>{body}</body></html>")


def json_ld(text):
    return f'<script type="application/ld+json">{text}</script>'


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "NewsArticle", "headline": "Storm"}',
        '[{"@type": "WebSite", "name": "X"}, {"@type": "NewsArticle", "headline": "Storm"}]',
        '{"@graph": [{"@type": "Person"}, {"@type": "BlogPosting", "headline": "Storm"}]}',
        '{"@type": "WebPage", "mainEntity": {"@type": "AnalysisArticle", "headline": "Storm"}}',
        '{"@type": ["Thing", "NewsArticle"], "headline": "Storm"}',
        '{"@type": "NewsArticle", "headline": "Storm",}',
        '<!-- {"@type": "NewsArticle", "headline": "Storm"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Storm"}\n//]]>',
        '{"@type": "NewsArticle", "headline": "Storm", "description": "line\nbreak"}',
    ],
)
def test_article_is_found_in_json_ld(text):
    assert document(json_ld(text)).article["headline"] == "Storm"


def test_node_that_says_most_is_the_article():
    bare = '{"@type": "Article"}'
    full = '{"@type": "NewsArticle", "headline": "Storm", "datePublished": "2024-03-09"}'
    assert document(json_ld(f"[{bare}, {full}]")).article["headline"] == "Storm"


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", '"text"', "{broken", '{"@type": "Recipe"}', '{"@type": 3}', "[" * 50_000],
)
def test_json_ld_without_an_article_is_empty(text):
    assert document(json_ld(text)).article == {}


def test_metas_are_read_by_name_property_and_itemprop():
    found = document(
        '<meta name="Author" content="A"><meta property="og:title" content=" B\n">'
        '<meta itemprop="datePublished" content="C"><meta name="author" content="D">'
        '<meta name="empty" content="">'
    )
    assert found.metas["author"] == ("A", "D")
    assert found.meta("og:title", "author") == "B"
    assert found.meta("datepublished") == "C"
    assert found.meta("empty", "none") is None


def test_page_facts_are_read():
    found = document(
        '<title>Storm | News</title><link rel="canonical" href=" /storm ">',
        "<h1> Storm <i>hits</i></h1><h1></h1>",
        'lang="en-GB"',
    )
    assert (found.title, found.canonical, found.language) == ("Storm | News", "/storm", "en-GB")
    assert found.headings == ("Storm hits",)


@pytest.mark.parametrize("html", ["", "   ", "\x00\x00"])
def test_what_is_no_html_is_an_extract_error(html):
    with pytest.raises(ExtractError):
        parse_document(html)


def test_page_of_too_many_elements_is_an_extract_error():
    with pytest.raises(ExtractError, match=str(MAX_ELEMENTS)):
        document(body="<b>x</b>" * (MAX_ELEMENTS + 1))


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("Amina Orr", ["Amina Orr"]),
        ({"@type": "Person", "name": "Amina Orr"}, ["Amina Orr"]),
        ([{"name": "Amina Orr"}, "Tom Reed", {"url": "x"}, None, 3], ["Amina Orr", "Tom Reed"]),
        ({"name": ["Amina Orr"]}, ["Amina Orr"]),
        (None, []),
        (7, []),
        ([], []),
    ],
)
def test_json_ld_values_are_texts(value, texts):
    assert texts_of(value) == texts
    assert text_of(value) == (texts[0] if texts else "")
