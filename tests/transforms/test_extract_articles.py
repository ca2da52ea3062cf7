from dataclasses import replace
from datetime import UTC, datetime

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.errors import ElementError, ExtractError
from schemas.flow import ArticleRequest, FeedEntry, Lineage, Page
from schemas.ids import sha256_hex
from schemas.rows import FeedRef
from transforms.extract_articles import (
    MAX_CHARACTERS,
    ExtractArticles,
    extract_article,
    extract_html,
    join_text,
)

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
LINEAGE = Lineage("run-1", "0.1.0", "model-1")
LINK = "https://www.courier.example/2024/03/09/pumps?utm_source=rss"
PARAGRAPHS = [
    "The pumps at the northern lock failed for the third time this year on Saturday night.",
    "“Not a drop went through,” said Amina Orr, who runs the lock. “We called for help at nine.",
    "“Nobody came until the morning.”",
    "The water board said that it would look at the pumps, which are forty years old, in April.",
    "Farmers upstream have asked for new ones since the flood of 2015, when six fields were lost.",
]


def html(paragraphs=PARAGRAPHS, head="", title="Pumps fail again", after=""):
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang='en'><head><title>{title} | The Courier</title>{head}</head>"
        f"<body><header><nav><a href='/'>Home</a></nav></header><article><h1>{title}</h1>{body}"
        f"</article>{after}<footer>© 2024 The Courier</footer></body></html>"
    )


def entry(**fields):
    return FeedEntry(
        **({"feed_url": "https://courier.example/feed", "entry_id": "1", "link": LINK} | fields)
    )


def page(body=None, entry=entry(), **fields):  # noqa: B008
    refs = (FeedRef(feed_url=entry.feed_url, entry_id=entry.entry_id, link=entry.link),)
    request = ArticleRequest(key="key-1", entry=entry, feed_refs=refs, entry_hash="h")
    defaults = {"final_url": entry.link, "content_type": "text/html; charset=utf-8", "status": 200}
    if body is None:
        defaults = {}
    data = body.encode() if isinstance(body, str) else body
    return Page(request=request, fetched_at=NOW, body=data, **(defaults | fields))


def test_article_has_headline_and_paragraphs_as_lines():
    article = extract_article(page(html()), LINEAGE)
    assert article.text_content.split("\n") == ["Pumps fail again", *PARAGRAPHS]
    assert article.title == "Pumps fail again"
    assert article.text_extraction_method == "trafilatura"
    assert article.content_hash == sha256_hex(article.text_content)
    assert article.word_count == len(article.text_content.split())
    assert not article.truncation_suspected
    assert not article.paywall_suspected


def test_article_says_where_it_comes_from():
    head = '<link rel="canonical" href="/2024/03/09/pumps">'
    article = extract_article(page(html(head=head)), LINEAGE)
    assert article.original_url == article.url == LINK
    assert article.normalized_url == "https://courier.example/2024/03/09/pumps"
    assert article.canonical_url == "https://www.courier.example/2024/03/09/pumps"
    assert article.canonical_domain == "courier.example"
    assert article.article_id == sha256_hex(article.normalized_url)
    assert (article.date_published_source, article.language) == ("url", "en")
    assert article.feed_refs[0].link == LINK
    assert (article.run_id, article.revision, article.ingested_at) == ("run-1", 1, NOW)


def test_two_addresses_of_one_article_have_one_id():
    head = '<link rel="canonical" href="https://www.courier.example/pumps">'
    other = entry(link="https://m.courier.example/pumps?fbclid=1")
    first = extract_article(page(html(head=head)), LINEAGE)
    second = extract_article(page(html(head=head), other), LINEAGE)
    assert first.article_id == second.article_id


def test_headline_inside_the_body_stands_once():
    text = join_text("Pumps fail", ["PUMPS FAIL", "They failed.", "Pumps fail."])
    assert text == "Pumps fail\nThey failed."


def test_text_without_headline_is_the_body():
    assert join_text(None, ["One.", "Two."]) == "One.\nTwo."


