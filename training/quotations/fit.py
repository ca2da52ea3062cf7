"""Fits log-linear choice models over named features (L-BFGS, L2 penalty; deterministic)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class Instance:
    """A choice to learn from."""

    options: Sequence[Sequence[str]]  # features of each option
    gold: frozenset[int]  # the right ones
    group: str  # article: folds are made of whole articles


def binary(features: Sequence[str], answer: bool, group: str) -> Instance:
    """Make an instance of a yes-or-no question; "no" has no features."""
    return Instance([features, []], frozenset([0 if answer else 1]), group)


def fit(instances: Sequence[Instance], penalty: float = 1.0, at_least: int = 3) -> dict[str, float]:
    """Fit weights; features seen fewer than `at_least` times are left out."""
    instances = [i for i in instances if i.gold]
    vocabulary = _vocabulary(instances, at_least)
    matrix, owner, gold = _matrix(instances, vocabulary)
    starts = np.searchsorted(owner, np.arange(len(instances)))

    def loss(weights: Any) -> tuple[float, Any]:
        scores = matrix @ weights
        powers = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        total = np.add.reduceat(powers, starts)
        right = np.maximum(np.add.reduceat(powers * gold, starts), 1e-12)
        value = float((np.log(total) - np.log(right)).sum())
        slope = matrix.T @ (powers / total[owner] - powers * gold / right[owner])
        return value + 0.5 * penalty * float(weights @ weights), slope + penalty * weights

    found = minimize(
        loss, np.zeros(len(vocabulary)), jac=True, method="L-BFGS-B", options={"maxiter": 300}
    )
    weights = {name: round(float(found.x[i]), 3) for name, i in vocabulary.items()}
    return {name: weight for name, weight in weights.items() if weight}


def _vocabulary(instances: Sequence[Instance], at_least: int) -> dict[str, int]:
    counts = Counter(f for i in instances for option in i.options for f in set(option))
    kept = sorted(name for name, count in counts.items() if count >= at_least)
    return {name: index for index, name in enumerate(kept)}


def _matrix(
    instances: Sequence[Instance], vocabulary: dict[str, int]
) -> tuple[csr_matrix, Any, Any]:
    rows: list[int] = []
    columns: list[int] = []
    owner: list[int] = []
    gold: list[bool] = []
    for number, instance in enumerate(instances):
        for index, option in enumerate(instance.options):
            known = {vocabulary[f] for f in option if f in vocabulary}
            rows.extend([len(owner)] * len(known))
            columns.extend(sorted(known))
            owner.append(number)
            gold.append(index in instance.gold)
    shape = (len(owner), len(vocabulary))
    matrix = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    return matrix, np.array(owner), np.array(gold, dtype=bool)
