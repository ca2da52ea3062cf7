"""Rows for tests: valid ones, of which a test names only what matters to it."""

from datetime import UTC, datetime
from typing import Any

from schemas.flow import ArticleRequest, EntryChange, Feed, FeedEntry, KnownArticle, Lineage
from schemas.ids import sha256_hex
from schemas.rows import Article, Entity, Failure, FeedRef, Fetch, Mention, Quote, Span
from schemas.state import FeedState, FeedTask

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
LINEAGE = Lineage("run-1", "0.1.0", "en_test-1", "a1", 1)


def article(**fields: Any) -> Article:
    text = fields.pop("text_content", "Rain fell on Leith.")
    defaults: dict[str, Any] = {
        "article_id": "a1",
        "revision": 1,
        "run_id": "run-1",
        "ingested_at": NOW,
        "text_content": text,
        "word_count": len(text.split()),
        "content_hash": sha256_hex(text),
        "text_extraction_method": "trafilatura",
        "language": "en",
        "pipeline_version": "0.1.0",
        "model_version": "en_test-1",
    }
    return Article(**(defaults | fields))


def quote(**fields: Any) -> Quote:
    defaults: dict[str, Any] = {
        "quote_id": "q1",
        "article_id": "a1",
        "revision": 1,
        "run_id": "run-1",
        "quote_text": "It rains.",
        "content_spans": (Span(start=1, end=10),),
        "quote_type": "direct",
        "attribution_method": "test",
        "confidence": 0.5,
        "canonical_quotation_hash": "h",
        "pipeline_version": "0.1.0",
        "model_version": "en_test-1",
    }
    return Quote(**(defaults | fields))


def entity(**fields: Any) -> Entity:
    defaults: dict[str, Any] = {
        "entity_id": "e1",
        "article_id": "a1",
        "revision": 1,
        "run_id": "run-1",
        "canonical_name": "Amina Orr",
        "entity_type": "person",
        "label": "PERSON",
        "mention_count": 1,
        "pipeline_version": "0.1.0",
        "model_version": "en_test-1",
    }
    return Entity(**(defaults | fields))


def mention(**fields: Any) -> Mention:
    defaults: dict[str, Any] = {
        "mention_id": "m1",
        "article_id": "a1",
        "revision": 1,
        "run_id": "run-1",
        "entity_id": "e1",
        "text": "Orr",
        "label": "PERSON",
        "mention_type": "name",
        "char_start": 0,
        "char_end": 3,
        "sentence_index": 0,
        "pipeline_version": "0.1.0",
        "model_version": "en_test-1",
    }
    return Mention(**(defaults | fields))


def fetch(**fields: Any) -> Fetch:
    defaults: dict[str, Any] = {
        "fetch_id": "f1",
        "run_id": "run-1",
        "target_type": "page",
        "requested_url": "https://example.org/a",
        "fetched_at": NOW,
        "outcome": "ok",
    }
    return Fetch(**(defaults | fields))


def failure(**fields: Any) -> Failure:
    defaults: dict[str, Any] = {
        "failure_id": "x1",
        "run_id": "run-1",
        "stage": "extract",
        "key": "https://example.org/a",
        "error_class": "extract_error",
        "message": "no text",
        "first_seen": NOW,
    }
    return Failure(**(defaults | fields))


def entry(**fields: Any) -> FeedEntry:
    defaults: dict[str, Any] = {
        "feed_url": "https://example.org/feed",
        "entry_id": "1",
        "link": "https://example.org/a",
    }
    return FeedEntry(**(defaults | fields))


def change(**fields: Any) -> EntryChange:
    item = fields.pop("entry", None) or entry()
    key = fields.pop("key", None) or item.link or "entry:1"
    return EntryChange(key, item, **({"feed_key": item.feed_url} | fields))


def feed_state(**fields: Any) -> FeedState:
    defaults: dict[str, Any] = {
        "key": "example.org/feed",
        "url": "https://example.org/feed",
        "fetch_url": "https://example.org/feed",
        "model_version": "en_test-1",
    }
    return FeedState(**(defaults | fields))


def task(**fields: Any) -> FeedTask:
    state = fields.pop("state", None) or feed_state()
    defaults: dict[str, Any] = {
        "feed": Feed(state.url),
        "state": state,
        "model_version": "en_test-1",
        "is_full": False,
        "takes_all": False,
    }
    return FeedTask(**(defaults | fields))


def known(**fields: Any) -> KnownArticle:
    defaults: dict[str, Any] = {
        "article_id": "a1",
        "normalized_link": "https://example.org/a",
        "revision": 1,
        "content_hash": "c1",
        "model_version": "en_test-1",
        "entry_hash": "e1",
        "last_seen": NOW,
    }
    return KnownArticle(**(defaults | fields))


def request(**fields: Any) -> ArticleRequest:
    item = fields.pop("entry", entry())
    defaults: dict[str, Any] = {
        "key": item.link or "entry:1",
        "entry": item,
        "feed_refs": (FeedRef(feed_url=item.feed_url, entry_id=item.entry_id, link=item.link),),
        "entry_hash": "e1",
    }
    return ArticleRequest(**(defaults | fields))


ROWS = {
    "articles": article,
    "entities": entity,
    "mentions": mention,
    "quotes": quote,
    "fetches": fetch,
    "failures": failure,
}
