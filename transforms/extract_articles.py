"""Articles: a page, or where there is none the feed's own words, to one row of `articles`.

`text_content` is the headline, then the body, a line a paragraph: quotations in headlines count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.errors import ExtractError
from schemas.flow import ArticleRequest, FeedEntry, Lineage, Page
from schemas.ids import sha256_hex
from schemas.rows import Article
from transforms.extract.body import announced_words, body_lines
from transforms.extract.document import HtmlDocument, parse_document
from transforms.extract.language import find_language
from transforms.extract.lines import count_words, html_lines, without_furniture
from transforms.extract.metadata import (
    find_authors,
    find_dates,
    find_domain,
    find_keywords,
    find_publisher,
    find_section,
    find_title,
    site_names,
)
from transforms.extract.signs import ends_with_more_link, is_paywalled, is_truncated
from transforms.failures import failure_row
from transforms.urls import article_address, article_id, believable_canonical, normalize_url
from transforms.web.charsets import decode_html

STAGE = "extract"
TRAFILATURA, FEED_CONTENT, FEED_SUMMARY = "trafilatura", "feed_content", "feed_summary"
MAX_CHARACTERS = 500_000  # some 80,000 words: a book, not an article
_MIN_WORDS = 5
_FEED_CARRIES_MORE = 1.15  # times the words of the page before the feed's content is preferred
_UNRELATED_WORDS = 60  # of feed content, from which a page without any of it is a wrong page
_UNRELATED_SHARE = 0.15
_SHINGLE = 4


@dataclass(frozen=True)
class ExtractedArticle:
    """An article, as yet of revision 1, and the request that led to it."""

    article: Article
    request: ArticleRequest


@dataclass(frozen=True)
class Body:
    """The text that was chosen, and where it comes from."""

    lines: tuple[str, ...]
    method: str
    is_truncated: bool = False


def extract_article(page: Page, lineage: Lineage) -> Article:
    """Make the article of a page; ExtractError where neither page nor feed carries a text."""
    entry = page.request.entry
    document, problem = _document(page)
    body = choose_body(document, entry, problem)
    publisher = find_publisher(document, entry)
    title = find_title(document, entry, site_names(publisher, page.final_url or entry.link))
    text = join_text(title, body.lines)
    if len(text) > MAX_CHARACTERS:
        raise ExtractError(f"the text has {len(text)} characters, more than {MAX_CHARACTERS}")
    canonical = document.canonical if document is not None else None
    address = article_address(entry.link, page.final_url, canonical)
    normalized = normalize_url(address) if address else None
    canonical_url = believable_canonical(page.final_url, canonical) if page.final_url else None
    dates = find_dates(document, entry, page.final_url or entry.link, page.fetched_at)
    words = count_words(body.lines)
    announced = announced_words(document) if document is not None else 0
    return Article(
        article_id=article_id(normalized, page.request.key, text),
        revision=1,
        run_id=lineage.run_id,
        original_url=entry.link,
        url=page.final_url or entry.link,
        normalized_url=normalized,
        canonical_url=canonical_url,
        canonical_domain=find_domain(canonical_url, address),
        title=title,
        authors=find_authors(document, entry),
        publisher=publisher,
        section=find_section(document, entry),
        keywords=find_keywords(document, entry),
        language=find_language(text, _language_labels(document, entry)),
        date_published=dates.published,
        date_published_source=dates.source,
        date_modified=dates.modified,
        ingested_at=page.fetched_at,
        text_content=text,
        word_count=len(text.split()),
        content_hash=sha256_hex(text),
        text_extraction_method=body.method,
        truncation_suspected=body.is_truncated,
        paywall_suspected=document is not None and is_paywalled(document, words, announced),
        feed_refs=page.request.feed_refs,
        raw_ref=page.raw_ref,
        pipeline_version=lineage.pipeline_version,
        model_version=lineage.model_version,
    )


def extract_html(html: bytes | str, lineage: Lineage, url: str | None = None) -> Article:
    """Make the article of an HTML page that no feed led to; ExtractError where there is none."""
    body = html.encode("utf-8", "replace") if isinstance(html, str) else html
    entry = FeedEntry(feed_url="", entry_id=hashlib.sha256(body).hexdigest(), link=url)
    page = Page(
        request=ArticleRequest(f"html:{entry.entry_id}", entry, (), ""),
        fetched_at=datetime.now(UTC),
        final_url=url,
        content_type="text/html; charset=utf-8" if isinstance(html, str) else None,
        body=body,
    )
    return extract_article(page, lineage)


def _document(page: Page) -> tuple[HtmlDocument | None, str | None]:
    """The parsed page, or why there is none."""
    if page.body is None:
        return None, "the page could not be had"
    media_type = (page.content_type or "text/html").partition(";")[0].strip().lower()
    if not any(part in media_type for part in ("html", "xml", "text/plain", "octet-stream")):
        return None, f"the page is {media_type}, not HTML"
    try:
        return parse_document(decode_html(page.body, page.content_type)), None
    except ExtractError as error:
        return None, error.message


def choose_body(document: HtmlDocument | None, entry: FeedEntry, problem: str | None) -> Body:
    """Take the page's body, or the feed's content or summary where these carry more."""
    lines = body_lines(document) if document is not None else []
    content = html_lines(entry.content_html)
    summary = html_lines(entry.summary_html)
    own = without_furniture(content)
    words = count_words(lines)
    if own and (count_words(own) > words * _FEED_CARRIES_MORE or _is_unrelated(own, lines)):
        cut = is_truncated(own) or ends_with_more_link(content)
        return Body(tuple(own), FEED_CONTENT, cut)
    if words < max(_MIN_WORDS, count_words(summary)):
        own = without_furniture(summary)
        if count_words(own) >= max(_MIN_WORDS, words):
            return Body(tuple(own), FEED_SUMMARY, is_truncated=True)
    if words < _MIN_WORDS:
        raise ExtractError(f"{problem or 'no article in the page'}, and the feed carries no text")
    announced = announced_words(document) if document is not None else 0
    return Body(tuple(lines), TRAFILATURA, is_truncated(lines, announced))


def _is_unrelated(feed: list[str], page: list[str]) -> bool:
    """Whether a page shares nothing with the feed's content: an error or consent page."""
    if count_words(feed) < _UNRELATED_WORDS:
        return False
    wanted, found = _shingles(feed), _shingles(page)
    return len(wanted & found) < _UNRELATED_SHARE * len(wanted)


