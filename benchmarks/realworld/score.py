"""F1 on four-word shingles, as the article extraction benchmark measures it.

Precision and recall are those of each page, averaged over the pages
(https://github.com/scrapinghub/article-extraction-benchmark, evaluate.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_SIZE = 4


@dataclass(frozen=True)
class Overlap:
    """How many shingles of one page were found, were too much, are missing."""

    found: int
    surplus: int
    missing: int


@dataclass(frozen=True)
class Score:
    """Averages over pages."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the averages."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def compare(gold: str, text: str) -> Overlap:
    """Count the shingles of a text against those of the hand-made body."""
    wanted, got = _shingles(gold), _shingles(text)
    found = sum((wanted & got).values())
    return Overlap(found, sum(got.values()) - found, sum(wanted.values()) - found)


def score(overlaps: Iterable[Overlap]) -> Score:
    """Average over pages; a page without any text has no precision to average."""
    pages = list(overlaps)
    precisions = [p.found / (p.found + p.surplus) for p in pages if p.found + p.surplus]
    recalls = [p.found / (p.found + p.missing) for p in pages if p.found + p.missing]
    return Score(_mean(precisions), _mean(recalls))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    last = max(1, len(words) - _SIZE + 1) if words else 0
    return Counter(tuple(words[i : i + _SIZE]) for i in range(last))
