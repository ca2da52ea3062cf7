"""Articles into feeds: RSS 2.0, RDF (RSS 1.0), Atom and JSON Feed 1.1."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

DC = "http://purl.org/dc/elements/1.1/"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
RSS1 = "http://purl.org/rss/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ATOM = "http://www.w3.org/2005/Atom"

MEDIA_TYPES: Mapping[str, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "rdf": "application/rdf+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
}


@dataclass(frozen=True)
class Entry:
    """What a feed says of one article."""

    entry_id: str  # does not depend on where the newsroom is served
    title: str
    summary: str
    link: str | None  # absolute; None: an entry without a page
    published: datetime | None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    language: str | None = None  # where it is not the feed's own
    content_html: str | None = None  # the whole text


@dataclass(frozen=True)
class FeedDocument:
    """A feed that is to be written."""

    title: str
    url: str  # absolute address of the feed itself
    home: str  # absolute address of the site
    language: str
    updated: datetime
    entries: tuple[Entry, ...]


def render_feed(feed: FeedDocument, form: str, malformed: bool = False) -> bytes:
    """The feed in one of the four formats; `malformed` breaks the XML as careless sites do."""
    body = _RENDERERS[form](feed)
    return _break(body) if malformed else body


def _rss(feed: FeedDocument) -> bytes:
    root = ET.Element("rss", {"version": "2.0", "xmlns:dc": DC, "xmlns:content": CONTENT})
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.home)
    _add(channel, "description", feed.title)
    _add(channel, "language", feed.language.lower())
    _add(channel, "lastBuildDate", _rfc822(feed.updated))
    for entry in feed.entries:
        item = ET.SubElement(channel, "item")
        _add(item, "title", entry.title)
        _add(item, "link", entry.link)
        _add(item, "guid", entry.entry_id, isPermaLink="false")
        _add(item, "pubDate", _rfc822(entry.published) if entry.published else None)
        _add(item, "dc:creator", ", ".join(entry.authors) or None)
        for word in entry.keywords:
            _add(item, "category", word)
        _add(item, "description", entry.summary)
        _add(item, "content:encoded", entry.content_html)
    return _xml(root)


def _rdf(feed: FeedDocument) -> bytes:
    root = ET.Element("rdf:RDF", {"xmlns": RSS1, "xmlns:rdf": RDF, "xmlns:dc": DC})
    channel = ET.SubElement(root, "channel", {"rdf:about": feed.url})
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.home)
    _add(channel, "description", feed.title)
    order = ET.SubElement(ET.SubElement(channel, "items"), "rdf:Seq")
    for entry in feed.entries:
        ET.SubElement(order, "rdf:li", {"rdf:resource": entry.link or entry.entry_id})
        item = ET.SubElement(root, "item", {"rdf:about": entry.link or entry.entry_id})
        _add(item, "title", entry.title)
        _add(item, "link", entry.link)
        _add(item, "description", entry.summary)
        _add(item, "dc:creator", ", ".join(entry.authors) or None)
        _add(item, "dc:date", entry.published.isoformat() if entry.published else None)
    return _xml(root)


def _atom(feed: FeedDocument) -> bytes:
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": feed.language})
    _add(root, "title", feed.title)
    _add(root, "id", feed.home)
    _add(root, "link", "", rel="self", href=feed.url)
    _add(root, "link", "", rel="alternate", href=feed.home)
    _add(root, "updated", feed.updated.isoformat())
    for entry in feed.entries:
        item = ET.SubElement(root, "entry")
        _add(item, "title", entry.title)
        _add(item, "id", entry.entry_id)
        if entry.link is not None:
            _add(item, "link", "", rel="alternate", type="text/html", href=entry.link)
        changed = entry.updated or entry.published or feed.updated
        _add(item, "published", entry.published.isoformat() if entry.published else None)
        _add(item, "updated", changed.isoformat())
        for name in entry.authors:
            _add(ET.SubElement(item, "author"), "name", name)
        for word in entry.keywords:
            _add(item, "category", "", term=word)
        _add(item, "summary", entry.summary)
        _add(item, "content", entry.content_html, type="html")
    return _xml(root)


def _json(feed: FeedDocument) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.url,
        "language": feed.language,
        "items": [_json_item(entry) for entry in feed.entries],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _json_item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.entry_id,
        "url": entry.link,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.content_html,
        "content_text": None if entry.content_html else entry.summary,
        "date_published": entry.published.isoformat() if entry.published else None,
        "date_modified": entry.updated.isoformat() if entry.updated else None,
        "authors": [{"name": name} for name in entry.authors],
        "tags": list(entry.keywords),
        "language": entry.language,
    }
    return {name: value for name, value in item.items() if value}


_RENDERERS: Mapping[str, Callable[[FeedDocument], bytes]] = {
    "rss": _rss,
    "rdf": _rdf,
    "atom": _atom,
    "json": _json,
}


def _add(parent: ET.Element, tag: str, text: str | None, **attributes: str) -> None:
    """Add an element with a text; none where there is no text."""
    if text is not None:
        ET.SubElement(parent, tag, attributes).text = text or None


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment)


def _xml(root: ET.Element) -> bytes:
    ET.indent(root, space=" ")
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _break(body: bytes) -> bytes:
    """An ampersand left as it is, an entity that XML does not know, and no end."""
    text = body.decode().replace("&amp;", "&", 1).replace("</title>", "&nbsp;</title>")
    return text[: text.rindex("</item>") + len("</item>")].encode()
