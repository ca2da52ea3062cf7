"""What a name names: weighing the recognizer's votes, the name's words and its company."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from transforms.nlp.knowledge import read_lines, read_table
from transforms.nlp.name_spans import NameSpan
from transforms.nlp.names import (
    fold,
    given_names,
    match_person,
    name_words,
    organization_nouns,
    titles_before,
)

TYPED = {"PERSON": "PERSON", "ORG": "ORG", "GPE": "GPE", "LOC": "GPE"}
_AGE_AFTER = re.compile(r",? \(?(?:aged )?\d{1,2}\b(?![\d:%./-])")
_SAYS = re.compile(r" (?:said|says|told|added|asked|replied|wrote|tweeted|joked|recalled)\b")
_SAID_BEFORE = re.compile(r"\b(?:said|says|added|replied|asked|recalled) $")
_ROLE_BEFORE = re.compile(r"([\w-]+),? $")
_PLACE_BEFORE = re.compile(
    r"\b(?:in|near|north of|south of|east of|west of|outside|across|throughout|town of|city of|"
    r"village of|capital,|between|around|towards?) $"
)
_NO_PERSON_BEFORE = re.compile(r"\b(?:in|near|at|across|outside|throughout|inside) $")
_THE_BEFORE = re.compile(r"\b[Tt]he $")
_ACRONYM_BEHIND = re.compile(r" \([A-Z][\w.]{1,9}\)")
_DATELINE_BEHIND = re.compile(r"(?:, [\w. ]{2,20})? ?(?:\([^)]{2,20}\) ?)?[—–-]{1,2} ?")
_PERSON_BEHIND = re.compile(r" [\w-]+ [A-Z]")


@dataclass(frozen=True)
class Weights:
    """How much each sign counts; a vote of the recognizer counts one."""

    title: float = 3.0
    age: float = 2.0
    says: float = 0.7
    role_before: float = 1.5
    given_name: float = 1.2
    initial: float = 1.5
    organization_word: float = 3.0
    acronym_behind: float = 2.0
    the_before: float = 1.0
    place_before: float = 0.7
    place_word: float = 2.0
    town: float = 0.8
    country: float = 3.0
    dateline: float = 2.5
    full_form: float = 3.0
    joined: float = 2.0
    no_person: float = 1.0


WEIGHTS = Weights()


@cache
def places() -> dict[str, str]:
    """Read the gazetteer: folded name → a (country), s (state), c (town)."""
    return {name: kind for kind, name in read_table("places.tsv")}


@cache
def place_words() -> dict[str, str]:
    """Read the words that mark the name of a place: word → loc or fac."""
    return {row[0]: row[1] for row in read_table("place_words.tsv")}


@cache
def person_nouns() -> frozenset[str]:
    """Read the nouns for people: roles, trades and relatives."""
    return frozenset(
        noun
        for kind, _, nouns in read_table("roles.tsv")
        if kind in ("person", "kin", "spokes")
        for noun in nouns.split()
    )


def settle_labels(text: str, spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Give the names of a document their final labels: the same words mostly name the same thing.

    Only persons, organizations and places are weighed against each other; other labels stay.
    """
    groups: dict[tuple[str, ...], list[NameSpan]] = defaultdict(list)
    for span in spans:
        if span.label in TYPED:
            groups[name_words(text[span.start : span.end])].append(span)
    scores = {words: _score(text, words, members) for words, members in groups.items() if words}
    _lend_to_short_forms(scores)
    return [
        NameSpan(span.start, span.end, _label(span, words, scores[words]))
        if span.label in TYPED and (words := name_words(text[span.start : span.end])) in scores
        else span
        for span in spans
    ]


@cache
def demonyms() -> frozenset[str]:
    """Read the adjectives of nations and creeds: "Spanish", "Sikh"."""
    return frozenset(fold(w) for line in read_lines("demonyms.txt") for w in line.split())


