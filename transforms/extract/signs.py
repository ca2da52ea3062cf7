"""Signs that a text is cut or that a page hides it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from transforms.extract.document import HtmlDocument
from transforms.extract.lines import count_words
from transforms.extract.rules import rules

_LAST_LINES = 2
_WHOLE_SHARE = 0.9


def is_truncated(lines: Sequence[str], announced: int = 0) -> bool:
    """Whether a text seems to be cut: by how it ends, or by how many words the page announces."""
    known = rules()
    if any(known.truncated_endings.search(line) for line in lines[-1:]):
        return True
    words = count_words(lines)
    missing = announced - words
    return missing >= known.announced_words and announced >= known.announced_factor * words


def ends_with_more_link(lines: Sequence[str]) -> bool:
    """Whether one of the last lines, before furniture was dropped, asks to read on elsewhere."""
    return any(rules().truncated_endings.search(line) for line in lines[-_LAST_LINES:])


def error_headline(document: HtmlDocument, words: int) -> str | None:
    """The headline of a page that a server shows instead of an article; None for an article."""
    if words > rules().error_max_words:
        return None
    headlines = [document.title, document.meta("og:title"), *document.headings[:1]]
    for headline in headlines:
        for part in re.split(r"\s[|–—-]\s", headline or ""):
            if rules().error_titles.match(part.strip()):
                return headline
    return None


def is_paywalled(document: HtmlDocument, words: int, announced: int) -> bool:
    """Whether a page seems to hide its text.

    The page's own word counts most (JSON-LD isAccessibleForFree, schema.org), unless the text is
    there all the same: as long as the page announces, or simply long. Markup and phrases count
    only beside a short text.
    """
    is_whole = words >= (_WHOLE_SHARE * announced if announced else rules().paywall_whole_words)
    if is_declared_paid(document) and not is_whole:
        return True
    if words >= rules().paywall_short_words:
        return False
    return _has_marker(document) or _asks_to_subscribe(document)


def is_declared_paid(document: HtmlDocument) -> bool:
    """Whether the page declares that it is not free to read."""
    article = document.article
    parts = article.get("hasPart")
    nodes = [article, *(parts if isinstance(parts, list) else [parts])]
    if any(
        isinstance(node, Mapping) and _is_false(node.get("isAccessibleForFree")) for node in nodes
    ):
        return True
    return (document.meta("article:content_tier") or "").lower() == "locked"


def _is_false(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() == "false")


def _has_marker(document: HtmlDocument) -> bool:
    marker = rules().paywall_markers
    for element in document.tree.iter("div", "section", "aside", "article", "p"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if marker.search(names):
            return True
    return False


def _asks_to_subscribe(document: HtmlDocument) -> bool:
    body = document.tree.find("body")
    text = " ".join(
        (document.tree if body is None else body).itertext("p", "div", "span", "h2", "h3", "a")
    )
    return rules().paywall_phrases.search(text[:200_000]) is not None
