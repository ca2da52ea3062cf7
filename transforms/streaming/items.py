"""What the stages of a stream hand to the end of its windows, besides rows and files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from schemas.flow import EntryChange
from schemas.ids import stable_id
from schemas.rows import FeedRef, Fetch
from schemas.state import EntryRetry
from transforms.join_known import Wanted


@dataclass(frozen=True)
class News:
    """An entry that is new or changed, and the fetch of its feed that brought it."""

    change: EntryChange
    fetch_id: str


@dataclass(frozen=True)
class Update:
    """A row of the state; of two with one key the later one counts."""

    row: Any
    at: datetime


@dataclass(frozen=True)
class NewEntries:
    """So many entries of a feed's fetch named articles that nobody knew."""

    fetch_id: str
    count: int


@dataclass(frozen=True)
class RetryFact:
    """What a window says of one entry's next try; without a `retry` it has none."""

    feed_key: str
    key_hash: bytes
    retry: EntryRetry | None = None


@dataclass(frozen=True)
class Expected:
    """An article that was read in a window: the window's end has to find it."""

    wanted: Wanted


@dataclass(frozen=True)
class MoreRefs:
    """Entries through which a known article was found besides."""

    key: str  # of the article
    refs: tuple[FeedRef, ...]


def told_apart(row: Fetch) -> Fetch:
    """Give a row an id of its own: a window may ask for one address several times."""
    return replace(row, fetch_id=stable_id(row.fetch_id, row.fetched_at.isoformat()))
