"""The sample newsroom's articles and what is expected of them: content files into frozen rows.

A content file holds one article in the markup of the news corpus (training/newscorpus/README.md):
`<per id>`, `<org id>`, `<gpe>`, … for names, `<q id speaker kind>` for the content of quotations,
`<cue q>` and `<src q>` for the words of saying and the speaker's words. On top of that a `q` may
carry `flag="negated"` or `flag="hypothetical"`. `<standfirst>`, `<caption>` and `<credit>` (the
"Reporting by …" line at a text's end) are plain text; they stand on the page but not in the text.
"""

from __future__ import annotations

import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal

PageKind = Literal["full", "paywall", "cut", "player", "shell", "none"]

LABELS: Mapping[str, str] = {
    "per": "PERSON",
    "org": "ORG",
    "gpe": "GPE",
    "loc": "LOC",
    "fac": "FAC",
    "norp": "NORP",
    "event": "EVENT",
}
LAST_EDITION = 2


@dataclass(frozen=True)
class ExpectedMention:
    """One name; offsets index the article's `text_content`."""

    text: str
    label: str  # of spaCy's English set
    entity: str | None  # id within the article; None where the annotation gives none
    start: int
    end: int
    in_headline: bool = False


@dataclass(frozen=True)
class ExpectedQuote:
    """One utterance; offsets index the article's `text_content`."""

    quote_id: str
    text: str  # the spans' texts joined by one space
    kind: str  # direct, mixed, indirect
    spans: tuple[tuple[int, int], ...]  # without the marks, never over a line break
    cue: str | None  # words of saying; None where the quotation floats
    source: str | None  # the speaker's words next to the cue
    speaker: str | None  # the fullest name of the article; None for somebody unnamed
    cue_span: tuple[int, int] | None = None
    source_span: tuple[int, int] | None = None
    flags: frozenset[str] = frozenset()  # unnamed_speaker, negated, hypothetical
    is_floating: bool = False
    is_multi_paragraph: bool = False
    in_headline: bool = False


@dataclass(frozen=True)
class SampleArticle:
    """One edition of one article."""

    article_id: str  # c01, t01, m01: of this newsroom, not of the tables
    outlet: str  # courier, tribune, meridian
    slug: str
    edition: int  # first edition of the newsroom that carries this text
    desk: str
    language: str  # BCP 47
    authors: tuple[str, ...]
    published: datetime  # UTC
    modified: datetime  # UTC; the same where the article was not changed
    keywords: tuple[str, ...]
    page: PageKind  # what the page shows of the text
    headline: str
    standfirst: str
    caption: str | None
    credit: str | None
    paragraphs: tuple[str, ...]
    quotes: tuple[ExpectedQuote, ...] = field(repr=False)
    mentions: tuple[ExpectedMention, ...] = field(repr=False)

    @property
    def text_content(self) -> str:
        """Headline and paragraphs, a line each: what the pipeline is to write."""
        return "\n".join((self.headline, *self.paragraphs))


def expected_quotes(article: SampleArticle) -> tuple[ExpectedQuote, ...]:
    """The quotations of an article in the text's order."""
    return article.quotes


def load_articles(edition: int = 1) -> dict[str, SampleArticle]:
    """The articles of one edition (1 or 2) by id, in the order of their ids."""
    chosen: dict[str, SampleArticle] = {}
    for article in sorted(_all_articles(), key=lambda a: (a.article_id, a.edition)):
        if article.edition <= edition:
            chosen[article.article_id] = article
    return chosen


@cache
def load_newsroom() -> Mapping[str, Any]:
    """The outlets and feeds, as newsroom.toml gives them."""
    return tomllib.loads(_content().joinpath("newsroom.toml").read_text(encoding="utf-8"))


@cache
def load_template(name: str) -> str:
    """The text of one page template."""
    folder = resources.files("pipeline.newsroom").joinpath("templates")
    return folder.joinpath(f"{name}.html").read_text(encoding="utf-8")


def parse_article(xml: str, slug: str) -> SampleArticle:
    """One content file; ValueError names what is wrong in it."""
    root = ET.fromstring(xml)
    get = root.attrib.get
    reader = _Reader()
    headline = reader.read(_only(root, "headline"))
    paragraphs = [reader.read(paragraph) for paragraph in root.findall("p")]
    published = _utc(root.attrib["published"])
    modified = get("modified")
    return SampleArticle(
        article_id=root.attrib["id"],
        outlet=root.attrib["outlet"],
        slug=slug,
        edition=int(get("edition", "1")),
        desk=root.attrib["desk"],
        language=root.attrib["lang"],
        authors=tuple(root.attrib["byline"].split(" and ")),
        published=published,
        modified=_utc(modified) if modified else published,
        keywords=tuple(word.strip() for word in get("keywords", "").split(",") if word.strip()),
        page=get("page", "full"),  # type: ignore[arg-type]
        headline=headline,
        standfirst=_only(root, "standfirst").text or "",
        caption=root.findtext("caption"),
        credit=root.findtext("credit"),
        paragraphs=tuple(paragraphs),
        quotes=reader.quotes(),
        mentions=tuple(reader.mentions),
    )


