"""What a run must know of earlier ones besides articles: feeds, their entries, robots.txt files.

`schemas.flow.KnownArticle` is the fifth kind. All of them are kept by key in the state's files
(`transforms.state`), which take their columns from these classes.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas.flow import Feed


@dataclass(frozen=True)
class FeedState:
    """What is known of one feed: how to ask for it, when next, and what came the last time."""

    key: str  # `feed_key` of the address as listed
    url: str  # as listed the last time
    fetch_url: str  # asked for: behind permanent redirects that held
    moved_to: str | None = None  # where permanent redirects lead, while they must still hold
    moved_passes: int = 0  # for how many passes they led there
    etag: str | None = None  # validators of the last answer (RFC 9110, 8.8)
    last_modified: str | None = None
    validators_lie: bool = False  # the server gave the same ones for another content
    body_hash: str | None = None  # hex SHA-256 of the last body
    signature: str | None = None  # of its entries: changes when one of them does
    model_version: str = ""  # with which all of its entries were last looked at
    entries: int = 0  # in it now
    last_fetch: datetime | None = None  # last try, UTC
    last_full_fetch: datetime | None = None  # last time that a body came
    last_change: datetime | None = None  # last time that its entries were others
    pace_s: float | None = None  # smoothed seconds between two changes
    ttl_s: float | None = None  # the publisher does not want to be asked more often
    update_period_s: float | None = None  # how often the publisher says to publish
    next_fetch_at: datetime | None = None
    failure_score: float = 0.0  # weighted failures in a row
    last_problem: str | None = None  # of the last try, in words; None: it went well
    gone_since: datetime | None = None  # status 410: never asked again unless forced


@dataclass(frozen=True)
class FeedContents:
    """The entries that are in a feed now."""

    key: str  # of the feed
    marks: bytes  # 16 bytes an entry: 8 of the hash of its article's key, 8 of its own hash


@dataclass(frozen=True)
class EntryRetry:
    """An entry that did not become an article and has to be tried again."""

    key_hash: bytes  # first 8 bytes of the hash of its article's key
    attempts: int
    next_try_at: datetime  # UTC


@dataclass(frozen=True)
class FeedRetries:
    """The entries of one feed that have to be tried again; none: the feed's row is deleted."""

    key: str  # of the feed
    retries: tuple[EntryRetry, ...] = ()


@dataclass(frozen=True)
class RobotsFile:
    """One site's robots.txt as it was had; `body` is None where there is none: all is allowed."""

    site: str  # address of the file
    fetched_at: datetime  # UTC
    body: bytes | None = None


@dataclass(frozen=True)
class FeedTask:
    """One feed that is due, with all that is needed to ask for it and to judge what comes."""

    feed: Feed
    state: FeedState
    model_version: str  # of this pass
    is_full: bool  # without validators: a body must come
    takes_all: bool  # every entry goes on, known or not: the model is another
    retries: tuple[EntryRetry, ...] = ()
