"""Reads the news corpus (`training/newscorpus/README.md`) into frozen rows with offsets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

ENTITY_KINDS = ("per", "org", "gpe", "loc", "fac", "norp", "event")
DEV_EVERY = 5  # articles whose number this divides are dev: never trained on

Span = tuple[int, int]  # start, end: Python indices into the article's text


@dataclass(frozen=True)
class GoldEntity:
    """A named entity as the annotator marked it."""

    start: int
    end: int
    kind: str  # one of ENTITY_KINDS
    id: str | None  # the same for the same person or organization throughout the article


@dataclass(frozen=True)
class GoldQuote:
    """One utterance: its content, the words of saying and the speaker's words."""

    id: str
    kind: str  # direct, mixed, indirect
    spans: tuple[Span, ...]  # content without marks, in order
    cue_spans: tuple[Span, ...]  # empty for a floating quotation
    source_spans: tuple[Span, ...]  # empty for a floating quotation
    speaker_id: str  # the id of a per or org; or "x:" and the words for somebody unnamed

    @property
    def is_floating(self) -> bool:
        """Whether the quotation has neither cue nor source of its own."""
        return not self.cue_spans and not self.source_spans


@dataclass(frozen=True)
class NewsArticle:
    """An annotated article; `text` is the headline and the paragraphs joined by line breaks."""

    id: str  # "h1-001": batch and number
    text: str
    paragraphs: tuple[Span, ...]  # of the text; the first is the headline
    entities: tuple[GoldEntity, ...]  # in order of start
    quotes: tuple[GoldQuote, ...]  # in order of their first span
    is_dev: bool  # held out: never trained on
    path: str  # the file it came from
    outlet: str = ""
    region: str = ""
    desk: str = ""

    @property
    def batch(self) -> str:
        """The letter and digit that name the article's batch ("h1")."""
        return self.id.partition("-")[0]

    def names_of(self, entity_id: str) -> tuple[str, ...]:
        """Give the article's own words for an entity, in order of appearance."""
        return tuple(self.text[e.start : e.end] for e in self.entities if e.id == entity_id)


def read_articles(folder: str | Path) -> Iterator[NewsArticle]:
    """Yield the articles of all XML files below `folder` (or of one file), in order of path."""
    root = Path(folder)
    paths = [root] if root.is_file() else sorted(root.rglob("*.xml"))
    if not paths:
        raise FileNotFoundError(
            f"no newscorpus files (*.xml) in {str(folder)!r}; give the newscorpus folder"
        )
    for path in paths:
        yield from parse_articles(path.read_bytes(), str(path))


def parse_articles(xml: bytes, path: str = "<string>") -> Iterator[NewsArticle]:
    """Yield the articles of one corpus file, given as its bytes."""
    for element in etree.fromstring(xml).iter("article"):
        yield parse_article(element, path)


def parse_article(element: etree._Element, path: str = "<string>") -> NewsArticle:
    """Turn one `article` element into a row."""
    flat = _Flattened()
    for block in element.iterchildren("headline", "p"):
        flat.add_block(block)
    article_id = str(element.get("id"))
    return NewsArticle(
        id=article_id,
        text=flat.text,
        paragraphs=tuple(flat.blocks),
        entities=tuple(
            sorted(
                (
                    GoldEntity(start, end, str(el.tag), el.get("id"))
                    for el, start, end in flat.found
                    if el.tag in ENTITY_KINDS
                ),
                key=lambda e: (e.start, e.end),
            )
        ),
        quotes=_quotes(flat.found),
        is_dev=is_dev_id(article_id),
        path=path,
        outlet=element.get("outlet", ""),
        region=element.get("region", ""),
        desk=element.get("desk", ""),
    )


def is_dev_id(article_id: str) -> bool:
    """Tell whether an article is held out: the number after the dash is divisible by five."""
    return int(article_id.rpartition("-")[2]) % DEV_EVERY == 0


class _Flattened:
    """The text of an article as it grows, and where each element stands in it."""

    def __init__(self) -> None:
        self.text = ""
        self.blocks: list[Span] = []
        self.found: list[tuple[etree._Element, int, int]] = []

    def add_block(self, block: etree._Element) -> None:
        if self.blocks:
            self.text += "\n"
        start = len(self.text)
        self._add(block)
        self.blocks.append((start, len(self.text)))

    def _add(self, element: etree._Element) -> None:
        start = len(self.text)
        self.text += _one_line(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self._add(child)
            self.text += _one_line(child.tail)
        self.found.append((element, start, len(self.text)))


def _one_line(text: str | None) -> str:
    return (text or "").replace("\n", " ")


def _quotes(found: Iterable[tuple[etree._Element, int, int]]) -> tuple[GoldQuote, ...]:
    parts: dict[str, list[etree._Element]] = {}
    spans: dict[tuple[str, str], list[Span]] = {}
    for element, start, end in found:
        if element.tag == "q":
            parts.setdefault(str(element.get("id")), []).append(element)
            spans.setdefault(("q", str(element.get("id"))), []).append((start, end))
        elif element.tag in ("cue", "src"):
            spans.setdefault((str(element.tag), str(element.get("q"))), []).append((start, end))
    quotes = [
        GoldQuote(
            id=quote_id,
            kind=str(elements[0].get("kind")),
            spans=tuple(sorted(spans["q", quote_id])),
            cue_spans=tuple(sorted(spans.get(("cue", quote_id), []))),
            source_spans=tuple(sorted(spans.get(("src", quote_id), []))),
            speaker_id=str(elements[0].get("speaker")),
        )
        for quote_id, elements in parts.items()
    ]
    return tuple(sorted(quotes, key=lambda quote: quote.spans[0]))
