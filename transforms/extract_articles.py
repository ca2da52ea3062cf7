"""Articles: a page, or where there is none the feed's own words, to one row of `articles`.

`text_content` is the headline, then the body, a line a paragraph: quotations in headlines count.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.errors import ExtractError
from schemas.flow import ArticleRequest, FeedEntry, Lineage, Page
from schemas.ids import sha256_hex
from schemas.rows import Article, Failure
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
from transforms.extract.signs import (
    ends_with_more_link,
    error_headline,
    is_paywalled,
    is_truncated,
)
from transforms.failures import failure_row
from transforms.urls import (
    article_address,
    article_id,
    believable_canonical,
    is_sent_elsewhere,
    normalize_url,
)
from transforms.web.charsets import decode_html

STAGE = "extract"
TRAFILATURA, FEED_CONTENT, FEED_SUMMARY = "trafilatura", "feed_content", "feed_summary"
MAX_CHARACTERS = 500_000  # some 80,000 words: a book, not an article
_MIN_WORDS = 5
_FEED_CARRIES_MORE = 1.15  # times the words of the page before the feed's content is preferred
_TEASER_WORDS = 150  # a summary of fewer words is a teaser: the text is cut
_UNRELATED_WORDS = 60  # of feed content, from which a page is compared with it
_UNRELATED_SHARE = 0.15  # of the feed's shingles that an article's page has at least
_UNRELATED_LENGTH = 1.5
_SHINGLE = 4
_HEADLINE_LINES = 5  # among which the headline may stand again
_NO_LETTERS = re.compile(r"[\W_]+")


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


@dataclass(frozen=True)
class ReadPage:
    """What a page gave."""

    body: Body
    document: HtmlDocument | None  # None: not the article's, or not to be had
    url: str | None  # where the article is

    @property
    def is_paywalled(self) -> bool:
        """Whether the page seems to hide its text."""
        if self.document is None:
            return False
        words = count_words(self.body.lines)
        return is_paywalled(self.document, words, announced_words(self.document))


def extract_article(page: Page, lineage: Lineage) -> Article:
    """Make the article of a page; ExtractError where neither page nor feed carries a text."""
    found = read_page(page)
    entry, document, url = page.request.entry, found.document, found.url
    publisher = find_publisher(document, entry)
    title = find_title(document, entry, site_names(publisher, url))
    text = join_text(title, found.body.lines)
    if len(text) > MAX_CHARACTERS:
        raise ExtractError(f"the text has {len(text)} characters, more than {MAX_CHARACTERS}")
    canonical = document.canonical if document is not None else None
    address = article_address(entry.link, url, canonical)
    normalized = normalize_url(address) if address else None
    canonical_url = believable_canonical(url, canonical) if url else None
    dates = find_dates(document, entry, url, page.fetched_at)
    return Article(
        article_id=article_id(normalized, page.request.key, text),
        revision=1,
        run_id=lineage.run_id,
        original_url=entry.link,
        url=url,
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
        text_extraction_method=found.body.method,
        truncation_suspected=found.body.is_truncated,
        paywall_suspected=found.is_paywalled,
        feed_refs=page.request.feed_refs,
        raw_ref=page.raw_ref,
        pipeline_version=lineage.pipeline_version,
        model_version=lineage.model_version,
    )


def try_extract(page: Page, lineage: Lineage) -> ExtractedArticle | Failure:
    """Make the article of a page; whatever goes wrong with it is a row of `failures`."""
    try:
        return ExtractedArticle(extract_article(page, lineage), page.request)
    except Exception as error:
        key = page.request.entry.link or page.request.key
        return failure_row(lineage.run_id, STAGE, key, error)


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


def read_page(page: Page) -> ReadPage:
    """Parse a page and choose the article's text; a page that is not the article is left aside."""
    entry = page.request.entry
    document, problem = _parse(page)
    lines = body_lines(document) if document is not None else []
    problem = problem or wrong_page(page, document, lines)
    if problem:
        document, lines = None, []
    body = choose_body(lines, entry, announced_words(document) if document is not None else 0)
    if body is None:
        raise ExtractError(f"{problem or 'no article in the page'}, and the feed carries no text")
    return ReadPage(body, document, entry.link if problem else page.final_url or entry.link)


def _parse(page: Page) -> tuple[HtmlDocument | None, str | None]:
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


def wrong_page(page: Page, document: HtmlDocument | None, lines: list[str]) -> str | None:
    """Why a page that came is not the article; None where it seems to be."""
    entry = page.request.entry
    if page.final_url is not None and is_sent_elsewhere(entry.link, page.final_url):
        return f"the server sent on to {page.final_url}, which is not the article"
    if document is not None and (headline := error_headline(document, count_words(lines))):
        return f"the page is no article but says: {headline}"
    content = without_furniture(html_lines(entry.content_html))
    if lines and _is_unrelated(content, lines):
        return "the page has nothing of what the feed carries"
    return None


def choose_body(lines: list[str], entry: FeedEntry, announced: int) -> Body | None:
    """Take the page's body, or the feed's content or summary where these carry more."""
    content, summary = html_lines(entry.content_html), html_lines(entry.summary_html)
    words = count_words(lines)
    own = without_furniture(content)
    if count_words(own) >= _MIN_WORDS and count_words(own) > words * _FEED_CARRIES_MORE:
        return Body(tuple(own), FEED_CONTENT, is_truncated(own) or ends_with_more_link(content))
    own = without_furniture(summary)
    if count_words(own) >= max(_MIN_WORDS, words + 1):
        is_short = count_words(own) < _TEASER_WORDS
        cut = is_short or is_truncated(own) or ends_with_more_link(summary)
        return Body(tuple(own), FEED_SUMMARY, cut)
    if words < _MIN_WORDS:
        return None
    return Body(tuple(lines), TRAFILATURA, is_truncated(lines, announced))


def _is_unrelated(feed: list[str], page: list[str]) -> bool:
    """Whether a page is about as long as the feed's content and shares nothing with it.

    That is an error or consent page; a page much longer may be the article of which the feed
    carries an abstract in other words.
    """
    words = count_words(feed)
    if words < _UNRELATED_WORDS or count_words(page) > _UNRELATED_LENGTH * words:
        return False
    wanted, found = _shingles(feed), _shingles(page)
    return len(wanted & found) < _UNRELATED_SHARE * len(wanted)


def _shingles(lines: Iterable[str]) -> set[tuple[str, ...]]:
    words = " ".join(lines).casefold().split()
    return {tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}


def join_text(title: str | None, lines: Iterable[str]) -> str:
    """Headline and body, a line a paragraph; a headline that opens the body stands there once."""
    if not title:
        return "\n".join(lines)
    wanted, longest = _letters(title), 2 * len(title)
    kept = [
        line
        for number, line in enumerate(lines)
        if number >= _HEADLINE_LINES or len(line) > longest or _letters(line) != wanted
    ]
    return "\n".join([title, *kept])


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text.casefold())


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
        extracted = try_extract(page, self._lineage)
        if isinstance(extracted, Failure):
            self._failed.inc()
            yield beam.pvalue.TaggedOutput("failures", extracted)
            return
        self._made.inc()
        method = extracted.article.text_extraction_method
        Metrics.counter("newsbeam", f"articles_from_{method}").inc()
        yield extracted
