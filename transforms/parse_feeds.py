"""Feeds: RSS 0.9x to 2.0, RDF, Atom (through feedparser) and JSON Feed to entries."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import feedparser

from schemas.errors import ParseError
from schemas.flow import FeedEntry, ParsedFeed
from schemas.ids import stable_id
from transforms.feed_dates import parse_date
from transforms.json_feed import parse_json_feed
from transforms.urls import absolute_url, is_http_url
from transforms.web.charsets import decode_xml
from transforms.web.markup import clean_text, html_from_text, one_line, strip_markup

MAX_ENTRIES = 1_000
MAX_TAGS = 250_000  # of an XML feed: a thousand entries of 250 tags
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_ENTRY_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ENTRY_START = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_GUID = re.compile(
    r"<guid\b[^<>]*>(?:\s*<!\[CDATA\[(.{0,2000}?)\]\]>\s*|([^<]{0,2000}))</guid>",
    re.IGNORECASE | re.DOTALL,
)
_ROOT = re.compile(r"<(?![?!])\s*([\w:.-]+)")
_CHANNEL_LINK = re.compile(r"<link>\s*(?:<!\[CDATA\[)?\s*(https?://[^<\]\s]+)", re.IGNORECASE)
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FEED_ROOTS = {"rss": "rss", "rdf:rdf": "rdf", "feed": "atom"}
_PERIODS_S = {
    "hourly": 3_600.0,
    "daily": 86_400.0,
    "weekly": 604_800.0,
    "monthly": 2_592_000.0,
    "yearly": 31_536_000.0,
}
_MOST_DIGITS = 7
_HTML_ROOTS = frozenset({"html", "head", "body", "div", "p", "script", "meta", "title"})


def parse_feed(
    body: bytes, *, url: str, content_type: str | None = None, max_entries: int = MAX_ENTRIES
) -> ParsedFeed:
    """Read a feed in whatever format; `problem` says where it is malformed.

    `url` is the address that answered: relative links are resolved against it where the feed gives
    no base of its own. Raises ParseError where the document is no feed at all.
    """
    start = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        return parse_json_feed(body, url=url, content_type=content_type, max_entries=max_entries)
    if not start.strip(b"\x00"):
        raise ParseError("the document is empty", target=url)
    return _parse_xml_feed(decode_xml(body, content_type), url, max_entries)


def _parse_xml_feed(text: str, url: str, max_entries: int) -> ParsedFeed:
    root = _root_name(text)
    if root in _HTML_ROOTS:
        raise ParseError(
            "an HTML page, not a feed; its source may name the feed: look for rel=alternate",
            target=url,
        )
    problems: list[str] = []
    text = _without_illegal(text, problems)
    text, cut = limit_entries(text, max_entries)
    if cut:
        problems.append(cut)
    base = _base(text, root, url)
    parsed = _run_feedparser(text, base)
    version = parsed.get("version") or _FEED_ROOTS.get(root, "")
    if not version and not parsed.entries:
        raise ParseError(f"not a feed: the document begins with <{root or '?'}>", target=url)
    if not cut and parsed.bozo and not isinstance(parsed.bozo_exception, _HARMLESS):
        problems.append(f"not well-formed: {one_line(str(parsed.bozo_exception))}")
    context = _Context(url, version, parsed.feed, _relative_guids(text, base))
    return ParsedFeed(
        entries=tuple(_entry(raw, context) for raw in parsed.entries[:max_entries]),
        title=_title(parsed.feed) or None,
        format=version or "unknown",
        problem="; ".join(problems) or None,
        ttl_s=_ttl_s(parsed.feed),
        update_period_s=_update_period_s(parsed.feed),
    )


@dataclass(frozen=True)
class _Context:
    """What entries take from their feed."""

    url: str
    version: str
    feed: Any
    relative_guids: Mapping[str, str]  # as the feed has them, by what feedparser makes of them

    @property
    def is_atom(self) -> bool:
        return self.version.startswith("atom")


def _relative_guids(text: str, base: str) -> dict[str, str]:
    """Guids that are no addresses, although feedparser resolves them against the base as links."""
    found: dict[str, str] = {}
    for match in _GUID.finditer(text):
        guid = html.unescape(match[1] or match[2] or "").strip()
        if guid and not is_http_url(guid):
            try:
                found[urljoin(base, guid)] = guid
            except ValueError:
                continue
    return found


def _run_feedparser(text: str, base: str) -> Any:
    """Feed the parser from memory only; it would open a string as a file or an address."""
    return feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={
            "content-location": base,
            "content-type": "application/xml; charset=utf-8",
        },
        resolve_relative_uris=False,  # inside of content; links are resolved all the same
        sanitize_html=False,  # content goes to the extractor only, which keeps no markup
    )


def _root_name(text: str) -> str:
    without_comments = re.sub(r"<!--.{0,10000}?-->", "", text[:50_000], flags=re.DOTALL)
    found = _ROOT.search(without_comments)
    return found[1].lower() if found else ""


def _without_illegal(text: str, problems: list[str]) -> str:
    cleaned, count = _ILLEGAL_IN_XML.subn("", text)
    if count:
        problems.append(f"{count} characters that XML does not allow")
    return cleaned


def limit_entries(text: str, max_entries: int, max_tags: int = MAX_TAGS) -> tuple[str, str | None]:
    """Cut an XML feed behind the last entry within the limits; say so where it was cut.

    feedparser takes some 30 µs a tag, so a hostile feed of nothing but tags would take minutes.
    """
    total = sum(1 for _ in _ENTRY_START.finditer(text))
    kept = end = tags = 0
    for found in _ENTRY_END.finditer(text):
        tags += text.count("<", end, found.end())
        if kept == max_entries or tags > max_tags:
            break
        kept, end = kept + 1, found.end()
    else:
        if tags + text.count("<", end) <= max_tags:
            return text, None
    if not kept:
        return text[: 2 * max_tags], f"more than {max_tags} tags; only the beginning is read"
    return text[:end], f"{total} entries, of which the first {kept} are read"


def _base(text: str, root: str, url: str) -> str:
    """Relative links of RSS hang on the channel's link, those of Atom on the feed's address."""
    if root == "feed":
        return url
    first_item = _ENTRY_START.search(text)
    found = _CHANNEL_LINK.search(text, 0, first_item.start() if first_item else len(text))
    return found[1] if found and is_http_url(found[1]) else url


def _ttl_s(feed: Any) -> float | None:
    """RSS 2.0, `ttl`: minutes for which the feed may be cached."""
    minutes = _positive_number(_get(feed, "ttl"))
    return None if minutes is None else 60 * minutes


def _update_period_s(feed: Any) -> float | None:
    """RSS 1.0's module Syndication: the feed is updated `updateFrequency` times a period."""
    period = _PERIODS_S.get(one_line(_get(feed, "sy_updateperiod")).lower())
    if period is None:
        return None
    return period / (_positive_number(_get(feed, "sy_updatefrequency")) or 1.0)


