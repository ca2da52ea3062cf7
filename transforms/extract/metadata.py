"""Headline, people, times and labels of an article, from page, JSON-LD and feed entry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from htmldate import find_date
from trafilatura.metadata import extract_author, extract_title

from schemas.flow import FeedEntry
from transforms.extract.authors import clean_authors
from transforms.extract.document import HtmlDocument, text_of, texts_of
from transforms.extract.rules import rules
from transforms.feed_dates import parse_date, start_of_day
from transforms.policy import believe_date, is_believable_date
from transforms.urls import is_http_url, registered_domain
from transforms.web.markup import one_line, strip_markup

_WORD = re.compile(r"\w+")
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_-]|$)")
_SITE_SUFFIX = re.compile(r"\s+[|–—·:»-]+\s+([^|–—»]{2,60})$")
_SIMILAR_SHARE = 0.5
_MAX_KEYWORDS = 50
_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "datepublished", "date.published",
    "publishdate", "publish-date", "publish_date", "pubdate", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date", "citation_publication_date",
    "cxenseparse:recs:publishtime", "article.published", "originalpublicationdate", "date",
)  # fmt: skip
_MODIFIED_METAS = (
    "article:modified_time", "og:updated_time", "datemodified", "last-modified", "lastmod",
    "dcterms.modified", "dc.date.modified",
)  # fmt: skip
_AUTHOR_METAS = (
    "author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "byl",
    "article:author",
)


Sites = tuple[str, ...]  # names under which the site may stand behind a headline


@dataclass(frozen=True)
class Dates:
    """When an article appeared and was changed."""

    published: datetime | None = None
    source: str | None = None  # feed, jsonld, meta, url
    modified: datetime | None = None


def find_title(document: HtmlDocument | None, entry: FeedEntry, sites: Sites) -> str | None:
    """The headline: the heading that title element, meta or feed confirm, else what these say."""
    if document is None:
        return entry.title
    found = [
        text_of(document.article.get("headline")),
        strip_markup(document.meta("og:title")),
        strip_markup(document.title),
        entry.title,
    ]
    said = [_without_site(text, sites) for text in found if text]
    for heading in document.headings:
        is_site = any(_words(heading) == _words(site) for site in sites)
        if not is_site and any(_is_similar(heading, text) for text in said):
            return heading
    return said[0] if said else one_line(extract_title(document.tree)) or None


def _without_site(title: str, sites: Sites) -> str:
    """The title without " - Name of the site" at its end."""
    found = _SITE_SUFFIX.search(title)
    if found is None:
        return title
    suffix = "".join(_WORD.findall(found[1].casefold()))
    names = ["".join(_WORD.findall(site.casefold())) for site in sites]
    is_site = any(name and (suffix in name or name in suffix) for name in names)
    return (title[: found.start()].strip() or title) if is_site else title


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _is_similar(one: str, other: str) -> bool:
    first, second = _words(one), _words(other)
    shorter, shared = min(len(first), len(second)), len(first & second)
    return 0 < shorter == shared or shared >= max(2, _SIMILAR_SHARE * shorter)


def site_names(publisher: str | None, url: str | None) -> Sites:
    """What a site is called: its publisher, and its domain without the suffix."""
    domain = (registered_domain(url) or "" if url else "").partition(".")[0]
    return tuple(name for name in (publisher, domain) if name)


def find_publisher(document: HtmlDocument | None, entry: FeedEntry) -> str | None:
    """The site's name by page or JSON-LD, else the feed's title."""
    names: list[str | None] = []
    if document is not None:
        names.append(document.meta("og:site_name", "application-name", "dc.publisher"))
        names.append(text_of(document.article.get("publisher")))
    for name in (*names, entry.feed_title):
        text = strip_markup(name).lstrip("@")
        if text and not is_http_url(text):
            return text
    return None


def find_authors(document: HtmlDocument | None, entry: FeedEntry) -> tuple[str, ...]:
    """Bylines by JSON-LD, meta elements, feed and, last, the page's text."""
    sources: list[Iterable[str]] = []
    if document is not None:
        sources.append(texts_of(document.article.get("author")))
        sources.append([v for name in _AUTHOR_METAS for v in document.metas.get(name, ())[:10]])
    sources.append(entry.authors)
    for source in sources:
        names = clean_authors(source)
        if names:
            return names
    return clean_authors([extract_author(document.tree) or ""]) if document is not None else ()


