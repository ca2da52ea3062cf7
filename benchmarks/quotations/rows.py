"""The small rows that corpora, baselines and the component are brought to before scoring."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True)
class Attribution:
    """One quotation: gold, or found. All offsets are characters of the text."""

    spans: tuple[Span, ...]  # content
    source: tuple[Span, ...]  # the source's words; empty where there is none
    kind: str = ""  # direct, mixed, indirect; of gold: marked, speech, other
    name: str | None = None  # the speaker's name, where it was resolved
    speaker_id: str = ""  # of gold: the speaker's id in the news corpus
    difficulty: str = ""  # of gold: what makes it hard
    confidence: float = 0.0
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Text:
    """A text with the attributions of one annotator or system."""

    id: str
    text: str
    attributions: tuple[Attribution, ...]


def overlap(one: tuple[Span, ...], other: tuple[Span, ...]) -> float:
    """Intersection over union of two lists of spans, in characters: over-long spans cost."""
    ours = {i for start, end in one for i in range(start, end)}
    theirs = {i for start, end in other for i in range(start, end)}
    return len(ours & theirs) / max(1, len(ours | theirs))


def trimmed(text: str, span: Span) -> Span:
    """Take white space and quotation marks off both ends of a span."""
    start, end = span
    while start < end and (text[start].isspace() or text[start] in MARKS):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in MARKS):
        end -= 1
    return start, end


MARKS = "\"“”„«»‘’'"
EDGE = ",.;:!?…—–- " + MARKS
"""What scoring takes off both ends of a content: whether a comma belongs to it is a convention."""


def bare(text: str, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Take what is convention off both ends of every span; drop what is empty then."""
    found = []
    for start, end in spans:
        while start < end and text[start] in EDGE:
            start += 1
        while end > start and text[end - 1] in EDGE:
            end -= 1
        if end > start:
            found.append((start, end))
    return tuple(found)
