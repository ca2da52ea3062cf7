"""A baseline without training: runs of capitalised words, typed by lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from benchmarks.names.score import Found
from training.gazetteer import ORGANISATIONS
from training.places import place_label

WORD = r"[A-ZÀ-Þ][\w’'.-]*\w|[A-ZÀ-Þ]"
RUN = re.compile(rf"(?<![.!?“\"‘] )(?<!\n)\b(?:{WORD})(?: (?:of |and |the |de |al-)?(?:{WORD}))*")


def find_capitals(texts: Iterable[str]) -> Iterator[Found]:
    """Find runs of capitalised words that do not open a sentence."""
    heads = frozenset(json.loads(ORGANISATIONS.read_text(encoding="utf-8"))["heads"])
    for text in texts:
        yield frozenset(
            (
                run.start(),
                run.end(),
                _type(run.group().removesuffix("’s").removesuffix("'s"), heads),
            )
            for run in RUN.finditer(text)
        )


def _type(words: str, heads: frozenset[str]) -> str:
    parts = words.split()
    if place_label(words) in ("GPE", "LOC"):
        return "place"
    if heads.intersection(parts) or words.isupper():
        return "organization"
    return "person"
