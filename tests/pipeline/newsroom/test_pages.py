"""The pages: a good extractor gets exactly the written paragraphs, and the metadata is there."""

import json
import re

import httpx
import pytest
import trafilatura

from pipeline.newsroom.content import LAST_EDITION, load_articles
from pipeline.newsroom.server import SampleNewsroom

ARTICLES = {
    f"{name}.{edition}": (article, edition)
    for edition in range(1, LAST_EDITION + 1)
    for name, article in load_articles(edition).items()
    if article.edition == edition
}
EXTRACTABLE = [key for key, (a, _) in ARTICLES.items() if a.page in ("full", "paywall", "cut")]


@pytest.fixture(scope="module")
def pages():
    """The body of every article's page as a client gets it."""
    bodies = {}
    with SampleNewsroom() as newsroom, httpx.Client() as client:
        for edition in range(1, LAST_EDITION + 1):
            for name, article in newsroom.articles.items():
                if article.page != "none":
                    response = client.get(newsroom.page_url(name))
                    assert response.status_code == 200
                    bodies[f"{name}.{edition}"] = response.content
            if edition < LAST_EDITION:
                newsroom.advance()
    return bodies


def extracted(body, **options):
    return trafilatura.bare_extraction(body, with_metadata=True, include_comments=False, **options)


@pytest.mark.parametrize("key", EXTRACTABLE)
@pytest.mark.parametrize("options", [{}, {"favor_precision": True}, {"favor_recall": True}])
def test_extraction_gives_exactly_the_paragraphs(pages, key, options):
    article = ARTICLES[key][0]
    credit = [article.credit] if article.credit else []
    assert extracted(pages[key], **options).text.split("\n") == [*article.paragraphs, *credit]


@pytest.mark.parametrize("key", EXTRACTABLE)
def test_metadata_of_the_page(pages, key):
    article, found = ARTICLES[key][0], extracted(pages[key])
    assert found.title == article.headline
    assert found.author == "; ".join(article.authors)
    assert found.date == f"{article.published:%Y-%m-%d}" or article.article_id == "c11"
    assert found.sitename in ("The Humber Courier", "Great Lakes Tribune", "Meridian Press")
    assert found.url.startswith("http://127.0.0.")


def test_page_without_a_body_gives_no_text(pages):
    assert extracted(pages["c10.1"]) is None


def test_player_page_gives_less_than_the_feed(pages):
    article = ARTICLES["c09.1"][0]
    assert len(extracted(pages["c09.1"]).text.split()) < len(article.text_content.split()) / 2


def test_paywalled_page_says_so(pages):
    page = pages["c08.1"].decode()
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert json.loads(data)["isAccessibleForFree"] is False
    assert "Subscribe to read the full article" in page
    assert b'"isAccessibleForFree": true' in pages["c01.1"]


def test_truncated_page_says_where_the_rest_is(pages):
    assert b"Continue reading in our app" in pages["t11.1"]


def test_date_of_one_article_stands_in_its_address_only(pages):
    page = pages["c11.1"].decode()
    assert "datePublished" not in page
    assert "2026-03-10" not in page
    assert "/2026/03/10/allotments/" in page


@pytest.mark.parametrize("key", [key for key in EXTRACTABLE if key.startswith("m")])
def test_news_agency_describes_its_articles_in_jsonld(pages, key):
    (data,) = re.findall(r"ld\+json\">(.*?)</script>", pages[key].decode())
    article, described = ARTICLES[key][0], json.loads(data)
    assert described["@type"] == "NewsArticle"
    assert described["headline"] == article.headline
    assert described["dateModified"] == article.modified.isoformat()
    assert [author["name"] for author in described["author"]] == list(article.authors)


def test_old_software_sends_ascii_only(pages):
    assert all(body.isascii() for key, body in pages.items() if key.startswith("t"))
