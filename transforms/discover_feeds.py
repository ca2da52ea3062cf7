"""Find the feeds of a site: its link elements, its links, its sitemaps, and the usual places."""

from __future__ import annotations

import gzip
import io
import re
import tomllib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from importlib.resources import files
from urllib.parse import urljoin, urlsplit

import lxml.html
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from lxml.etree import ParserError
from lxml.html import HtmlElement

from schemas.errors import ElementError, FetchError
from schemas.flow import ParsedFeed
from transforms.fetch_feeds import ACCEPT, read_retrieval
from transforms.fetch_rows import fetch_error
from transforms.retrieve import (
    FetchOutcome,
    Retrieval,
    RetrieveOptions,
    RetrieveRequest,
    retrieve_all,
)
from transforms.urls import absolute_url, feed_key, is_http_url, registered_domain
from transforms.web.charsets import decode_html
from transforms.web.markup import one_line

_MAX_SITEMAPS = 8
_MAX_CANDIDATES = 60
_MAX_SITEMAP_BYTES = 20_000_000  # unpacked
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class FoundBy(StrEnum):
    """Where a feed's address was found; the order is that of belief."""

    ITSELF = "the address itself"
    LINK = "link element"
    ANCHOR = "link in the page"
    SITEMAP = "sitemap"
    USUAL_PLACE = "usual place"


@dataclass(frozen=True)
class Candidate:
    """An address that may be a feed's."""

    url: str
    found_by: FoundBy
    title: str | None = None  # as the page names it


@dataclass(frozen=True)
class FoundFeed:
    """A feed that was found and read."""

    url: str  # that answered, after redirects
    found_by: FoundBy
    title: str | None
    format: str  # rss20, atom10 …
    entries: int
    newest: datetime | None  # UTC; of the newest entry, as it claims


@dataclass(frozen=True)
class _Places:
    types: frozenset[str]
    usual: tuple[str, ...]
    looks_like_feed: re.Pattern[str]
    not_news: re.Pattern[str]


@cache
def _places() -> _Places:
    text = (files("transforms") / "data" / "feed_places.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return _Places(
        types=frozenset(data["types"]),
        usual=tuple(data["usual_places"]),
        looks_like_feed=re.compile(data["looks_like_feed"], re.IGNORECASE),
        not_news=re.compile(data["not_news"], re.IGNORECASE),
    )


def discover_feeds(url: str, options: RetrieveOptions) -> list[FoundFeed]:
    """Return the feeds of the site at an address, most believable first.

    Raises FetchError where the address itself cannot be had.
    """
    page, sitemaps = _visit(url, options)
    itself = _as_feed(page)
    if itself is not None:
        return [_found(page, itself, Candidate(url, FoundBy.ITSELF))]
    base = page.final_url or url
    candidates = [
        *page_candidates(_text(page), base),
        *_sitemap_candidates(base, sitemaps, options),
        *usual_places(base),
    ]
    return _confirm(unique(candidates), options)


def page_candidates(html: str, url: str) -> Iterator[Candidate]:
    """The feeds that a page names: in link elements, then in links that look like feeds."""
    try:
        tree = lxml.html.document_fromstring(html)
    except (ParserError, ValueError):
        return
    base = next((e.get("href") for e in tree.iter("base")), None)
    link = partial(absolute_url, absolute_url(url, base) or url, keep_fragment=False)
    for element in tree.iter("link"):
        if _names_feed(element) and (target := link(element.get("href"))):
            yield Candidate(target, FoundBy.LINK, one_line(element.get("title")) or None)
    for element in tree.iter("a"):
        target = link(element.get("href"))
        if target and looks_like_feed(target) and _is_near(target, url):
            title = one_line(str(element.xpath("string()")))
            yield Candidate(target, FoundBy.ANCHOR, title or None)


def usual_places(url: str) -> Iterator[Candidate]:
    """Where the feeds of most sites lie: below the site's root, and below the page itself."""
    parts = urlsplit(url)
    section = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    for place in _places().usual:
        yield Candidate(urljoin(url, place), FoundBy.USUAL_PLACE)
    if parts.path.strip("/"):
        for place in ("/feed", "/rss", "/rss.xml", "/feed.xml"):
            yield Candidate(section + place, FoundBy.USUAL_PLACE)


def sitemap_locations(body: bytes) -> tuple[list[str], list[str]]:
    """Read a sitemap (sitemaps.org), gzipped or not: further sitemaps, and pages.

    What is no sitemap gives nothing.
    """
    try:
        root = fromstring(_unpacked(body))
    except (ParseError, DefusedXmlException, ValueError, OSError, EOFError, zlib.error):
        return [], []
    found = [(e.text or "").strip() for e in root.iter() if e.tag.rpartition("}")[2] == "loc"]
    locations = [location for location in found if is_http_url(location)]
    is_index = root.tag.rpartition("}")[2] == "sitemapindex"
    return (locations, []) if is_index else ([], locations)


