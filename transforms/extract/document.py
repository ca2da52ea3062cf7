"""An HTML page, parsed once: its tree, its meta elements, its JSON-LD article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import trafilatura
from lxml.html import HtmlElement

from schemas.errors import ExtractError
from transforms.web.markup import one_line, strip_markup

MAX_ELEMENTS = 40_000  # trafilatura takes seconds for more; articles have some thousands
_MAX_JSON_NODES = 2_000
_ARTICLE_TYPES = re.compile(r"(?:Article|BlogPosting|Report|Review)$")
_JSON_NOISE = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


@dataclass(frozen=True)
class HtmlDocument:
    """What the extractors look at."""

    tree: HtmlElement
    metas: Mapping[str, tuple[str, ...]]  # by name, property or itemprop in lower case
    article: Mapping[str, Any] = field(default_factory=dict)  # the JSON-LD article, or empty
    canonical: str | None = None
    language: str | None = None  # of the html element
    title: str | None = None  # of the title element
    headings: tuple[str, ...] = ()  # the h1 elements' texts

    def meta(self, *names: str) -> str | None:
        """The first of these meta elements that says something."""
        for name in names:
            for value in self.metas.get(name, ()):
                if value:
                    return value
        return None


def parse_document(html: str) -> HtmlDocument:
    """Parse a page; ExtractError where it is no HTML at all, or too much of it."""
    tree = trafilatura.load_html(html)
    if tree is None:
        raise ExtractError("the page is not HTML, or empty")
    elements = sum(1 for _ in tree.iter())
    if elements > MAX_ELEMENTS:
        raise ExtractError(f"the page has {elements} elements, more than {MAX_ELEMENTS}")
    return HtmlDocument(
        tree=tree,
        metas=_metas(tree),
        article=_find_article(tree),
        canonical=next(_canonicals(tree), None),
        language=one_line(tree.get("lang") or tree.get("xml:lang")) or None,
        title=next((one_line(e.text_content()) for e in tree.iter("title")), None) or None,
        headings=tuple(text for e in tree.iter("h1") if (text := one_line(e.text_content()))),
    )


def _metas(tree: HtmlElement) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for element in tree.iter("meta"):
        value = one_line(element.get("content"))
        for attribute in ("name", "property", "itemprop"):
            name = (element.get(attribute) or "").strip().lower()
            if name and value:
                found[name] = (*found.get(name, ()), value)
    return found


def _canonicals(tree: HtmlElement) -> Iterator[str]:
    for element in tree.iter("link"):
        if (element.get("rel") or "").strip().lower() == "canonical" and element.get("href"):
            yield element.get("href").strip()


def _find_article(tree: HtmlElement) -> Mapping[str, Any]:
    """The JSON-LD node that describes the article: of an article type, with most to say."""
    nodes = [node for block in _json_blocks(tree) for node in _nodes(block)]
    articles = [node for node in nodes if _is_article(node)]
    telling = ("headline", "datePublished", "author", "articleBody")
    return max(articles, key=lambda node: sum(key in node for key in telling), default={})


def _json_blocks(tree: HtmlElement) -> Iterator[Any]:
    for element in tree.iter("script"):
        if "ld+json" not in (element.get("type") or "").lower():
            continue
        text = _JSON_NOISE.sub("", element.text or "")
        for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
            try:
                yield json.loads(attempt, strict=False)
                break
            except (ValueError, RecursionError):
                continue


def _nodes(block: Any) -> Iterator[Mapping[str, Any]]:
    waiting, seen = [block], 0
    while waiting and seen < _MAX_JSON_NODES:
        node = waiting.pop(0)
        seen += 1
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            yield node
            for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"):
                if isinstance(node.get(key), dict | list):
                    waiting.append(node[key])


def _is_article(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _ARTICLE_TYPES.search(kind) for kind in kinds)


def text_of(value: Any) -> str:
    """The plain text of a JSON-LD value: a string, or the name of an object."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str | dict)), None)
        return text_of(value) if value is not None else ""
    return strip_markup(value) if isinstance(value, str) else ""


def texts_of(value: Any) -> list[str]:
    """All plain texts of a JSON-LD value that may be a list."""
    values = value if isinstance(value, list) else [value]
    return [text for item in values if (text := text_of(item))]