def find_section(document: HtmlDocument | None, entry: FeedEntry) -> str | None:
    """The section that the page names, else the feed's."""
    names = [entry.section]
    if document is not None:
        metas = document.meta("article:section", "parsely-section", "cxenseparse:section")
        names = [text_of(document.article.get("articleSection")), metas, entry.section]
    for name in names:
        text = strip_markup((name or "").split(",")[0])
        is_domain = "." in text and " " not in text
        if text and not is_domain and text.casefold() not in rules().meaningless_sections:
            return text
    return None


def find_keywords(document: HtmlDocument | None, entry: FeedEntry) -> tuple[str, ...]:
    """Tags of page and feed entry, without repeats."""
    found: list[str] = []
    if document is not None:
        keywords = document.article.get("keywords")
        for text in texts_of(keywords) if isinstance(keywords, list) else [text_of(keywords)]:
            found += text.split(",") if not isinstance(keywords, list) else [text]
        found += document.metas.get("article:tag", ())
        for text in document.metas.get("news_keywords", ()) or document.metas.get("keywords", ()):
            found += text.split(",")
    names: dict[str, str] = {}
    for text in [*found, *entry.keywords]:
        word = strip_markup(text)
        if word and len(word) <= 100:
            names.setdefault(word.casefold(), word)
    return tuple(names.values())[:_MAX_KEYWORDS]


def find_dates(
    document: HtmlDocument | None, entry: FeedEntry, url: str | None, now: datetime
) -> Dates:
    """The first date of feed, JSON-LD, meta elements and address that can be true."""
    candidates: list[tuple[str, datetime | None]] = [("feed", entry.published)]
    if document is not None:
        candidates.append(("jsonld", parse_date(text_of(document.article.get("datePublished")))))
        candidates += [("meta", d) for d in _meta_dates(document, _PUBLISHED_METAS)]
        candidates += [("meta", parse_date(text)) for text in _time_elements(document)]
    candidates += [("url", date_in_url(url)), ("feed", entry.updated)]
    found = believe_date(candidates, now)
    if found is None and document is not None:
        found = believe_date([("meta", _date_in_text(document, now))], now)
    source, published = found or (None, None)
    return Dates(published, source, _modified(document, entry, published, now))


def _meta_dates(document: HtmlDocument, names: Iterable[str]) -> Iterable[datetime | None]:
    return (parse_date(value) for name in names for value in document.metas.get(name, ())[:2])


def _time_elements(document: HtmlDocument) -> Iterable[str]:
    for element in document.tree.iter("time"):
        if element.get("datetime") and (
            element.get("pubdate") is not None or _marks_publication(element)
        ):
            yield element.get("datetime")


def _marks_publication(element: object) -> bool:
    get = element.get  # type: ignore[attr-defined]
    return "publi" in f"{get('itemprop') or ''} {get('class') or ''}".lower()


def _date_in_text(document: HtmlDocument, now: datetime) -> datetime | None:
    """The date that htmldate finds in the page's text, as last resort."""
    try:
        found = find_date(
            document.tree,
            original_date=True,
            extensive_search=False,
            max_date=now.date().isoformat(),
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return parse_date(found)


def date_in_url(url: str | None) -> datetime | None:
    """The day that an address names, as in /2024/03/09/."""
    try:
        found = _URL_DATE.search(urlsplit(url or "").path)
        return start_of_day(date(int(found[1]), int(found[2]), int(found[3]))) if found else None
    except ValueError:
        return None


def _modified(
    document: HtmlDocument | None, entry: FeedEntry, published: datetime | None, now: datetime
) -> datetime | None:
    candidates: list[datetime | None] = []
    if document is not None:
        candidates.append(parse_date(text_of(document.article.get("dateModified"))))
        candidates += _meta_dates(document, _MODIFIED_METAS)
    candidates.append(entry.updated)
    for moment in candidates:
        is_later = moment is not None and (published is None or moment >= published)
        if moment is not None and is_later and is_believable_date(moment, now):
            return moment
    return None


def find_domain(canonical_url: str | None, url: str | None) -> str | None:
    """The registered domain of the canonical or final address."""
    address = canonical_url or url
    return registered_domain(address) if address else None
