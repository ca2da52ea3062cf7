"""The body of an article's page: trafilatura, asked for precision first."""

from __future__ import annotations

import logging
from enum import Enum

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import Document

from schemas.errors import ExtractError
from transforms.extract.document import HtmlDocument, text_of
from transforms.extract.lines import count_words, tree_lines, without_furniture
from transforms.extract.scattered import gather_scattered

# Its complaints become rows of `failures`.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


class _Mode(Enum):
    PRECISION = 1
    BALANCED = 2
    RECALL = 3


_MODES = (_Mode.PRECISION, _Mode.BALANCED, _Mode.RECALL)
_ENOUGH_WORDS = 60
_SHARE_OF_ANNOUNCED = 0.6


def body_lines(document: HtmlDocument) -> list[str]:
    """The article's lines without page furniture; empty where there is no article.

    Precision mode misses whole articles now and then: where it gives few words, or far fewer than
    the page announces in its JSON-LD, the balanced and the recall mode are asked, too.
    """
    enough = max(_ENOUGH_WORDS, _SHARE_OF_ANNOUNCED * announced_words(document))
    best: list[str] = []
    for mode in _MODES:
        lines = _extract(document.tree, mode)
        if count_words(lines) > count_words(best):
            best = lines
        if count_words(best) >= enough:
            break
    scattered = gather_scattered(document.tree, best) if best else None
    if scattered is None:
        return best
    whole = _extract(scattered, _MODES[0])
    return whole if count_words(whole) > count_words(best) else best


def _extract(tree: HtmlElement, mode: _Mode) -> list[str]:
    try:
        found = trafilatura.bare_extraction(
            tree,
            include_comments=False,
            favor_precision=mode is _Mode.PRECISION,
            favor_recall=mode is _Mode.RECALL,
        )
    except (RecursionError, AttributeError, KeyError, IndexError, AssertionError) as error:
        raise ExtractError(f"trafilatura failed: {type(error).__name__}: {error}") from error
    return without_furniture(tree_lines(found.body)) if isinstance(found, Document) else []


def announced_words(document: HtmlDocument) -> int:
    """How many words the page says, in its JSON-LD, that the article has; 0 where it is silent."""
    article = document.article
    body = text_of(article.get("articleBody"))
    try:
        number = int(str(article.get("wordCount", "0")).strip() or 0)
    except ValueError:
        number = 0
    return len(body.split()) if body else max(0, min(number, 100_000))
