"""Counts: contents found, sources right, speakers right, confidence calibrated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.quotations.rows import Attribution, bare, overlap

LEVELS = {"exact": 1.0, "0.8": 0.8, "0.5": 0.5}
_SMALL = frozenset(
    ["the", "a", "an", "of", "for", "and", "in", "at", "'s", "’s", "mr", "ms", "mrs", "dr"]
)
_UNCOUNTED = frozenset(["negated", "hypothetical"])
Pair = tuple[Attribution, Attribution, float]  # gold, found, overlap


@dataclass
class Counts:
    """Right, found and gold; and what was right of the right ones."""

    gold: int = 0
    found: int = 0
    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))
    source_overlap: int = 0
    source_exact: int = 0
    whole: int = 0  # content at IoU 0.5 and source right

    def precision(self, right: int) -> float:
        """Share of the found ones that are right."""
        return right / self.found if self.found else 0.0

    def recall(self, right: int) -> float:
        """Share of the gold ones that were found."""
        return right / self.gold if self.gold else 0.0

    def f1(self, right: int) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * right / (self.found + self.gold) if self.found + self.gold else 0.0


def match(text: str, gold: Sequence[Attribution], found: Sequence[Attribution]) -> list[Pair]:
    """Pair gold and found one to one, the pairs that overlap most first."""
    golds = [bare(text, g.spans) for g in gold]
    founds = [bare(text, f.spans) for f in found]
    pairs = sorted(
        (
            (overlap(g, f), i, j)
            for i, g in enumerate(golds)
            for j, f in enumerate(founds)
            if g and f and g[0][0] < f[-1][1] and f[0][0] < g[-1][1]
        ),
        key=lambda p: (-p[0], p[1], p[2]),
    )
    used_gold: set[int] = set()
    used_found: set[int] = set()
    result: list[Pair] = []
    for value, i, j in pairs:
        if value > 0 and i not in used_gold and j not in used_found:
            used_gold.add(i)
            used_found.add(j)
            result.append((gold[i], found[j], value))
    return result


def is_counted(found: Attribution) -> bool:
    """Denied and hypothetical speech is left out when scoring."""
    return not _UNCOUNTED & set(found.flags)


def count(
    counts: Counts,
    text: str,
    gold: Sequence[Attribution],
    found: Sequence[Attribution],
    kinds: tuple[frozenset[str], frozenset[str]],
    strict: bool = False,
) -> None:
    """Add one text: gold of some kinds against found of some kinds.

    A found one that answers a gold one of another kind is neither right nor wrong, or wrong where
    the count is strict.
    """
    gold_kinds, found_kinds = kinds
    wanted = [g for g in gold if g.kind in gold_kinds]
    ours = [f for f in found if f.kind in found_kinds and is_counted(f)]
    pairs = match(text, wanted, ours)
    paired = {id(f) for _, f, value in pairs if value >= 0.5}
    rest = [f for f in ours if id(f) not in paired]
    others = [g for g in gold if g.kind not in gold_kinds]
    neutral = 0 if strict else sum(v >= 0.5 for _, _, v in match(text, others, rest))
    counts.gold += len(wanted)
    counts.found += len(ours) - neutral
    for g, f, value in pairs:
        for name, level in LEVELS.items():
            counts.right[name] += value >= level
        if value >= 0.5:
            right = is_source_right(text, g, f)
            counts.source_overlap += right
            counts.source_exact += g.source == f.source
            counts.whole += right


def is_source_right(text: str, gold: Attribution, found: Attribution) -> bool:
    """Whether sources share a word that counts, or the speaker's name holds one of the gold's."""
    if not gold.source:
        return not found.source
    if not found.source:
        return bool(found.name and _words(found.name) & _words(_text(text, gold)))
    for start, end in found.source:
        for gold_start, gold_end in gold.source:
            low, high = max(start, gold_start), min(end, gold_end)
            if low < high and _words(text[low:high]):
                return True
    return False


def _text(text: str, gold: Attribution) -> str:
    return " ".join(text[start:end] for start, end in gold.source)


def _words(words: str) -> set[str]:
    found = {w.strip(".,;:()'’\"").lower() for w in words.replace("’s", " ").split()}
    return {w for w in found if w and w not in _SMALL}


@dataclass(frozen=True)
class Reliability:
    """One bin of confidences."""

    count: int
    confidence: float  # mean
    right: float  # share


def reliability(answers: Sequence[tuple[float, bool]], bins: int = 10) -> list[Reliability]:
    """Put confidences into bins of equal width, with the share that was right in each."""
    table = []
    for number in range(bins):
        own = [a for a in answers if min(int(a[0] * bins), bins - 1) == number]
        if own:
            mean = sum(c for c, _ in own) / len(own)
            table.append(Reliability(len(own), mean, sum(r for _, r in own) / len(own)))
        else:
            table.append(Reliability(0, 0.0, 0.0))
    return table


def calibration_error(table: Sequence[Reliability]) -> float:
    """Expected calibration error: mean distance of confidence and share right, by count."""
    total = sum(row.count for row in table)
    return sum(row.count * abs(row.confidence - row.right) for row in table) / max(1, total)


Judge = Callable[[Attribution, Attribution], bool]