@cache
def _all_articles() -> tuple[SampleArticle, ...]:
    return tuple(
        parse_article(file.read_text(encoding="utf-8"), _slug(file.name))
        for folder in _content().iterdir()
        if folder.is_dir()
        for file in folder.iterdir()
        if file.name.endswith(".xml")
    )


def _content() -> Traversable:
    return resources.files("pipeline.newsroom").joinpath("content")


def _slug(file_name: str) -> str:
    """The slug in a file name: c01-lorry-charge.xml, t01-school-vote.2.xml."""
    return file_name.split(".")[0].partition("-")[2]


def _only(root: ET.Element, tag: str) -> ET.Element:
    found = root.findall(tag)
    if len(found) != 1:
        raise ValueError(f"article {root.get('id')}: {len(found)} <{tag}> instead of one")
    return found[0]


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a date without a time zone: {text!r}")
    return moment


@dataclass
class _Piece:
    """A stretch of the headline or of one paragraph that an element encloses."""

    text: str
    start: int
    end: int
    line: int  # 0: the headline
    attributes: Mapping[str, str]

    @property
    def in_headline(self) -> bool:
        return self.line == 0


class _Reader:
    """Reads headline and paragraphs one after the other and keeps what is marked in them."""

    def __init__(self) -> None:
        self.mentions: list[ExpectedMention] = []
        self._contents: dict[str, list[_Piece]] = {}
        self._cues: dict[str, _Piece] = {}
        self._sources: dict[str, _Piece] = {}
        self._offset = 0
        self._line = 0

    def read(self, element: ET.Element) -> str:
        """The text of the next line; what is marked in it is kept."""
        text = self._walk(element, self._offset)
        if "\n" in text or text != text.strip():
            raise ValueError(f"line break or blank edge in a paragraph: {text[:40]!r}")
        self._offset += len(text) + 1
        self._line += 1
        return text

    def _walk(self, element: ET.Element, base: int) -> str:
        text = element.text or ""
        for child in element:
            start = base + len(text)
            inner = self._walk(child, start)
            self._keep(child, _Piece(inner, start, start + len(inner), self._line, child.attrib))
            text += inner + (child.tail or "")
        return text

    def _keep(self, element: ET.Element, piece: _Piece) -> None:
        if element.tag in LABELS:
            self.mentions.append(
                ExpectedMention(
                    text=piece.text,
                    label=LABELS[element.tag],
                    entity=element.get("id"),
                    start=piece.start,
                    end=piece.end,
                    in_headline=piece.in_headline,
                )
            )
        elif element.tag == "q":
            self._contents.setdefault(element.attrib["id"], []).append(piece)
        elif element.tag == "cue":
            self._cues[element.attrib["q"]] = piece
        elif element.tag == "src":
            self._sources[element.attrib["q"]] = piece
        else:
            raise ValueError(f"unknown element <{element.tag}>")

    def quotes(self) -> tuple[ExpectedQuote, ...]:
        """The quotations in the text's order."""
        stray = (self._cues.keys() | self._sources.keys()) - self._contents.keys()
        if stray:
            raise ValueError(f"cue or src of unknown quotations: {sorted(stray)}")
        found = [self._quote(quote_id, pieces) for quote_id, pieces in self._contents.items()]
        return tuple(sorted(found, key=lambda quote: quote.spans))

    def _quote(self, quote_id: str, pieces: list[_Piece]) -> ExpectedQuote:
        cue, source = self._cues.get(quote_id), self._sources.get(quote_id)
        speaker = self._canonical(pieces[0].attributes["speaker"])
        flags = {flag for piece in pieces if (flag := piece.attributes.get("flag"))}
        if speaker is None:
            flags.add("unnamed_speaker")
        return ExpectedQuote(
            quote_id=quote_id,
            text=" ".join(piece.text for piece in pieces),
            kind=pieces[0].attributes["kind"],
            spans=tuple((piece.start, piece.end) for piece in pieces),
            cue=cue.text if cue else None,
            source=source.text if source else None,
            speaker=speaker,
            cue_span=(cue.start, cue.end) if cue else None,
            source_span=(source.start, source.end) if source else None,
            flags=frozenset(flags),
            is_floating=cue is None and source is None,
            is_multi_paragraph=len({piece.line for piece in pieces}) > 1,
            in_headline=pieces[0].in_headline,
        )

    def _canonical(self, speaker: str) -> str | None:
        """The fullest name of an id: most words, then most letters, then the first."""
        if speaker.startswith("x:"):
            return None
        names = list(self._names(speaker))
        if not names:
            raise ValueError(f"a speaker who is not named in the article: {speaker}")
        return max(names, key=lambda name: (len(name.split()), len(name)))

    def _names(self, entity: str) -> Iterator[str]:
        return (mention.text for mention in self.mentions if mention.entity == entity)
