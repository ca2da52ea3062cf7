"""Indirect speech: whether a cue has a reported clause, and where that begins and ends.

The boundaries that tree and surface offer are candidates; log-linear models choose between them
(`training/quotations` trains them). Only text outside of quotation marks is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transforms.nlp.cues import Cue
from transforms.nlp.indirect_candidates import AROUND, BACKWARD, FORWARD
from transforms.nlp.indirect_features import ClauseFeatures
from transforms.nlp.layout import Layout
from transforms.nlp.logit import Models, score, sigmoid
from transforms.nlp.sources import Source

PLAIN_TAIL = 0.9  # probability of the plainest form of backward speech
PLAIN_PHRASE = 0.999  # the same of “…, according to Orr”
ACCEPTED = 0.75  # least probability of a reported clause
ACCEPTED_SAY = 0.45  # the same of a clause behind “say”, which reports nothing else
CLAUSE_FRAMES = frozenset(["that", "bare", "whether", "inf", "obj", "of", "for", "as"])


@dataclass(frozen=True)
class Clause:
    """A reported clause: ranges of tokens (one, or two where its cue cuts it)."""

    ranges: tuple[tuple[int, int], ...]
    direction: str  # F: behind its cue; B: before it; M: around it
    probability: float  # that the cue reports this


class ClauseFinder(ClauseFeatures):
    """Finds the reported clauses of one document."""

    def __init__(
        self, layout: Layout, cues: Sequence[Cue], models: Models, quoted: frozenset[int]
    ) -> None:
        super().__init__(layout, cues, quoted)
        self._accept = models["indirect"]
        self._start = models["indirect_start"]
        self._end = models["indirect_end"]

    def find(self, cue: Cue, source: Source | None) -> Clause | None:
        """Find the clause that a cue reports; None where it most likely reports none."""
        if not cue.entry.frames & CLAUSE_FRAMES:
            return None
        best: tuple[float, str, list[int]] | None = None
        for direction in (FORWARD, BACKWARD, AROUND):
            starts = self.starts(cue, source, direction)
            if not starts:
                continue
            features = self.cue_features(cue, source, direction, starts)
            probability = sigmoid(score(self._accept, features))
            probability = max(probability, self._plain(cue, source, direction))
            if probability >= self._least(cue, direction) and (
                best is None or probability > best[0]
            ):
                best = (probability, direction, starts)
        if best is None:
            return None
        ranges = self.extent(cue, source, best[1], best[2])
        return Clause(ranges, best[1], best[0]) if ranges else None

    def _least(self, cue: Cue, direction: str) -> float:
        """The least probability with which a clause is believed."""
        return ACCEPTED_SAY if cue.entry.lemma == "say" and direction == FORWARD else ACCEPTED

    def _plain(self, cue: Cue, source: Source | None, direction: str) -> float:
        """The least probability of forms that leave no doubt; 0 for all others."""
        if direction == BACKWARD and self.is_plain_tail(cue, source):
            return PLAIN_PHRASE if cue.kind == "phrase" else PLAIN_TAIL
        if direction == AROUND and self.is_plain_parenthesis(cue, source):
            return PLAIN_TAIL
        if direction == FORWARD:
            sure = (
                self.is_plain_opening(cue, source)
                or self.is_joined_parenthesis(cue, source)
                or self.is_plain_report(cue)
                or self.is_plain_as(cue)
                or self.is_plain_passive(cue, source)
            )
            return PLAIN_TAIL if sure else 0.0
        return 0.0

    def extent(
        self, cue: Cue, source: Source | None, direction: str, starts: Sequence[int]
    ) -> tuple[tuple[int, int], ...]:
        """Choose the ranges of tokens of the clause."""
        options = [self.start_features(cue, direction, starts, s) for s in starts]
        start = starts[_best(self._start, options)]
        if self.layout.lower[start - 1 : start + 1] == ["not", "to"]:
            start -= 1
        ends = self.ends(cue, source, direction, start)
        if not ends:
            return ()
        second = self.behind(cue, source)
        options = [self.end_features(cue, direction, start, ends, e) for e in ends]
        end = ends[_best(self._end, options)]
        if direction != AROUND:
            return ((start, end),)
        first_end = self.trim(start, self.left_edge(cue, source))
        return ((start, first_end), (second, end)) if first_end > start else ()


def _best(weights: Mapping[str, float], options: Sequence[Sequence[str]]) -> int:
    scores = [score(weights, features) for features in options]
    return max(range(len(scores)), key=lambda i: scores[i])
