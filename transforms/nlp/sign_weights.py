"""Learned weights of signs: sums of rows, a row a sign, a column a class."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from transforms.nlp.name_signs import form_signs

Row = tuple[float, ...]
MAX_FORMS = 20_000  # names whose sums are kept


class SignWeights:
    """The weights of one file, for `size` classes."""

    def __init__(self, path: Path, size: int) -> None:
        weights: dict[str, list[float]] = json.loads(path.read_text(encoding="utf-8"))["weights"]
        self._rows = {sign: tuple(row) for sign, row in weights.items()}
        self._nothing = (0.0,) * size
        self.of_form = lru_cache(MAX_FORMS)(self._of_form)  # the same names come again and again

    def sum(self, signs: Iterable[str]) -> Row:
        """Add up the rows of signs; those that were not learned count nothing."""
        rows = [self._rows[sign] for sign in signs if sign in self._rows]
        return tuple(map(sum, zip(*rows, strict=True))) if rows else self._nothing

    def _of_form(self, name: str) -> Row:
        """Add up the rows of a name's own signs."""
        return self.sum(form_signs(name))


def add_rows(*rows: Row) -> Row:
    """Add rows of the same classes."""
    return tuple(map(sum, zip(*rows, strict=True)))
