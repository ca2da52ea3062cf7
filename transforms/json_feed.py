"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from schemas.errors import ParseError
from schemas.flow import FeedEntry, ParsedFeed
from schemas.ids import stable_id
from transforms.feed_dates import parse_date
from transforms.urls import absolute_url
from transforms.web.charsets import decode_text, header_charset
from transforms.web.markup import clean_text, html_from_text, one_line, strip_markup

_VERSIONS = {"version/1.1": "json11", "version/1": "json10", "1.1": "json11", "1.0": "json10"}


def parse_json_feed(
    body: bytes, *, url: str, content_type: str | None, max_entries: int
) -> ParsedFeed:
    """Read a JSON Feed; ParseError where the document is none."""
    problems: list[str] = []
    document = _load(decode_text(body, [header_charset(content_type)]), url, problems)
    items = document.get("items")
    version = str(document.get("version", "")).rstrip("/")
    kind = next((kind for end, kind in _VERSIONS.items() if version.endswith(end)), None)
    if not isinstance(items, list) or (kind is None and not items):
        raise ParseError("this JSON is no JSON Feed: it has no list of items", target=url)
    if kind is None:
        problems.append(f"version is {version!r}, not that of JSON Feed")
    if len(items) > max_entries:
        problems.append(f"{len(items)} entries, of which the first {max_entries} are read")
    title = strip_markup(_text(document.get("title"))) or None
    language = _text(document.get("language")) or None
    authors = _authors(document)
    entries = []
    for item in items[:max_entries]:
        if isinstance(item, dict):
            entries.append(_entry(item, url, title, language, authors))
        else:
            problems.append("an item is no object")
    return ParsedFeed(
        entries=tuple(entries),
        title=title,
        format=kind or "json",
        problem="; ".join(dict.fromkeys(problems)) or None,
    )


def _load(text: str, url: str, problems: list[str]) -> dict[str, Any]:
    text = text.lstrip("\ufeff \t\r\n")
    try:
        document, end = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not well-formed JSON: {error}", target=url) from error
    if not isinstance(document, dict):
        raise ParseError("this JSON is no JSON Feed: it is no object", target=url)
    if text[end:].strip():
        problems.append("text after the end of the JSON document")
    return document


def _entry(
    item: dict[str, Any],
    feed_url: str,
    feed_title: str | None,
    feed_language: str | None,
    feed_authors: tuple[str, ...],
) -> FeedEntry:
    link = _link(item.get("url"), feed_url) or _link(item.get("external_url"), feed_url)
    plain = _text(item.get("content_text"))
    content = _text(item.get("content_html")) or (html_from_text(plain) if plain.strip() else "")
    summary = _text(item.get("summary"))
    title = strip_markup(_text(item.get("title"))) or None
    return FeedEntry(
        feed_url=feed_url,
        entry_id=one_line(_text(item.get("id"))) or link or stable_id(title, content, summary),
        link=link,
        title=title,
        authors=_authors(item) or feed_authors,
        published=parse_date(_text(item.get("date_published"))),
        updated=parse_date(_text(item.get("date_modified"))),
        summary_html=html_from_text(clean_text(summary)) or None,
        content_html=clean_text(content) or None,
        keywords=tuple(dict.fromkeys(_names(item.get("tags")))),
        language=_text(item.get("language")) or feed_language,
        feed_title=feed_title,
    )


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    found = holder.get("authors")
    people = found if isinstance(found, list) else []
    people = people or [holder.get("author")]
    names = (person.get("name") if isinstance(person, dict) else person for person in people)
    return tuple(dict.fromkeys(_names(names)))


def _names(values: object) -> Iterable[str]:
    if not isinstance(values, Iterable) or isinstance(values, str | dict):
        return
    for value in values:
        name = strip_markup(_text(value))
        if name:
            yield name


def _link(value: object, base: str) -> str | None:
    return absolute_url(base, _text(value).strip())


def _text(value: object) -> str:
    """A JSON string, or a number as one; "" for all else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
