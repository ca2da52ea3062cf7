"""Tell tokens apart by some of their attributes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from spacy.tokens import Doc

_ODD = 0x9E3779B97F4A7C15  # 2⁶⁴ over the golden ratio (Knuth's multiplicative hashing)


def token_keys(doc: Doc, attributes: Sequence[str]) -> list[int]:
    """Return a 64-bit number for each token, equal where all attributes (spaCy's names) are.

    Different tokens meet by chance only: spaCy's own ids of strings are 64-bit hashes, too.
    """
    columns = doc.to_array(list(attributes)).reshape(-1, len(attributes)).astype(np.uint64)
    weights = np.array([pow(_ODD, power, 1 << 64) for power in range(len(attributes))], np.uint64)
    keys: list[int] = (columns * weights).sum(axis=1, dtype=np.uint64).tolist()
    return keys
