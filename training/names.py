"""Texts with named entities: the one form that every names corpus is brought to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

LABELS = ("PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT")
UNKNOWN = "?"  # a name whose class cannot be told: the model learns nothing there

NO_SPACE_BEFORE = frozenset(
    (
        ".",
        ",",
        ";",
        ":",
        "!",
        "?",
        ")",
        "]",
        "}",
        "%",
        "'",
        "’",
        "”",
        "»",
        "…",
        "'s",
        "’s",
        "n't",
        "n’t",
        "'m",
        "'re",
        "'ve",
        "'ll",
        "'d",
    )
)
NO_SPACE_AFTER = frozenset(("(", "[", "{", "$", "£", "€", "“", "‘", "«", "#", "@"))


@dataclass(frozen=True)
class Name:
    """One named entity: offsets into its text, and one of LABELS or UNKNOWN."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class NamedText:
    """A text and its names, in order, none overlapping another."""

    text: str
    names: tuple[Name, ...]


def join(parts: Sequence[NamedText], separator: str) -> NamedText:
    """Make one text of several."""
    offset, names = 0, list[Name]()
    for part in parts:
        names += (Name(n.start + offset, n.end + offset, n.label) for n in part.names)
        offset += len(part.text) + len(separator)
    return NamedText(separator.join(part.text for part in parts), tuple(names))


def from_words(words: Sequence[str], tags: Sequence[str], text: str | None = None) -> NamedText:
    """Build a text from words with B-/I- tags, found in `text` where the corpus gives it."""
    spans = _find_words(words, text) if text is not None else None
    if spans is None:
        text, spans = detokenize(words)
    assert text is not None
    names: list[Name] = []
    for index, tag in enumerate(tags):
        prefix, _, label = tag.partition("-")
        if prefix not in ("B", "I") or label in ("", "O"):
            continue
        start, end = spans[index]
        follows = index > 0 and tags[index - 1].partition("-")[2] == label
        if prefix == "I" and follows and names:
            names[-1] = Name(names[-1].start, end, label)
        else:
            names.append(Name(start, end, label))
    return NamedText(text, tuple(names))


def detokenize(words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Join words with the spaces that print would have; straight quotes open and close in turn."""
    text, spans, open_quote, glue = "", list[tuple[int, int]](), False, True
    for word in words:
        closes = word == '"' and open_quote
        if not (glue or closes or word in NO_SPACE_BEFORE):
            text += " "
        spans.append((len(text), len(text) + len(word)))
        text += word
        glue = word in NO_SPACE_AFTER or (word == '"' and not open_quote)
        if word == '"':
            open_quote = not open_quote
    return text, spans


def _find_words(words: Sequence[str], text: str) -> list[tuple[int, int]] | None:
    spans, position = list[tuple[int, int]](), 0
    for word in words:
        start = text.find(word, position)
        if start < 0 or text[position:start].strip():
            return None
        spans.append((start, position := start + len(word)))
    return spans


def to_document(named: NamedText, nlp: Language) -> Doc:
    """Tokenize a text and set its entities; unknown and misaligned names become missing values."""
    doc = nlp.make_doc(named.text)
    entities, missing = [], []
    for name in named.names:
        span = doc.char_span(name.start, name.end, label=name.label, alignment_mode="strict")
        if span is not None and name.label != UNKNOWN:
            entities.append(span)
            continue
        around = doc.char_span(name.start, name.end, alignment_mode="expand")
        if around is not None:
            missing.append(around)
    taken = {token.i for span in entities for token in span}
    unknown = sorted({token.i for span in missing for token in span} - taken)
    doc.set_ents(entities, missing=[doc[i : i + 1] for i in unknown], default="outside")
    return doc


def map_labels(named: NamedText, labels: dict[str, str | None]) -> NamedText:
    """Rename labels by a table; None drops the name, a label the table lacks becomes UNKNOWN."""
    names = (Name(n.start, n.end, labels.get(n.label, UNKNOWN) or "") for n in named.names)
    return NamedText(named.text, tuple(name for name in names if name.label))


def count_labels(texts: Iterable[NamedText]) -> dict[str, int]:
    """Count names by label."""
    counts: dict[str, int] = {}
    for text in texts:
        for name in text.names:
            counts[name.label] = counts.get(name.label, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))
