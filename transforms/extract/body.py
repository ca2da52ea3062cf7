"""The body of an article's page: trafilatura, asked for precision first."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import trafilatura
from trafilatura.settings import Document

from schemas.errors import ExtractError
from transforms.extract.document import HtmlDocument, text_of
from transforms.extract.lines import count_words, tree_lines, without_furniture

# Its complaints become rows of `failures`.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

_ENOUGH_WORDS = 60
_SHARE_OF_ANNOUNCED = 0.6


def body_lines(document: HtmlDocument) -> list[str]:
    """The article's lines without page furniture; empty where there is no article.

    Precision mode misses whole articles now and then: where it gives few words, or far fewer than
    the page announces in its JSON-LD, the balanced and the recall mode are asked, too.
    """
    announced = announced_words(document)
    best: list[str] = []
    for lines in _attempts(document):
        if count_words(lines) > count_words(best):
            best = lines
        enough = max(_ENOUGH_WORDS, _SHARE_OF_ANNOUNCED * announced)
        if count_words(best) >= enough:
            break
    return best


def _attempts(document: HtmlDocument) -> Iterator[list[str]]:
    for precision, recall in ((True, False), (False, False), (False, True)):
        try:
            found = trafilatura.bare_extraction(
                document.tree,
                include_comments=False,
                favor_precision=precision,
                favor_recall=recall,
            )
        except (RecursionError, AttributeError, KeyError, IndexError, AssertionError) as error:
            raise ExtractError(f"trafilatura failed: {type(error).__name__}: {error}") from error
        if isinstance(found, Document):
            yield without_furniture(tree_lines(found.body))


def announced_words(document: HtmlDocument) -> int:
    """How many words the page says, in its JSON-LD, that the article has; 0 where it is silent."""
    article = document.article
    body = text_of(article.get("articleBody"))
    try:
        number = int(str(article.get("wordCount", "0")).strip() or 0)
    except ValueError:
        number = 0
    return len(body.split()) if body else max(0, min(number, 100_000))
