"""The feed files of miniflux and gofeed: what parses, what does not, and what gofeed expects."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.errors import ParseError
from schemas.flow import FeedEntry, ParsedFeed
from transforms.feed_dates import parse_date
from transforms.parse_feeds import parse_feed
from transforms.web.markup import strip_markup

_URL = "http://example.org/feed.xml"
_EXPECTED = "_expected.json"


@dataclass
class FeedReport:
    """What came of one collection's files."""

    files: int = 0
    parsed: Counter[str] = field(default_factory=Counter)  # by format
    malformed: list[tuple[str, str]] = field(default_factory=list)  # file, problem
    failed: list[tuple[str, str]] = field(default_factory=list)
    agreed: Counter[str] = field(default_factory=Counter)  # by field
    expected: Counter[str] = field(default_factory=Counter)
    differing: list[tuple[str, str, str, str]] = field(default_factory=list)


def check_feeds(folder: Path) -> FeedReport:
    """Parse every feed file under a folder; compare where gofeed says what is in it."""
    report = FeedReport()
    for path in _feed_files(folder):
        report.files += 1
        name = str(path.relative_to(folder))
        try:
            parsed = parse_feed(path.read_bytes(), url=_URL)
        except ParseError as error:
            report.failed.append((name, error.message))
            continue
        report.parsed[parsed.format] += 1
        if parsed.problem:
            report.malformed.append((name, parsed.problem))
        _compare(report, name, parsed, _expectation(path))
    return report


def _feed_files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*.xml"))
    for path in sorted(folder.rglob("*.json")):
        holds_feeds = {"json", "universal"} & set(path.parent.parts)
        if holds_feeds and not path.name.endswith(_EXPECTED):
            yield path


def _expectation(path: Path) -> dict[str, Any]:
    """The universal form that gofeed expects; {} where there is none."""
    if path.suffix == ".json":
        beside = path.with_name(path.stem + _EXPECTED)
    else:
        beside = path.with_suffix(".json")
    if "translator" not in path.parts or not beside.exists():
        return {}
    found: dict[str, Any] = json.loads(beside.read_text("utf-8"))
    return found


def _compare(report: FeedReport, name: str, parsed: ParsedFeed, wanted: dict[str, Any]) -> None:
    if not wanted:
        return
    items = wanted.get("items") or []
    _note(report, name, "entries", len(items), len(parsed.entries))
    if wanted.get("title"):
        _note(report, name, "feed title", strip_markup(wanted["title"]), parsed.title)
    for item, entry in zip(items, parsed.entries, strict=False):
        for what, (expected, got) in _fields(item, entry).items():
            if expected:
                _note(report, name, what, expected, got)


def _fields(item: dict[str, Any], entry: FeedEntry) -> dict[str, tuple[Any, Any]]:
    people = [person.get("name") for person in item.get("authors") or () if person.get("name")]
    return {
        "title": (strip_markup(item.get("title")), entry.title),
        "link": (item.get("link"), entry.link),
        "id": (item.get("guid"), entry.entry_id),
        "published": (parse_date(item.get("publishedParsed")), entry.published),
        "updated": (parse_date(item.get("updatedParsed")), entry.updated),
        "authors": (people, [name for name in entry.authors if name]),
        "categories": (item.get("categories"), list(entry.keywords)),
        "content": (bool(item.get("content")), bool(entry.content_html)),
        "summary": (bool(item.get("description")), bool(entry.summary_html)),
    }


def _note(report: FeedReport, name: str, what: str, expected: Any, got: Any) -> None:
    report.expected[what] += 1
    if expected == got:
        report.agreed[what] += 1
    else:
        report.differing.append((name, what, repr(expected), repr(got)))