def looks_like_feed(url: str) -> bool:
    """Whether an address looks like that of a feed of news."""
    parts = urlsplit(url)
    tail = f"{parts.path}?{parts.query}" if parts.query else parts.path
    places = _places()
    return bool(places.looks_like_feed.search(tail)) and not places.not_news.search(tail)


def unique(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Keep the first candidate of each address, and no more than can be asked in good manners."""
    kept: dict[str, Candidate] = {}
    for candidate in candidates:
        kept.setdefault(feed_key(candidate.url), candidate)
    return list(kept.values())[:_MAX_CANDIDATES]


def _visit(url: str, options: RetrieveOptions) -> tuple[Retrieval, list[str]]:
    """Ask for the page; also return the sitemaps that the site's robots.txt names."""
    request = RetrieveRequest(url, accept=f"text/html, {ACCEPT}")
    page, sitemaps = None, []
    for retrieval in retrieve_all([request], options):
        if retrieval.is_robots:
            text = (retrieval.body or b"").decode("utf-8", "replace")
            sitemaps += [found for found in _SITEMAP_LINE.findall(text) if is_http_url(found)]
        elif retrieval.is_final:
            page = retrieval
    if page is None or page.outcome is not FetchOutcome.OK:
        raise fetch_error(page) if page else FetchError("nothing came", target=url)
    return page, sitemaps


def _as_feed(retrieval: Retrieval) -> ParsedFeed | None:
    """The feed that was retrieved; None where it is no feed."""
    try:
        return read_retrieval(retrieval)
    except ElementError:
        return None


def _text(page: Retrieval) -> str:
    return decode_html(page.body or b"", page.content_type)


def _names_feed(element: HtmlElement) -> bool:
    relations = (element.get("rel") or "").lower().split()
    media_type = (element.get("type") or "").partition(";")[0].strip().lower()
    if "stylesheet" in relations or not {"alternate", "feed"}.intersection(relations):
        return False
    if _places().not_news.search(element.get("href") or ""):
        return False
    return "feed" in relations or media_type in _places().types


def _is_near(target: str, url: str) -> bool:
    return registered_domain(target) == registered_domain(url)


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
        return file.read(_MAX_SITEMAP_BYTES)


def _sitemap_candidates(
    base: str, named: list[str], options: RetrieveOptions
) -> Iterator[Candidate]:
    """Addresses in the site's sitemaps that look like feeds; one level of indexes is followed."""
    wanted = (named or [urljoin(base, "/sitemap.xml")])[:_MAX_SITEMAPS]
    pages: list[str] = []
    for _ in range(2):
        further: list[str] = []
        for body in _bodies(wanted, options):
            indexes, locations = sitemap_locations(body)
            further += indexes
            pages += locations
        wanted = further[:_MAX_SITEMAPS]
    for page in pages:
        if looks_like_feed(page) and _is_near(page, base):
            yield Candidate(page, FoundBy.SITEMAP)


def _bodies(urls: list[str], options: RetrieveOptions) -> Iterator[bytes]:
    for retrieval in retrieve_all([RetrieveRequest(url) for url in urls], options):
        if retrieval.is_final and retrieval.body is not None:
            yield retrieval.body


def _confirm(candidates: list[Candidate], options: RetrieveOptions) -> list[FoundFeed]:
    """Read what the candidates' addresses bring; keep the feeds, each once, in order of belief."""
    requests = [RetrieveRequest(c.url, accept=ACCEPT, context=c) for c in candidates]
    found: dict[Candidate, FoundFeed] = {}
    for retrieval in retrieve_all(requests, options):
        parsed = _as_feed(retrieval) if retrieval.is_final else None
        if parsed is not None and parsed.entries:
            candidate = retrieval.request.context
            found[candidate] = _found(retrieval, parsed, candidate)
    kept: dict[str, FoundFeed] = {}
    for candidate in candidates:
        if candidate in found:
            kept.setdefault(feed_key(found[candidate].url), found[candidate])
    return list(kept.values())


def _found(retrieval: Retrieval, parsed: ParsedFeed, candidate: Candidate) -> FoundFeed:
    dates = [date for e in parsed.entries if (date := e.updated or e.published)]
    return FoundFeed(
        url=retrieval.final_url or candidate.url,
        found_by=candidate.found_by,
        title=parsed.title or candidate.title,
        format=parsed.format,
        entries=len(parsed.entries),
        newest=max(dates, default=None),
    )
