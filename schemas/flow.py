"""What flows between the stages before it becomes a row: Feed → FeedEntry → ArticleRequest → Page.

`AnnotatedArticle` is the end of the way: an article row with all that hangs on it.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas.rows import Article, Entity, FeedRef, Mention, Quote


@dataclass(frozen=True)
class Feed:
    """A feed somebody listed."""

    url: str  # as listed, http or https
    title: str | None = None  # from OPML
    listed_in: str | None = None  # file that lists it; None: the command line


@dataclass(frozen=True)
class FeedEntry:
    """One entry of one feed, as the feed gives it; HTML is not yet stripped."""

    feed_url: str  # address of the feed as listed
    entry_id: str  # guid, atom:id, JSON Feed id; the link, or a hash of the entry, without one
    link: str | None = None  # absolute http(s) address of the article
    title: str | None = None  # plain text
    authors: tuple[str, ...] = ()
    published: datetime | None = None  # UTC, as claimed: not yet believed
    updated: datetime | None = None  # UTC, as claimed
    summary_html: str | None = None  # description, atom:summary
    content_html: str | None = None  # content:encoded, atom:content, content_html or content_text
    keywords: tuple[str, ...] = ()
    section: str | None = None
    language: str | None = None  # of the entry, or of the feed
    feed_title: str | None = None


@dataclass(frozen=True)
class ParsedFeed:
    """What a feed document gave."""

    entries: tuple[FeedEntry, ...]  # in document order
    title: str | None = None
    format: str = "unknown"  # rss20, rss091, rdf, atom10, json11 …
    problem: str | None = None  # why it is malformed; None: well-formed
    ttl_s: float | None = None  # RSS: the publisher does not want to be asked more often
    update_period_s: float | None = None  # sy:updatePeriod and sy:updateFrequency


@dataclass(frozen=True)
class EntryChange:
    """An entry that is new in its feed, has changed there, or has to be tried again."""

    key: str  # of its article: the normalized link, or "entry:" and a hash
    entry: FeedEntry
    feed_key: str = ""  # of the feed, as the state knows it
    is_new: bool = True  # its feed did not carry it before
    is_changed: bool = False  # it is another than before, or is tried again
    attempts: int = 0  # passes in which it did not become an article


@dataclass(frozen=True)
class KnownArticle:
    """What earlier runs know of an article."""

    article_id: str
    normalized_link: str  # normalized address of the feed entry: how it is found again
    revision: int  # the last one written
    content_hash: str  # of the last text
    model_version: str  # that annotated it last
    entry_hash: str  # of the feed entry (or entries) that last led to a fetch
    last_seen: datetime  # when a feed carried it, as far as the state was merged since
    feed_refs: tuple[FeedRef, ...] = ()  # all entries through which it was found so far


@dataclass(frozen=True)
class ArticleRequest:
    """One article to fetch: the entries that name the same normalized link, brought together."""

    key: str  # normalized link, or "entry:" and a hash where the entry has no link
    entry: FeedEntry  # the entry that carries most
    feed_refs: tuple[FeedRef, ...]  # all entries that led here
    entry_hash: str  # changes when the publisher changes an entry
    known: KnownArticle | None = None  # from earlier runs
    is_changed: bool = False  # an entry is another than when its feed last came, or a second try


@dataclass(frozen=True)
class Page:
    """A retrieved page; `body` is None where the page could not be had and the feed must do."""

    request: ArticleRequest
    fetched_at: datetime  # UTC
    final_url: str | None = None  # after redirects; None: nothing was fetched
    status: int | None = None
    content_type: str | None = None  # media type with parameters, as sent
    body: bytes | None = None  # decoded from transfer and content encoding, not from the charset
    raw_ref: str | None = None  # where the body is archived


@dataclass(frozen=True)
class Lineage:
    """What every row says of its origin."""

    run_id: str
    pipeline_version: str  # of newsbeam
    model_version: str  # name-version of the language pipeline; "" where none was applied
    article_id: str = ""  # of the article the rows hang on
    revision: int = 1


@dataclass(frozen=True)
class AnnotatedArticle:
    """An article and what was found in it; all four lists are in the text's order."""

    article: Article
    entities: tuple[Entity, ...] = ()
    mentions: tuple[Mention, ...] = ()
    quotes: tuple[Quote, ...] = ()