def _positive_number(value: Any) -> float | None:
    text = one_line(str(value or ""))
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        return None
    return float(text) or None


def _entry(raw: Any, context: _Context) -> FeedEntry:
    resolved = one_line(_get(raw, "id"))
    given_id = context.relative_guids.get(resolved, resolved)
    link = _link(raw, context)
    title = _title(raw) or None
    summary, content = _summary(raw), _content(raw)
    published, updated = _dates(raw, is_atom=context.is_atom)
    return FeedEntry(
        feed_url=context.url,
        entry_id=given_id or link or stable_id(title, summary, content),
        link=link,
        title=title,
        authors=_authors(raw) or (_authors(context.feed) if context.is_atom else ()),
        published=published,
        updated=updated,
        summary_html=summary,
        content_html=content,
        keywords=_keywords(raw),
        language=_language(raw) or one_line(_get(context.feed, "language")) or None,
        feed_title=_title(context.feed) or None,
    )


def _get(raw: Any, name: str) -> Any:
    """A value as the feed has it; feedparser's own `get` substitutes other fields."""
    return dict.get(raw, name)


def _title(raw: Any) -> str:
    detail = _get(raw, "title_detail") or {}
    title = _get(raw, "title") or ""
    is_html = "html" in str(detail.get("type", ""))
    return strip_markup(title, all_tags=is_html)


def _link(raw: Any, context: _Context) -> str | None:
    for candidate in (_get(raw, "feedburner_origlink"), _get(raw, "link"), *_alternates(raw)):
        text = str(candidate or "").strip()
        is_guid = not _get(raw, "links") and text in context.relative_guids
        absolute = None if is_guid else absolute_url(context.url, text)
        if absolute is not None:
            return absolute
    return None


def _alternates(raw: Any) -> Iterator[str]:
    for link in _get(raw, "links") or ():
        if link.get("rel") == "alternate" and link.get("href"):
            yield link["href"]


def _summary(raw: Any) -> str | None:
    """The entry's own summary; feedparser fills in the content where there is none."""
    detail = _get(raw, "summary_detail")
    return _as_html(_get(raw, "summary"), detail) if detail else None


def _content(raw: Any) -> str | None:
    """The longest of the entry's contents."""
    found = (_as_html(part.get("value"), part) for part in _get(raw, "content") or ())
    return max((text for text in found if text), key=len, default=None)


def _as_html(value: str | None, detail: Any) -> str | None:
    text = clean_text(value or "").strip()
    if not text:
        return None
    kind = str((detail or {}).get("type", "text/html"))
    return html_from_text(text) if kind == "text/plain" else text


def _dates(raw: Any, *, is_atom: bool) -> tuple[datetime | None, datetime | None]:
    published = parse_date(_get(raw, "published")) or parse_date(_get(raw, "created"))
    updated = parse_date(_get(raw, "updated"))
    if published is None and not is_atom:
        return updated, None  # dc:date and the like
    return published, updated


def _authors(raw: Any) -> tuple[str, ...]:
    people = [person.get("name") for person in _get(raw, "authors") or () if person]
    people = [name for name in people if name] or [_get(raw, "author")]
    return tuple(dict.fromkeys(name for person in people if (name := strip_markup(person))))


def _keywords(raw: Any) -> tuple[str, ...]:
    terms: Iterable[Any] = (
        tag.get("label") or tag.get("term") for tag in _get(raw, "tags") or () if tag
    )
    return tuple(dict.fromkeys(term for text in terms if (term := strip_markup(text))))


def _language(raw: Any) -> str | None:
    own = one_line(_get(raw, "language"))
    for part in _get(raw, "content") or ():
        own = own or one_line(part.get("language"))
    return own or None
