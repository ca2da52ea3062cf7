"""Pack articles for the page: an index to search in, and texts in parts that are opened on demand.

Both are JSON, compressed (gzip, which every browser can open by itself) and written as base64, so
that nothing of their content can be taken for markup. An index part holds columns:

- outlets, speakers: the strings that the columns of this part point to
- articles: id, outlet, title, authors, shown, published, url, section, words, quotes, flags, place
- quotes: id, article (in this part), text, kind, sure (hundredths), speaker (-1: none), said, flags

A text part is a list of articles in the index's order: text, entities, mentions and quotations with
their offsets, which count characters as Python does.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.export import web_address
from pipeline.report.articles import ReportArticle

KINDS = ("direct", "mixed", "indirect")
ID_LENGTH = 16  # hex digits that tell ids apart in the page
TEXT_CHARACTERS = 400_000  # of a text part
INDEX_QUOTES = 2_500  # of an index part
INDEX_ARTICLES = 1_500
ARTICLE_COLUMNS = (
    *("id", "outlet", "title", "authors", "shown", "published", "url", "section", "words"),
    *("quotes", "flags", "part", "slot"),
)
QUOTE_COLUMNS = ("id", "article", "text", "kind", "sure", "speaker", "said", "flags")
ARTICLE_FLAGS = ("truncation_suspected", "paywall_suspected", "is_copy")


@dataclass(frozen=True)
class Part:
    """A piece of data that goes into the page: `kind` is head, index or text."""

    kind: str
    number: int
    value: Any

    def packed(self) -> str:
        """Return the value as base64 of gzip of JSON."""
        body = json.dumps(self.value, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        return base64.b64encode(gzip.compress(body, compresslevel=6, mtime=0)).decode("ascii")


def pack_articles(articles: Iterable[ReportArticle]) -> Iterator[Part]:
    """Yield the parts of the index and of the texts; memory holds one of each."""
    index, texts = _Index(), _Texts()
    for item in articles:
        if texts.size >= TEXT_CHARACTERS:
            yield texts.part()
            texts = _Texts(texts.number + 1)
        if index.is_full:
            yield index.part()
            index = _Index(index.number + 1)
        index.add(item, texts.number, texts.add(item))
    yield texts.part()
    yield index.part()


@dataclass
class _Texts:
    number: int = 0
    size: int = 0
    articles: list[dict[str, Any]] = field(default_factory=list)

    def add(self, item: ReportArticle) -> int:
        """Take an article; return its place in this part."""
        self.size += len(item.article["text_content"])
        self.articles.append(_text_record(item))
        return len(self.articles) - 1

    def part(self) -> Part:
        return Part("text", self.number, self.articles)


def _text_record(item: ReportArticle) -> dict[str, Any]:
    article = item.article
    numbers = {entity["entity_id"]: n for n, entity in enumerate(item.entities)}
    return {
        "id": article["article_id"],
        "revision": article["revision"],
        "hash": article["content_hash"],
        "model": article["model_version"],
        "language": article["language"],
        "text": article["text_content"],
        "entities": [
            [e["canonical_name"], e["entity_type"], e["role"], e["mention_count"], e["aliases"]]
            for e in item.entities
        ],
        "mentions": [
            [m["char_start"], m["char_end"], numbers.get(m["entity_id"], -1), m["mention_type"]]
            for m in item.mentions
        ],
        "quotes": [_quote_record(quote) for quote in item.quotes],
    }


def _quote_record(quote: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": quote["quote_id"],
        "spans": [[span["start"], span["end"]] for span in quote["content_spans"]],
        "cue": _range(quote, "cue"),
        "speaker": _range(quote, "speaker"),
        "speaker_type": quote["speaker_mention_type"],
        "method": quote["attribution_method"],
        "confidence": quote["confidence"],
        "candidates": [[c["speaker"], round(c["probability"], 4)] for c in quote["candidates"]],
        "is_floating": quote["is_floating"],
    }


def _range(quote: dict[str, Any], name: str) -> list[int] | None:
    start, end = quote[f"{name}_start"], quote[f"{name}_end"]
    return None if start is None or end is None else [start, end]


@dataclass
class _Index:
    number: int = 0
    outlets: dict[str, int] = field(default_factory=dict)
    speakers: dict[str, int] = field(default_factory=dict)
    articles: list[tuple[Any, ...]] = field(default_factory=list)
    quotes: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.quotes) >= INDEX_QUOTES or len(self.articles) >= INDEX_ARTICLES

    def add(self, item: ReportArticle, part: int, slot: int) -> None:
        for quote in item.quotes:
            self.quotes.append(self._quote_row(quote))
        self.articles.append(self._article_row(item, part, slot))

    def _quote_row(self, quote: dict[str, Any]) -> tuple[Any, ...]:
        speaker = quote["speaker_canonical"]
        return (
            quote["quote_id"][:ID_LENGTH],
            len(self.articles),
            quote["quote_text"],
            KINDS.index(quote["quote_type"]) if quote["quote_type"] in KINDS else 0,
            round(quote["confidence"] * 100),
            -1 if speaker is None else self.speakers.setdefault(speaker, len(self.speakers)),
            quote["speaker_text"],
            list(quote["flags"]) or 0,
        )

    def _article_row(self, item: ReportArticle, part: int, slot: int) -> tuple[Any, ...]:
        article = item.article
        return (
            article["article_id"][:ID_LENGTH],
            self.outlets.setdefault(article["outlet"], len(self.outlets)),
            article["title"],
            list(article["authors"]),
            article["shown_at"],
            article["published"],
            web_address(article["url"] or article["original_url"]),
            article["section"],
            article["word_count"],
            len(item.quotes),
            [flag for flag in ARTICLE_FLAGS if article.get(flag)] or 0,
            part,
            slot,
        )

    def part(self) -> Part:
        value = {
            "outlets": list(self.outlets),
            "speakers": list(self.speakers),
            "articles": _columns(ARTICLE_COLUMNS, self.articles),
            "quotes": _columns(QUOTE_COLUMNS, self.quotes),
        }
        return Part("index", self.number, value)


def _columns(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return {name: list(column) for name, column in zip(names, columns, strict=True)}