def _shingles(lines: Iterable[str]) -> set[tuple[str, ...]]:
    words = " ".join(lines).casefold().split()
    return {tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}


def join_text(title: str | None, lines: Iterable[str]) -> str:
    """Headline and body, a line a paragraph; a headline that opens the body stands there once."""
    kept = [line for number, line in enumerate(lines) if number >= 5 or not _is_same(line, title)]
    return "\n".join([title, *kept] if title else kept)


def _is_same(line: str, title: str | None) -> bool:
    return title is not None and _letters(line) == _letters(title)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _language_labels(document: HtmlDocument | None, entry: FeedEntry) -> Iterator[str | None]:
    if document is not None:
        yield document.language
        yield document.meta("og:locale", "content-language", "dc.language")
    yield entry.language


@dataclass
class ExtractArticles(beam.PTransform):  # type: ignore[misc]
    """PCollection[Page] → `articles` (ExtractedArticle) and `failures` (Failure)."""

    lineage: Lineage

    def expand(self, pages: beam.PCollection) -> Any:
        """Wire the work."""
        return pages | "Extract" >> beam.ParDo(_Extract(self.lineage)).with_outputs(
            "failures", main="articles"
        )


class _Extract(beam.DoFn):  # type: ignore[misc]
    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage
        self._made = Metrics.counter("newsbeam", "articles_extracted")
        self._failed = Metrics.counter("newsbeam", "articles_failed")

    def process(self, page: Page) -> Iterator[Any]:
        try:
            article = extract_article(page, self._lineage)
        except Exception as error:
            self._failed.inc()
            key = page.request.entry.link or page.request.key
            failure = failure_row(self._lineage.run_id, STAGE, key, error)
            yield beam.pvalue.TaggedOutput("failures", failure)
            return
        self._made.inc()
        Metrics.counter("newsbeam", f"articles_from_{article.text_extraction_method}").inc()
        yield ExtractedArticle(article, page.request)
