"""Bodies that advertisements cut into several containers, of which extraction found only one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import html
from lxml.html import HtmlElement

from transforms.web.markup import one_line

_LONG = 40  # characters of a paragraph that counts
_KEY = 60  # letters by which a paragraph is recognized
_NOT_A_LETTER = re.compile(r"\W+")
_MIN_PARAGRAPHS = 3
_MIN_WORDS = 100


@dataclass
class _Part:
    """One container and its long paragraphs."""

    element: HtmlElement
    paragraphs: list[str] = field(default_factory=list)


def gather_scattered(tree: HtmlElement, lines: Iterable[str]) -> HtmlElement | None:
    """Bring the containers of a scattered body together in a tree of their own.

    Containers belong together where they have the same element name and class inside the same
    `article` element. None where nothing of weight is missing from `lines`.
    """
    known = _letters(" ".join(lines))
    for parts in _containers(tree).values():
        missing = [part for part in parts if not _is_known(part, known)]
        texts = [text for part in missing for text in part.paragraphs]
        words = sum(len(text.split()) for text in texts)
        is_partly_known = 0 < len(missing) < len(parts)
        if is_partly_known and len(texts) >= _MIN_PARAGRAPHS and words >= _MIN_WORDS:
            return _merged(part.element for part in parts)
    return None


def _containers(tree: HtmlElement) -> dict[tuple[HtmlElement, str, str], list[_Part]]:
    found: dict[HtmlElement, _Part] = {}
    groups: dict[tuple[HtmlElement, str, str], list[_Part]] = defaultdict(list)
    for paragraph, text in _long_paragraphs(tree):
        container = paragraph.getparent()
        if container not in found:
            name = (container.get("class") or "").strip()
            article = next(container.iterancestors("article"), None)
            found[container] = _Part(container)
            if name and article is not None:
                groups[article, container.tag, name].append(found[container])
        found[container].paragraphs.append(text)
    return groups


def _long_paragraphs(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    for paragraph in tree.iter("p"):
        text = one_line(paragraph.text_content())
        if len(text) > _LONG and paragraph.getparent() is not None:
            yield paragraph, text


def _is_known(part: _Part, known: str) -> bool:
    return any(_letters(text)[:_KEY] in known for text in part.paragraphs)


def _letters(text: str) -> str:
    return _NOT_A_LETTER.sub("", text)


def _merged(elements: Iterable[HtmlElement]) -> HtmlElement:
    page = html.document_fromstring("<html><body><article><div></div></article></body></html>")
    inner = page.find(".//div")
    assert inner is not None  # it stands in the line above
    for element in elements:
        inner.set("class", element.get("class"))
        for child in element:
            inner.append(deepcopy(child))
    return page