LONG_CONTENT = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


@pytest.mark.parametrize(
    ("body", "fields", "method", "first", "is_cut"),
    [
        (html(), {"content_html": LONG_CONTENT}, "trafilatura", PARAGRAPHS[0], False),
        (
            html(PARAGRAPHS[:1]),
            {"content_html": LONG_CONTENT},
            "feed_content",
            PARAGRAPHS[0],
            False,
        ),
        (html([]), {"content_html": LONG_CONTENT}, "feed_content", PARAGRAPHS[0], False),
        (None, {"content_html": LONG_CONTENT}, "feed_content", PARAGRAPHS[0], False),
        (
            None,
            {"content_html": LONG_CONTENT + "<p>Read more</p>"},
            "feed_content",
            PARAGRAPHS[0],
            True,
        ),
        (
            None,
            {"content_html": LONG_CONTENT + "<p>And so […]</p>"},
            "feed_content",
            PARAGRAPHS[0],
            True,
        ),
        (None, {"summary_html": PARAGRAPHS[0]}, "feed_summary", PARAGRAPHS[0], True),
        (html([]), {"summary_html": PARAGRAPHS[0]}, "feed_summary", PARAGRAPHS[0], True),
        (html(), {"summary_html": PARAGRAPHS[0]}, "trafilatura", PARAGRAPHS[0], False),
        (
            html(["<b>Error</b> " * 80]),
            {"content_html": LONG_CONTENT},
            "feed_content",
            PARAGRAPHS[0],
            False,
        ),
    ],
)
def test_what_carries_more_is_used(body, fields, method, first, is_cut):
    article = extract_article(page(body, entry(title="Pumps fail again", **fields)), LINEAGE)
    assert article.text_extraction_method == method
    assert article.text_content.split("\n")[:2] == ["Pumps fail again", first]
    assert article.truncation_suspected is is_cut


TEASER = "The pumps failed again, and the water board does not know why they did."


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("Just a moment...", {}),
        ("Access denied | The Courier", {}),
        ("404 Not Found", {}),
        ("Page not found - Courier", {}),
        ("Before you continue to the Courier", {}),
        ("Pumps fail again", {"final_url": "https://www.courier.example/"}),
        ("Pumps fail again", {"final_url": "https://consent.courier.example/collect?to=x"}),
    ],
)
def test_page_that_is_not_the_article_is_left_aside(title, fields):
    body = html(PARAGRAPHS[:3], title=title)
    teased = entry(title="The pumps failed", summary_html=TEASER)
    article = extract_article(page(body, teased, **fields), LINEAGE)
    assert article.text_content == f"The pumps failed\n{TEASER}"
    assert article.text_extraction_method == "feed_summary"
    assert (article.url, article.original_url) == (LINK, LINK)
    with pytest.raises(ExtractError, match=r"no article but says|not the article"):
        extract_article(page(body, **fields), LINEAGE)


@pytest.mark.parametrize(
    "title", ["Sorry state of the northern lock", "Access denied to farmers at lock"]
)
def test_news_about_errors_is_news(title):
    assert extract_article(page(html(PARAGRAPHS[:3], title=title)), LINEAGE).title == title


def test_long_page_is_the_article_whatever_abstract_the_feed_carries():
    abstract = "<p>" + "Experts weigh in on maintenance of hydraulic machinery in rural areas. " * 8
    article = extract_article(page(html(PARAGRAPHS * 3), entry(content_html=abstract)), LINEAGE)
    assert article.text_extraction_method == "trafilatura"


def test_full_text_in_the_summary_is_not_cut():
    long_summary = LONG_CONTENT + f"<p>{' '.join(PARAGRAPHS)}</p>" + LONG_CONTENT.upper()
    article = extract_article(page(None, entry(summary_html=long_summary)), LINEAGE)
    assert article.text_extraction_method == "feed_summary"
    assert not article.truncation_suspected


def test_page_that_is_cut_is_flagged():
    article = extract_article(page(html([*PARAGRAPHS, "The board will…"])), LINEAGE)
    assert article.truncation_suspected