def _label(span: NameSpan, words: tuple[str, ...], scores: Mapping[str, float]) -> str:
    if len(words) == 1 and words[0] in demonyms() and scores.get("PERSON", 0.0) < 3.0:
        return "NORP"
    best = max(scores, key=lambda label: scores[label])
    if scores[best] <= scores.get(TYPED[span.label], 0.0) + 0.01:
        return span.label
    return best


def _score(text: str, words: tuple[str, ...], members: Sequence[NameSpan]) -> dict[str, float]:
    scores: dict[str, float] = defaultdict(float)
    for span in members:
        scores[TYPED[span.label]] += 1.0
        for label, weight in _context(text, span):
            scores[label] += weight
    for label, weight in _form(words, text[members[0].start : members[0].end]):
        scores[label] += weight
    return scores


def _form(words: tuple[str, ...], name: str) -> list[tuple[str, float]]:
    """Weigh the words of the name itself."""
    found: list[tuple[str, float]] = []
    nouns = organization_nouns()
    folded = [fold(w).strip(".,'") for w in name.split()]
    if len(words) > 1:
        if any(
            w in nouns and (nouns[w][0] == "any" or i == len(folded) - 1)
            for i, w in enumerate(folded)
        ):
            found.append(("ORG", WEIGHTS.organization_word))
        elif words[0] in given_names() and words[0] not in places():
            found.append(("PERSON", WEIGHTS.given_name))
        if place_words().get(folded[-1]) == "loc" or folded[0] in ("mount", "lake", "river"):
            found.append(("GPE", WEIGHTS.place_word))
        if any(w in ("&", "and", "for") for w in name.split()[1:-1]):
            found.append(("ORG", WEIGHTS.joined))
        if len(words[0]) == 1 and "." in name and "&" not in name:
            found.append(("PERSON", WEIGHTS.initial))
    kind = places().get(fold(name))
    if kind:
        found.append(("GPE", WEIGHTS.town if kind == "c" else WEIGHTS.country))
    return found


def _context(text: str, span: NameSpan) -> list[tuple[str, float]]:
    """Weigh what stands around one place of the name."""
    found: list[tuple[str, float]] = []
    before = text[max(0, span.start - 25) : span.start]
    title_start, titles = titles_before(text, span.start)
    if titles and title_start < span.start:
        found.append(("PERSON", WEIGHTS.title))
    if _AGE_AFTER.match(text, span.end, span.end + 16):
        found.append(("PERSON", WEIGHTS.age))
    if _SAYS.match(text, span.end, span.end + 12) or _SAID_BEFORE.search(before):
        found.append(("PERSON", WEIGHTS.says))
    role = _ROLE_BEFORE.search(before)
    if role and role[1].lower() in person_nouns() and not titles:
        found.append(("PERSON", WEIGHTS.role_before))
    if _PLACE_BEFORE.search(before):
        found.append(("GPE", WEIGHTS.place_before))
    if _NO_PERSON_BEFORE.search(before):
        found.append(("PERSON", -WEIGHTS.no_person))
    if _THE_BEFORE.search(before):
        found.append(("ORG", WEIGHTS.the_before))
    if _ACRONYM_BEHIND.match(text, span.end, span.end + 14):
        found.append(("ORG", WEIGHTS.acronym_behind))
    return found


def _lend_to_short_forms(scores: dict[tuple[str, ...], dict[str, float]]) -> None:
    """Let a person's full name count for the short forms: Amina Orr says what "Orr" is."""
    full_names = [
        words
        for words, score in scores.items()
        if len(words) > 1 and max(score, key=lambda label: score[label]) == "PERSON"
    ]
    by_word: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for words in full_names:
        for word in words:
            by_word[word].append(words)
    for words, score in scores.items():
        if len(words) == 1 and any(
            match_person(words[0], " ".join(full)) >= 0.9 for full in by_word.get(words[0], ())
        ):
            score["PERSON"] += WEIGHTS.full_form
