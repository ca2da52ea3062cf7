"""Small log-linear models: a choice between options described by named features."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat

from transforms.nlp.knowledge import DATA

WEIGHTS = "quotations_weights.json"


def score(weights: Mapping[str, float], features: Iterable[str]) -> float:
    """Add up the weights of the features of one option."""
    return sum(map(weights.get, features, repeat(0.0)))


def softmax(scores: Sequence[float]) -> list[float]:
    """Turn scores into probabilities that add up to one."""
    top = max(scores)
    powers = [math.exp(value - top) for value in scores]
    total = sum(powers)
    return [power / total for power in powers]


def sigmoid(value: float) -> float:
    """Turn a score into a probability."""
    if value < -700:
        return 0.0
    return 1.0 / (1.0 + math.exp(-value))


class Models:
    """The weights of all models, by name; a model that has not been trained has none."""

    def __init__(self, weights: Mapping[str, Mapping[str, float]]) -> None:
        self._weights = weights

    def __getitem__(self, model: str) -> Mapping[str, float]:
        return self._weights.get(model, {})


@lru_cache(maxsize=1)
def load_models() -> Models:
    """Read the weights as `training/quotations` wrote them; they are read once a process."""
    path = DATA / WEIGHTS
    if not path.exists():
        return Models({})
    return Models(json.loads(path.read_text(encoding="utf-8"))["models"])


def bucket(value: int) -> str:
    """Name a count by its size: 0, 1, 2, 3, 5, 9, 17 and more."""
    for limit in (0, 1, 2):
        if value <= limit:
            return str(limit)
    for limit, name in ((4, "3-4"), (8, "5-8"), (16, "9-16"), (32, "17-32")):
        if value <= limit:
            return name
    return "33+"
