"""Brings the news corpus's articles to the rows that are scored."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.quotations.rows import Attribution, Text
from training.newscorpus_reader import GoldQuote, NewsArticle

PRONOUNS = frozenset(["he", "she", "they", "it", "who", "i", "we"])


def gold_text(article: NewsArticle) -> Text:
    """Give an article's quotations as gold attributions."""
    return Text(article.id, article.text, tuple(_attributions(article)))


def _attributions(article: NewsArticle) -> Iterator[Attribution]:
    for quote in article.quotes:
        yield Attribution(
            spans=quote.spans,
            source=quote.source_spans,
            kind=quote.kind,
            speaker_id=quote.speaker_id,
            difficulty=_difficulty(article, quote),
        )


def _difficulty(article: NewsArticle, quote: GoldQuote) -> str:
    words = " ".join(article.text[start:end] for start, end in quote.source_spans).lower()
    first, last = quote.spans[0][0], quote.spans[-1][1]
    if "\n" in article.text[first:last]:
        return "multi-paragraph"
    if quote.is_floating:
        return "floating"
    if words in PRONOUNS:
        return "pronoun"
    if any(
        start <= e.start and e.end <= end and e.id == quote.speaker_id
        for e in article.entities
        for start, end in quote.source_spans
    ):
        return "name beside"
    return "unnamed" if quote.speaker_id.startswith("x:") else "description"
