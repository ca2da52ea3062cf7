"""Trees of text to lines: one line a paragraph, white space as single spaces, no markers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import lxml.html
from lxml.etree import ParserError, _Element

from transforms.extract.rules import rules
from transforms.web.markup import clean_text, one_line

_BLOCKS = frozenset(
    (
        "p", "head", "item", "quote", "row", "list", "table", "div", "lb", "body", "h1", "h2",
        "h3", "h4", "h5", "h6", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "br", "tr",
        "section", "article", "header", "main", "pre", "hr", "aside", "address",
    )
)  # fmt: skip
_SILENT = frozenset(
    ("script", "style", "noscript", "figure", "figcaption", "iframe", "svg", "form", "button")
)
_BREAK = "\n"
_QUOTE_MARKS = re.compile('["“”„«»]')
_SENTENCE_END = re.compile('[.!?:]["”’»)]*$')
_LONG_LINE = 60
_BULLET = re.compile(r"^(?:[•·▪◦‣●■►»]|[-–—*]\s)\s*")
_TABLE_BAR = re.compile(r"\s*\|\s*$")


def tree_lines(element: _Element) -> list[str]:
    """The lines of a tree, of HTML or of trafilatura's own elements."""
    text = "".join(_pieces(element))
    lines = (_TABLE_BAR.sub("", one_line(line)) for line in clean_text(text).split(_BREAK))
    return [line for raw in lines if (line := _BULLET.sub("", raw).strip())]


def html_lines(html: str | None) -> list[str]:
    """The lines of an HTML fragment, as feeds carry it."""
    if not html or not html.strip():
        return []
    try:
        tree = lxml.html.fragment_fromstring(clean_text(html), create_parent="div")
    except (ParserError, ValueError):
        return [one_line(html)]
    return tree_lines(tree)


def _pieces(root: _Element) -> Iterator[str]:
    """Texts in order; line ends around blocks. Without recursion: pages nest as they like."""
    waiting: list[tuple[_Element, bool]] = [(root, False)]
    while waiting:
        element, is_left = waiting.pop()
        is_named = isinstance(element.tag, str)
        is_block = is_named and element.tag.lower() in _BLOCKS
        if is_left:
            yield _BREAK if is_block else (" " if element.tag in ("cell", "td", "th") else "")
            yield _tail(element, root)
            continue
        if not is_named or element.tag.lower() in _SILENT:
            yield _tail(element, root)
            continue
        if is_block:
            yield _BREAK
        yield (element.text or "").replace(_BREAK, " ")
        waiting.append((element, True))
        waiting.extend((child, False) for child in reversed(element))


def _tail(element: _Element, root: _Element) -> str:
    return "" if element is root else (element.tail or "").replace(_BREAK, " ")


def without_furniture(lines: Iterable[str]) -> list[str]:
    """Drop lines of the page that are not the article's, and a long line's direct repeat."""
    kept: list[str] = []
    is_list = False  # of links to other articles, opened by a heading
    for line in lines:
        is_list = opens_link_list(line) or (is_list and _is_like_headline(line))
        is_repeat = kept[-1:] == [line] and len(line) > _LONG_LINE
        if not (is_list or is_repeat or is_furniture(line)):
            kept.append(line)
    return kept


def is_furniture(line: str) -> bool:
    """Whether a line is a link to other articles, a plea for subscriptions, a notice of rights …"""
    if _QUOTE_MARKS.search(line) or line.count(" ") >= rules().furniture_max_words:
        return False
    return rules().furniture.match(line) is not None


def opens_link_list(line: str) -> bool:
    """Whether a line is a heading over links to other articles."""
    return rules().furniture_headings.match(line) is not None


def _is_like_headline(line: str) -> bool:
    is_short = line.count(" ") < rules().furniture_follower_words
    return is_short and not _SENTENCE_END.search(line)


def count_words(lines: Iterable[str]) -> int:
    """How many words these lines have."""
    return sum(len(line.split()) for line in lines)
