"""Learns what names name, from their words and company, for newsbeam's last word on their types.

Usage: python -m training.speakers.train_types NEWSCORPUS FREE_CORPORA

Multinomial logistic regression over the signs of `transforms/nlp/name_signs.py`, trained on the
names of the newscorpus's train articles and of the free corpora by stochastic gradient descent
with averaged weights and a fixed seed.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from training.name_corpus import NOISY
from training.name_sources import read_free_sources, read_newscorpus
from training.names import NamedText
from transforms.nlp import name_guesses
from transforms.nlp.name_signs import context_signs, form_signs
from transforms.nlp.name_types import CLASSES, WEIGHTS

CLASS_OF_LABEL = {label: label for label in CLASSES} | {"LOC": "GPE"}
NEWS_COPIES = 3  # the news corpus counts so many times
EPOCHS = 6
RATE = 0.1
DECAY = 2e-5  # L2, applied at each step to the weights it touches
MIN_COUNT = 5  # signs that are rarer are left out
SEED = 7

Example = tuple[list[str], int]


def examples(texts: Iterable[NamedText]) -> list[Example]:
    """Give the names as signs and class."""
    rows = []
    for named in texts:
        for name in named.names:
            label = CLASS_OF_LABEL.get(name.label)
            if label is not None:
                words = named.text[name.start : name.end]
                signs = [*form_signs(words), *context_signs(named.text, name.start, name.end)]
                rows.append((signs, CLASSES.index(label)))
    return rows


def fit(rows: list[Example], classes: Sequence[str]) -> dict[str, list[float]]:
    """Learn the weights: sign → one for each class."""
    counts = Counter(sign for signs, _ in rows for sign in set(signs))
    rows = [([s for s in signs if counts[s] >= MIN_COUNT], right) for signs, right in rows]
    weights: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(classes))
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(classes))
    shuffled = random.Random(SEED)
    for epoch in range(EPOCHS):
        shuffled.shuffle(rows)
        rate = RATE / (1 + epoch)
        for signs, right in rows:
            _step(weights, signs, right, rate, len(classes))
        if epoch >= EPOCHS // 2:
            for sign, values in weights.items():
                sums[sign] = [a + b for a, b in zip(sums[sign], values, strict=True)]
    kept = EPOCHS - EPOCHS // 2
    return {
        sign: [round(v / kept, 2) for v in values]
        for sign, values in sorted(sums.items())
        if max(abs(v) for v in values) / kept >= 0.05
    }


def _step(
    weights: dict[str, list[float]], signs: list[str], right: int, rate: float, size: int
) -> None:
    scores = [sum(weights[s][c] for s in signs) for c in range(size)]
    top = max(scores)
    shares = [math.exp(score - top) for score in scores]
    total = sum(shares)
    errors = [(c == right) - share / total for c, share in enumerate(shares)]
    for sign in signs:
        row = weights[sign]
        for c, error in enumerate(errors):
            row[c] += rate * (error - DECAY * row[c])


def runs(texts: Iterable[NamedText]) -> list[Example]:
    """Give the runs of capital words as signs and class: names, or none."""
    rows = []
    for named in texts:
        common = name_guesses.common_words(named.text)
        names = {(n.start, n.end): CLASS_OF_LABEL.get(n.label) for n in named.names}
        for run in name_guesses.capital_runs(named.text, ()):
            label = names.get((run.start, run.end))
            if label is None:
                if any(s < run.end and run.start < e for s, e in names):
                    continue  # a part of a name, or one of an unknown class
                label = "NONE"
            signs = name_guesses.run_signs(named.text, run.start, run.end, common)
            rows.append((signs, name_guesses.CLASSES.index(label)))
    return rows


def main(corpus: str, free: str) -> None:
    news = read_newscorpus(Path(corpus), dev=False)
    rows = examples(news) * NEWS_COPIES
    for source, texts in read_free_sources(Path(free)).items():
        rows += examples(texts) if source not in NOISY else []
    write(WEIGHTS, fit(rows, CLASSES), CLASSES)
    write(name_guesses.WEIGHTS, fit(runs(news), name_guesses.CLASSES), name_guesses.CLASSES)


def write(path: Path, weights: dict[str, list[float]], classes: Sequence[str]) -> None:
    """Write weights down, a sign a line."""
    document = {
        "comment": "Weights of transforms/nlp/name_signs.py, learned from the train part of the "
        "newscorpus and the free corpora by training/speakers/train_types.py; not to be edited.",
        "classes": classes,
        "weights": weights,
    }
    text = json.dumps(document, ensure_ascii=False, indent=None, separators=(",", ":"))
    path.write_text(text.replace("],", "],\n") + "\n", encoding="utf-8")
    print(f"wrote {path.name}: {len(weights)} signs")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
