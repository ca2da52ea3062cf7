"""Names that the recognizer missed: runs of capital words that a learned model takes for names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from transforms.nlp.name_repairs import NO_NAMES, fixed_names
from transforms.nlp.name_signs import context_signs, form_signs
from transforms.nlp.name_spans import NameSpan, trim
from transforms.nlp.names import find_title, fold, given_names
from transforms.nlp.role_nouns import find_noun
from transforms.nlp.sign_weights import Row, SignWeights, add_rows

CLASSES = ("NONE", "PERSON", "ORG", "GPE", "FAC", "NORP", "EVENT")
WEIGHTS = Path(__file__).parent / "data" / "guess_weights.json"
SURE = 0.8  # probability from which a run of capital words is taken for a name
DOUBTFUL = 0.8  # probability of no name, at all its places, from which a name is not believed
MAX_HEADLINE = 200  # characters of the first line
_CAPITAL = r"[^\W\d_a-z][\w’'‘-]*"
_RUN = re.compile(
    rf"{_CAPITAL}(?: (?:{_CAPITAL}|(?:of|for|and|&|de|del|du|van|der|al)(?= [^\W\d_a-z])))*"
)
_LOWER_WORD = re.compile(r"(?<![^\s“\"‘(])[^\W\d_A-Z]+")


@dataclass(frozen=True)
class Run:
    """A run of capital words that may be a name."""

    start: int
    end: int


def guess_names(text: str, spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Find the names among the runs of capital words that no span touches."""
    found = []
    common = common_words(text)
    for run in capital_runs(text, spans):
        label, probability = classify(text, run.start, run.end, common)
        if label == "NONE" or probability < SURE:
            continue
        words = text[run.start : run.end]
        if find_title(words.split()) is None and fixed_names().get(words) not in NO_NAMES:
            found.append(NameSpan(run.start, run.end, label))
    return found


def without_doubtful(text: str, spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Leave out the recognizer's names that the model takes for common words at all places.

    A word of a longer name stays, and a person's name that begins with a given name.
    """
    common = common_words(text)
    names = {text[span.start : span.end] for span in spans}
    believed = {
        text[span.start : span.end]
        for span in spans
        if span.label == "PERSON" and _opens_with_given(text[span.start : span.end])
    }
    believed |= names & {word for name in names if " " in name for word in name.split()}
    for span in spans:
        name = text[span.start : span.end]
        if name not in believed:
            label, probability = classify(text, span.start, span.end, common)
            if label != "NONE" or probability < DOUBTFUL:
                believed.add(name)
    return [span for span in spans if text[span.start : span.end] in believed]


def capital_runs(text: str, spans: Sequence[NameSpan]) -> Iterator[Run]:
    """Yield the runs of capital words that no span touches."""
    ordered = sorted(spans)
    next_span = 0
    for match in _RUN.finditer(text):
        if not match[0][0].isupper():
            continue
        while next_span < len(ordered) and ordered[next_span].end <= match.start():
            next_span += 1
        if next_span < len(ordered) and ordered[next_span].start < match.end():
            continue
        trimmed = trim(text, *match.span())
        if trimmed is not None:
            yield Run(*trimmed)


def run_signs(text: str, start: int, end: int, common: frozenset[str]) -> list[str]:
    """Give the signs of a run: those of names, its place and whether its words are common."""
    place = _place_signs(text, start, end, common)
    return [*form_signs(text[start:end]), *context_signs(text, start, end), *place]


def _place_signs(text: str, start: int, end: int, common: frozenset[str]) -> list[str]:
    name = text[start:end]
    words = name.split()
    opens = _opens_sentence(text, start)
    shouting = name.isupper() and len(name) > 4
    shared = len([w for w in words if w.lower() in common])
    signs = [f"opens_{opens}_{min(len(words), 3)}", f"common_{shared == len(words)}_{opens}"]
    if shared:
        signs.append("common_some")
    noun = find_noun(words[-1].lower())
    if noun is not None:
        signs.append(f"noun_{noun.kind}_{len(words) > 1}")
    if shouting:
        signs.append("shouting")
    if start < MAX_HEADLINE and text.find("\n", 0, start) < 0:
        signs.append("headline")
    return signs


def _opens_with_given(name: str) -> bool:
    first, _, rest = name.partition(" ")
    return bool(rest) and fold(first) in given_names()


@lru_cache(maxsize=4)
def common_words(text: str) -> frozenset[str]:
    """Give the words that the text prints in lower case."""
    return frozenset(word.lower() for word in set(_LOWER_WORD.findall(text)))


def classify(text: str, start: int, end: int, common: frozenset[str]) -> tuple[str, float]:
    """Give the likeliest class of a run and its probability."""
    weights = read_weights()
    scores: Row = add_rows(
        weights.of_form(text[start:end]),
        weights.sum(context_signs(text, start, end)),
        weights.sum(_place_signs(text, start, end, common)),
    )
    top = max(scores)
    total = sum([math.exp(score - top) for score in scores])
    return CLASSES[scores.index(top)], 1 / total


@cache
def read_weights() -> SignWeights:
    """Read the learned weights."""
    return SignWeights(WEIGHTS, len(CLASSES))


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 3) : start].rstrip(" \t\u00a0")
    return not before or before[-1] in '.!?:;\n\r"“”‘«»•*–—-('
