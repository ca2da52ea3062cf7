"""What a name names: weighing the recognizer's votes, the name's words and its company."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from transforms.nlp.name_repairs import is_fixed_place
from transforms.nlp.name_signs import context_signs, demonyms, form_key
from transforms.nlp.name_spans import NameSpan
from transforms.nlp.names import match_person
from transforms.nlp.sign_weights import Row, SignWeights, add_rows

CLASSES = ("PERSON", "ORG", "GPE", "FAC", "NORP", "EVENT")
WEIGHTS = Path(__file__).parent / "data" / "name_weights.json"
VOTE = 1.5  # what one vote of the recognizer counts
FULL_FORM = 3.0  # what a person's full name lends to its short forms
AGAINST_PERSON = 3.0  # what a vote for a person counts against a building
DEFINING = frozenset(("left_noun_organization", "left_noun_person"))  # "turbine maker Norvane"
SETTLED = frozenset(("PERSON", "ORG", "GPE", "LOC"))  # labels that are weighed against each other

Words = tuple[str, ...]


@cache
def read_weights() -> SignWeights:
    """Read the learned weights."""
    return SignWeights(WEIGHTS, len(CLASSES))


def settle_labels(text: str, spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Give the names of a document their final labels: the same words mostly name the same thing.

    Names that the recognizer takes for something else than people, organizations and places keep
    their labels.
    """
    groups: dict[Words, list[NameSpan]] = defaultdict(list)
    for span in spans:
        groups[form_key(text[span.start : span.end])].append(span)
    scores = {words: _score(text, members) for words, members in groups.items() if words}
    lent = _lend_to_short_forms(scores)
    people = {words for words in scores if _is_person(groups[words], scores[words])}
    settled = []
    for span in spans:
        words = form_key(text[span.start : span.end])
        label = _label(span, scores[words]) if words in scores else span.label
        if label == "FAC" and words in people:  # Ben Hall, whom the recognizer knows elsewhere
            label = "PERSON"
        if label in SETTLED and len(words) == 1 and words[0] in demonyms() and words not in lent:
            label = "NORP"
        if label in ("ORG", "PERSON") and is_fixed_place(text[span.start : span.end]):
            label = "GPE"
        settled.append(NameSpan(span.start, span.end, label))
    return settled


def _is_person(members: Sequence[NameSpan], scores: Mapping[str, float]) -> bool:
    """Tell whether the recognizer takes a name for a person somewhere, and the signs agree."""
    votes = any(span.label == "PERSON" for span in members)
    return votes and max(scores, key=lambda label: scores[label]) == "PERSON"


def _label(span: NameSpan, scores: Mapping[str, float]) -> str:
    if span.label not in SETTLED:
        return span.label
    best = max(scores, key=lambda label: scores[label])
    if best == "NORP":
        best = max(SETTLED & scores.keys(), key=lambda label: scores[label])
    if best == "GPE" and span.label == "LOC":
        return "LOC"
    return best


def _score(text: str, members: Sequence[NameSpan]) -> dict[str, float]:
    """Add up the signs of the words, those of all places, and the recognizer's votes."""
    weights = read_weights()
    share = 1 / math.sqrt(len(members))
    around = [_around(text, span, share) for span in members]
    scores = list(add_rows(weights.of_form(text[members[0].start : members[0].end]), *around))
    votes = Counter("GPE" if s.label == "LOC" else s.label for s in members)
    for index, label in enumerate(CLASSES):
        scores[index] += VOTE * votes[label] * share
    if votes["PERSON"]:  # Ben Hall is no building where the recognizer once takes him for a person
        scores[CLASSES.index("FAC")] -= AGAINST_PERSON
    return dict(zip(CLASSES, scores, strict=True))


def _around(text: str, span: NameSpan, share: float) -> Row:
    """Add up the signs of one place, a share of them; where a noun says what it is, all."""
    signs = context_signs(text, span.start, span.end)
    row = read_weights().sum(signs)
    if share == 1.0 or not DEFINING.isdisjoint(signs):
        return row
    return tuple([share * value for value in row])


def _lend_to_short_forms(scores: Mapping[Words, dict[str, float]]) -> set[Words]:
    """Let a person's full name count for the short forms: Amina Orr says what "Orr" is."""
    lent: set[Words] = set()
    by_word: dict[str, list[Words]] = defaultdict(list)
    for words, score in scores.items():
        if len(words) > 1 and max(score, key=lambda label: score[label]) == "PERSON":
            for word in words:
                by_word[word].append(words)
    for words, score in scores.items():
        if len(words) == 1 and any(
            match_person(words[0], " ".join(full)) >= 0.9 for full in by_word.get(words[0], ())
        ):
            score["PERSON"] += FULL_FORM
            lent.add(words)
    return lent
