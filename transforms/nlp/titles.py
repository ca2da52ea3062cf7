"""Titles of works in marks: the film “Glass Rain”, on Radio Orwell’s “Morning Call”; headings."""

from __future__ import annotations

from transforms.nlp.knowledge import word_groups
from transforms.nlp.layout import Layout

_WORDS = word_groups("work_words.tsv")
_SMALL = frozenset(
    ["a", "an", "the", "and", "or", "of", "for", "in", "on", "at", "to", "with", "by", "from", "’s"]
)
_PLACES = frozenset(["of", "on", "in", "from"])  # an episode of “Glass Rain”, on “Meet the Press”
MIN_PLACED = 2  # words of a title that only a preposition stands before
MAX_CROSSHEAD = 60  # characters
MAX_NEAR = 12  # marked spans on either side of a heading that show the text's marks
MAX_TITLE = 10  # words


def is_title(layout: Layout, number: int) -> bool:
    """Whether a span is the title of a work: capitalized, beside a word for works or its maker.

    “Glass Rain” by Ana Diaz is one, and so is Diaz’s “Glass Rain”.
    """
    first, stop = layout.marked_tokens[number]
    words = [i for i in range(first, stop) if layout.lower[i][:1].isalnum()]
    if not 0 < len(words) <= MAX_TITLE or not _is_capitalized(layout, words):
        return False
    outer_first, outer_stop = layout.outer_tokens[number]
    if _is_by_somebody(layout, outer_stop):
        return True
    before = outer_first - 1
    if before < 0 or layout.line_break[before]:
        return _is_behind(layout, outer_stop)
    if layout.lower[before] in _WORDS["before"] or _is_behind(layout, outer_stop):
        return True
    if layout.lower[before] in _PLACES and before:
        work = layout.lower[before - 1] in _WORDS["before"]
        return work or len(words) >= MIN_PLACED
    return layout.tag[before] == "POS" and layout.tag[before - 1] in ("NNP", "NNPS")


def _is_behind(layout: Layout, index: int) -> bool:
    return index < layout.length and layout.lower[index] in _WORDS["after"]


def _is_by_somebody(layout: Layout, index: int) -> bool:
    return layout.lower[index : index + 1] == ["by"] and layout.tag[index + 1 : index + 2] == [
        "NNP"
    ]


def _is_capitalized(layout: Layout, words: list[int]) -> bool:
    large = [i for i in words if layout.lower[i] not in _SMALL or i == words[0]]
    return all(not layout.word(i)[0].islower() for i in large)


def is_crosshead(layout: Layout, number: int) -> bool:
    """Whether a span is a heading: a few words, alone, in other marks than the text has."""
    span = layout.marked[number]
    if not span.family.startswith("single") or span.paragraph == 0 or not span.is_closed:
        return False
    start, end = layout.paragraphs[span.paragraph]
    around = layout.text[start : span.outer_start] + layout.text[span.outer_end : end]
    if span.end - span.start > MAX_CROSSHEAD or around.strip(" .–—-"):
        return False
    near = layout.marked[max(0, number - MAX_NEAR) : number + MAX_NEAR]
    return any(not other.family.startswith("single") for other in near)
