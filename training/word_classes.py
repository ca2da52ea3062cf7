"""Classes and frequencies of English words, from the tables of spacy-lookups-data.

A class is a cluster of words that stand in the same company (Brown et al. 1992, "Class-based n-gram
models of natural language"): a thousand clusters, leaves of a binary tree. The last bits of a
cluster's number are the first turns of its way down the tree, so words whose numbers end alike are
alike. Both tables were counted over a billion words of talk on the web, as printed.
"""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import spacy_lookups_data

FOLDER = Path(spacy_lookups_data.__file__).parent / "data"
LEVELS = ((4, 6), (6, 8), (10, 12), (20, 16))  # bits of the cluster, dimensions of their code
CODE_LENGTH = sum(size for _, size in LEVELS)
NO_CODE = (0.0,) * CODE_LENGTH
SEED = 1
LEAST = -17.0  # logarithm of the probability of a word that is worth a vector for its class alone


@dataclass(frozen=True)
class Use:
    """How often a word is used in any case (0 to 1, logarithmic), and how it is printed then."""

    common: float
    capital: float  # share that is printed as given
    shout: float  # share that is printed in capitals throughout


@cache
def clusters() -> dict[str, int]:
    """Read the words' clusters; words of unknown class are left out."""
    return {word: number for word, number in _read("en_lexeme_cluster").items() if number}


@cache
def log_probabilities() -> dict[str, float]:
    """Read the natural logarithms of the words' probabilities."""
    return _read("en_lexeme_prob")


def _read(name: str) -> dict:  # type: ignore[type-arg]
    with gzip.open(FOLDER / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        return dict(json.load(file))


def class_words() -> list[str]:
    """Give the words that are worth a vector for their class alone."""
    known = log_probabilities()
    return [word for word in clusters() if known[word] > LEAST and word[0].isalpha()]


@cache
def cluster_code(number: int) -> tuple[float, ...]:
    """Give a cluster's code: for each level of the tree a random row of plus and minus a half."""
    code: list[float] = []
    for bits, size in LEVELS:
        prefix = number & ((1 << bits) - 1)
        signs = np.random.RandomState(SEED * 1_000_003 + (bits << 24) + prefix).randint(0, 2, size)
        code += (float(sign) - 0.5 for sign in signs)
    return tuple(code)


def use(word: str) -> Use:
    """Say how a word is used."""
    known = log_probabilities()
    forms = {word.lower(), word.capitalize(), word.upper(), word}
    shares = {form: math.exp(known[form]) for form in forms if form in known}
    total = sum(shares.values())
    if not total:
        return Use(0.0, 0.0, 0.0)
    return Use(
        common=max(0.0, (math.log(total) + 20) / 16),
        capital=shares.get(word, 0.0) / total if not word.islower() else 0.0,
        shout=shares.get(word.upper(), 0.0) / total if len(word) > 1 else 0.0,
    )
