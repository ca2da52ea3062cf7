"""Nested reports: `Orr said she knew it was “safe”` is Orr's saying, not what she knew.

Beneath a verb of speech another verb is a report of its own only where it is one beyond doubt:
`Orr said that Hall had called it “safe”` stays Hall's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from transforms.nlp.cues import Cue
from transforms.nlp.knowledge import word_groups
from transforms.nlp.layout import FINITE, OUTSIDE, Layout
from transforms.nlp.sources import Source

_WEAK = word_groups("cue_words.tsv")["weak_beneath"]
_SPEECH = frozenset(["speech", "label", "ask", "judge"])
_COMPLEMENTS = frozenset(["ccomp", "xcomp"])
_PERFECT = frozenset(["has", "have", "had", "'s", "’s", "'d", "’d", "is", "was", "are", "were"])
_OPENERS = frozenset(
    [",", "and", "but", "then", "while", "before", "after", "later", "also", "–", "—"]
)
_AUXILIARY = frozenset(["RB", "VBZ", "VBP", "VBD", "MD"])
_JOINING = frozenset(["and", "but", "while", "whereas", "though", "although"])
_PRONOUNS = frozenset(["he", "she", "they", "it", "i", "we"])
MAX_BETWEEN = 6  # cues before a quotation that may be nearer than the chosen one
MAX_DEPTH = 10  # steps up the tree


def find_outer(layout: Layout, cues: Mapping[int, Cue], inner: Cue) -> Cue | None:
    """Find the report that a cue stands in and gives way to."""
    if inner.kind != "verb" or not _gives_way(layout, inner):
        return None
    index = inner.token
    for _ in range(MAX_DEPTH):
        above = layout.head[index]
        if above == index:
            return None
        inside = layout.dep[index] in _COMPLEMENTS and above < index
        outer = cues.get(above)
        if inside and outer is not None and _is_report(outer) and above < inner.token:
            return outer
        index = above
    return None


def find_nearer(layout: Layout, cues: Sequence[Cue], chosen: Cue, first: int) -> Cue | None:
    """Find a report of its own between a cue and a quotation behind it.

    `“A,” Orr said, adding that “B”` is two utterances, and so is `…, but she said it was “B”`.
    `first` is the quotation's first token.
    """
    if chosen.kind != "verb" or chosen.token >= first or _goes_on(layout, first):
        return None
    place = bisect_left(cues, first, key=lambda c: c.token)
    for cue in cues[max(0, place - MAX_BETWEEN) : place][::-1]:
        if cue.token <= chosen.token:
            return None
        opens = _opens_clause(layout, cue.token) or _has_pronoun(layout, cue.token)
        if cue.kind == "verb" and _is_report(cue) and opens:
            return cue
    return None


def _opens_clause(layout: Layout, verb: int) -> bool:
    """Whether a verb begins a clause: behind a comma or an "and", behind a quotation."""
    before = verb - 1
    return layout.lower[before] in _OPENERS or layout.inside[before] != OUTSIDE


def _has_pronoun(layout: Layout, verb: int) -> bool:
    """Whether a verb has a pronoun for its subject behind an "and" or "but": `, but he said`."""
    subject = layout.lower[max(0, verb - 2) : verb]
    return len(subject) == 2 and subject[0] in ("and", "but") and subject[1] in _PRONOUNS


def _goes_on(layout: Layout, first: int) -> bool:
    """Whether a quotation goes on where the one before stopped: “A,” said Orr, “and B”."""
    opening = layout.inside[first]
    text = layout.text[layout.marked[opening].start :][:1]
    return layout.lower[first - 1 : first] == [","] and text.islower()


def _is_report(cue: Cue) -> bool:
    return cue.entry.classes[0] == "speech" and cue.entry.lemma not in _WEAK and not cue.flags


def _gives_way(layout: Layout, cue: Cue) -> bool:
    """Whether a cue is a deed or a thought beneath a report, or only a wish or a duty."""
    if cue.entry.classes[0] not in _SPEECH or cue.entry.lemma in _WEAK:
        return True
    tag = layout.tag[cue.token]
    if tag in FINITE:
        return False
    return tag not in ("VBG", "VBN") or layout.lower[cue.token - 1] not in _PERFECT


def start_of_next(
    layout: Layout, cue: Cue, source: Source | None, own: Source | None, start: int
) -> int | None:
    """Find where the next report begins in a reported clause: `it was shut, and police said …`.

    `own` is the source of the clause, which begins at `start`; `cue` and `source` are another
    report's within it. None where the other one may be what the first one said.
    """
    if not _is_report(cue) or source is None or own is None:
        return None
    edge = cue.token
    while edge > start and layout.tag[edge - 1] in _AUXILIARY:
        edge -= 1
    if start < source.first < cue.token:
        if layout.tag[source.head] in ("PRP", "DT"):
            return None
        edge = source.first
    elif source.head != own.head:
        return None
    return edge - 1 if layout.lower[edge - 1] in _JOINING and edge - 1 > start else None
