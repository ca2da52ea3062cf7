"""Precision, recall and F1 of names, by exact span and type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.names.corpora import TYPES, GoldText

Found = frozenset[tuple[int, int, str]]


@dataclass(frozen=True)
class Score:
    """Counts of names found rightly, found, and in the gold."""

    right: int = 0
    found: int = 0
    gold: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.found + other.found, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Share of the found names that are right."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold names that are found."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.right / (self.found + self.gold) if self.found + self.gold else 0.0


def score_names(pairs: Iterable[tuple[GoldText, Found]]) -> dict[str, Score]:
    """Score texts with the names found in them; `all` is over the three types."""
    scores = dict.fromkeys(TYPES, Score())
    for gold, found in pairs:
        known = {name for name in found if not gold.unknown.intersection(range(*name[:2]))}
        for kind in TYPES:
            wanted = {name for name in gold.names if name[2] == kind}
            got = {name for name in known if name[2] == kind}
            scores[kind] += Score(len(wanted & got), len(got), len(wanted))
    return scores | {"all": sum(scores.values(), Score())}
