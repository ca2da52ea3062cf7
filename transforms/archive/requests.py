"""An article's request as JSON and back: what a page's archive record says of its feed entry."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from typing import Any

from schemas.flow import ArticleRequest, FeedEntry
from schemas.rows import FeedRef
from transforms.urls import normalize_url

_DATES = ("published", "updated")
_TUPLES = ("authors", "keywords")


def request_json(request: ArticleRequest) -> bytes:
    """Write a request as JSON; what earlier runs know of the article is left out."""
    fields = {
        "key": request.key,
        "entry_hash": request.entry_hash,
        "entry": dataclasses.asdict(request.entry),
        "feed_refs": [dataclasses.asdict(ref) for ref in request.feed_refs],
    }
    return json.dumps(fields, default=datetime.isoformat, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def request_from_json(body: bytes) -> ArticleRequest:
    """Read what `request_json` wrote; fields that this version does not know are left out.

    Raises ValueError where it is something else.
    """
    try:
        fields = json.loads(body.decode("utf-8", "surrogatepass"))
        return ArticleRequest(
            key=fields["key"],
            entry=_entry(fields["entry"]),
            feed_refs=tuple(FeedRef(**ref) for ref in fields["feed_refs"]),
            entry_hash=fields["entry_hash"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no request of newsbeam: {error}") from error


def foreign_request(url: str) -> ArticleRequest:
    """Return the request of a page that no feed led to."""
    return ArticleRequest(
        key=normalize_url(url),
        entry=FeedEntry(feed_url="", entry_id=url, link=url),
        feed_refs=(),
        entry_hash="",
    )


def _entry(fields: dict[str, Any]) -> FeedEntry:
    known = {field.name for field in dataclasses.fields(FeedEntry)}
    values = {name: value for name, value in fields.items() if name in known}
    for name in _DATES:
        if values.get(name):
            values[name] = datetime.fromisoformat(values[name])
    for name in _TUPLES:
        values[name] = tuple(values.get(name) or ())
    return FeedEntry(**values)