def test_page_that_announces_more_words_is_flagged():
    head = '<script type="application/ld+json">{"@type": "NewsArticle", "wordCount": 900}</script>'
    assert extract_article(page(html(head=head)), LINEAGE).truncation_suspected


def test_page_behind_a_wall_is_flagged():
    head = (
        '<script type="application/ld+json">'
        '{"@type": "NewsArticle", "headline": "x", "isAccessibleForFree": false}</script>'
    )
    assert extract_article(page(html(head=head)), LINEAGE).paywall_suspected


def test_entry_without_link_is_known_by_its_key():
    alone = entry(link=None, title="Ferry season", content_html=LONG_CONTENT)
    article = extract_article(page(None, alone), LINEAGE)
    assert article.article_id == sha256_hex("entry:key-1")
    assert (article.url, article.normalized_url, article.canonical_domain) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "fields", "says"),
    [
        (None, {}, "could not be had"),
        (html([]), {}, "no article in the page"),
        (b"", {}, "not HTML, or empty"),
        (b"%PDF-1.7", {"content_type": "application/pdf"}, "application/pdf"),
        (b"\x89PNG", {"content_type": "image/png"}, "image/png"),
        (html(["word " * (MAX_CHARACTERS // 4)]), {}, str(MAX_CHARACTERS)),
    ],
)
def test_page_without_a_text_is_an_extract_error(body, fields, says):
    with pytest.raises(ExtractError, match=says):
        extract_article(page(body, **fields), LINEAGE)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_charset_of_the_page_is_right(encoding):
    body = html([*PARAGRAPHS, "Orr’s café in Zürich cost £5 – “too much”, she said to the board."])
    article = extract_article(page(body.encode(encoding), content_type="text/html"), LINEAGE)
    assert article.text_content.endswith("“too much”, she said to the board.")


def test_text_has_no_surrogates_or_control_characters():
    body = html(
        [*PARAGRAPHS, "A null\x00 and a half &#xD83D; and a soft\u00adhyphen in the last line."]
    )
    text = extract_article(page(body), LINEAGE).text_content
    text.encode("utf-8")
    assert not set(text) & {"\x00", "\u00ad", "\ud83d"}


def test_html_alone_is_an_article():
    article = extract_html(html(), LINEAGE, url="https://courier.example/a")
    assert article.text_content.startswith("Pumps fail again\nThe pumps")
    assert article.feed_refs == ()
    assert extract_html(html().encode(), LINEAGE).text_content == article.text_content


def test_same_page_gives_the_same_row():
    assert extract_article(page(html()), LINEAGE) == extract_article(page(html()), LINEAGE)


MARKUP = st.lists(
    st.sampled_from(["<p>", "</p>", "<div>", "<br>", "<ul><li>", "<!--", "<script>", "</html>"])
    | st.text(max_size=30),
    max_size=20,
).map("".join)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(MARKUP)
def test_any_page_is_an_article_or_an_element_error(markup):
    try:
        article = extract_html(markup, LINEAGE)
    except ElementError:
        return
    assert "\n\n" not in article.text_content
    article.text_content.encode("utf-8")


def test_transform_gives_articles_and_failures():
    pages = [page(html()), page(None), page(html(), entry(link="https://courier.example/b"))]
    options = PipelineOptions(["--runner=DirectRunner", "--update_compatibility_version=2.77.0"])
    with beam.Pipeline(options=options) as pipeline:
        result = pipeline | beam.Create(pages) | ExtractArticles(LINEAGE)
        assert_that(result.articles, _has_two_articles, label="articles")
        assert_that(result.failures, _has_one_failure, label="failures")


def _has_two_articles(found):
    assert {(e.article.original_url, e.request.entry.link) for e in found} == {
        (LINK, LINK),
        ("https://courier.example/b", "https://courier.example/b"),
    }


def _has_one_failure(found):
    (failure,) = found
    assert (failure.stage, failure.error_class, failure.key) == ("extract", "extract_error", LINK)
    assert failure == replace(failure, run_id="run-1")
