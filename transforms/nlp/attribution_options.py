"""The readings of a marked span: cues around it, floating, no quotation at all."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.nlp.attribution_labels import before_colon, behind_dash
from transforms.nlp.cues import Cue, VerbEntry
from transforms.nlp.layout import OUTSIDE, Layout
from transforms.nlp.source_names import WholeNames
from transforms.nlp.sources import Source, find_source

MAX_SIDE = 4  # cues considered on either side of a span
MAX_UNKNOWN_DISTANCE = 8  # tokens between a span and a verb that is in no lexicon

SPOKEN = frozenset(["turn", "dash"])  # families of spans that are speech in any case

FLOATING = "floating"
NOTHING = "nothing"
CUE = "cue"

UNKNOWN_VERB = VerbEntry("?", ("unknown",), frozenset(["quote"]))
_COLON = VerbEntry(":", ("colon",), frozenset(["quote"]))
_DASH = VerbEntry("-", ("dash",), frozenset(["quote"]))
WORDLESS = frozenset(["colon", "dash"])  # kinds of cues that are no words
_DASHES = frozenset(["–", "—", "―", "-", "--", "~"])
SENTENCE_ENDS = frozenset([".", "!", "?", "…"])


@dataclass(frozen=True)
class Option:
    """One reading of a marked span."""

    kind: str  # CUE, FLOATING, NOTHING
    cue: Cue | None = None
    source: Source | None = None


class OptionFinder:
    """Lists the readings of the marked spans of one document."""

    def __init__(self, layout: Layout, cues: Sequence[Cue]) -> None:
        self.layout = layout
        self.cues = cues
        self._by_paragraph: dict[int, list[Cue]] = {}
        for cue in cues:
            self._by_paragraph.setdefault(layout.paragraph[cue.token], []).append(cue)
        self.numbers_in: dict[int, list[int]] = {}
        for number, span in enumerate(layout.marked):
            self.numbers_in.setdefault(span.paragraph, []).append(number)
        self._sources: dict[tuple[int, str], Source | None] = {}
        self._names = WholeNames(layout)
        self.floating_option = Option(FLOATING)

    def source_of(self, cue: Cue) -> Source | None:
        """The source phrase of a cue, found once."""
        key = (cue.token, cue.kind)
        if key not in self._sources:
            if cue.kind == "colon":
                self._sources[key] = before_colon(self.layout, cue.token)
            elif cue.kind == "dash":
                glued = self.layout.lower[cue.token] not in _DASHES
                self._sources[key] = behind_dash(self.layout, cue.token - glued)
            else:
                found = find_source(self.layout, cue)
                self._sources[key] = found and self._names.repair(found, cue.token)
        return self._sources[key]

    def options(self, number: int) -> list[Option]:
        """List the readings of a marked span."""
        found = [Option(CUE, cue, self.source_of(cue)) for cue in self._near(number)]
        if self.layout.marked[number].family in SPOKEN:
            labels = [o for o in found if o.cue and o.cue.kind == "colon" and o.source is not None]
            return labels or [*found, self.floating_option]
        signed = [o for o in found if o.cue is not None and self._is_below(number, o.cue)]
        if signed:
            return signed  # a name behind a dash, on a line of its own
        return [*found, self.floating_option, Option(NOTHING)]

    def _is_below(self, number: int, cue: Cue) -> bool:
        return cue.kind == "dash" and (
            self.layout.paragraph[cue.token] != self.layout.marked[number].paragraph
        )

    def _near(self, number: int) -> list[Cue]:
        layout = self.layout
        first, stop = layout.outer_tokens[number]
        paragraph = layout.marked[number].paragraph
        cues = self._by_paragraph.get(paragraph, [])
        index = bisect_left(cues, first, key=lambda c: c.token)
        before = [c for c in cues[max(0, index - MAX_SIDE) : index] if c.stop <= first]
        after = [c for c in cues[index : index + MAX_SIDE + 1] if c.token >= stop][:MAX_SIDE]
        if paragraph and self._opens_paragraph(number):
            before = [*self._announcing(paragraph - 1), *before]
        known = {c.token for c in cues[max(0, index - 9) : index + 9]}
        unknown = [
            Cue(i, i + 1, UNKNOWN_VERB, "verb")
            for i in self._unknown_verbs(first, stop)
            if i not in known
        ]
        wordless = [self._colon(first), self._dash(stop)]
        return [*before, *after, *unknown, *(cue for cue in wordless if cue is not None)]

    def _opens_paragraph(self, number: int) -> bool:
        span = self.layout.marked[number]
        return span.outer_start == self.layout.paragraphs[span.paragraph][0]

    def _announcing(self, paragraph: int) -> list[Cue]:
        """The last cue of a paragraph that ends with a colon."""
        start, end = self.layout.paragraphs[paragraph]
        if self.layout.text[start:end].rstrip()[-1:] != ":":
            return []
        return self._by_paragraph.get(paragraph, [])[-1:]

    def _unknown_verbs(self, first: int, stop: int) -> list[int]:
        layout = self.layout
        found = []
        for index in range(stop, min(stop + MAX_UNKNOWN_DISTANCE, layout.length)):
            if layout.space[index] or layout.inside[index] != OUTSIDE:
                break
            if layout.lower[index] in SENTENCE_ENDS:
                break
            if layout.tag[index] in ("VBD", "VBZ", "VBP", "VBG"):
                found.append(index)
        for index in range(first - 1, max(first - 1 - MAX_UNKNOWN_DISTANCE, -1), -1):
            if layout.space[index] or layout.inside[index] != OUTSIDE:
                break
            if layout.lower[index] in SENTENCE_ENDS:
                break
            if layout.tag[index] in ("VBD", "VBZ", "VBP", "VBG", "VBN"):
                found.append(index)
                break
        return found

    def _colon(self, first: int) -> Cue | None:
        layout = self.layout
        index = first - 1
        while index >= 0 and layout.space[index] and layout.lower[index].strip("\n\r") == "":
            index -= 1
        if index > 0 and layout.lower[index] == ":":
            return Cue(index, index, _COLON, "colon")
        return None

    def _dash(self, stop: int) -> Cue | None:
        """A dash behind the span with a name behind it that ends the paragraph.

        The two may be a line of their own, where the name is known: a signature.
        """
        layout = self.layout
        if layout.lower[stop - 1][-1:] in _DASHES and layout.lower[stop - 1] not in _DASHES:
            glued = behind_dash(layout, stop - 1) if stop < layout.length else None  # ”― Orr
            return Cue(stop, stop, _DASH, "dash") if glued is not None else None
        index = stop
        while index < layout.length and layout.space[index]:
            index += 1
        if index + 1 >= layout.length or layout.lower[index] not in _DASHES:
            return None
        below = index > stop and layout.paragraph[index] != layout.paragraph[stop - 1]
        if below and not self._names.begins(index + 1):
            return None
        cue = Cue(index, index, _DASH, "dash")
        return cue if behind_dash(layout, index) is not None else None
