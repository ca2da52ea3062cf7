"""The signs by which a source phrase's speaker is chosen; their weights are learned.

Each function gives signs (name → strength) of one candidate; `coref.py` adds them up with the
weights of `data/speaker_weights.json`, which `training/speakers/train.py` learns.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from transforms.nlp.discourse import Discourse, Person
from transforms.nlp.source_phrase import SourcePhrase

Features = dict[str, float]
Recent = Sequence[int | None]  # speakers of the quotations before, latest last; None: unnamed

_GENERIC_PERSON = frozenset(
    ("man", "woman", "boy", "girl", "teenager", "youngster", "veteran", "father", "mother", "lady",
     "witness", "official", "leader", "member", "figure", "gentleman", "pensioner", "resident")
)  # fmt: skip
_GENERIC_ORGANIZATION = frozenset(("company", "firm", "group", "body", "organization", "agency",
                                   "organisation", "union", "side", "club", "team"))  # fmt: skip
_FUNCTION_WORDS = frozenset(
    ("the", "a", "an", "of", "for", "at", "in", "on", "and", "to", "its", "his", "her", "their",
     "from", "with", "who", "by", "one", "two", "is", "was", "s")
)  # fmt: skip


def group_of(phrase: SourcePhrase) -> str:
    """Name the set of weights that a phrase is judged by."""
    if phrase.pronoun is not None:
        return "pronoun" if phrase.pronoun.gender in ("m", "f") else "other_pronoun"
    return "nominal"


def candidate_features(
    discourse: Discourse, phrase: SourcePhrase, person: Person, recent: Recent
) -> Features:
    """Give the signs that speak for and against one entity."""
    features = _where(discourse, phrase, person)
    features.update(_conversation(person, recent))
    if phrase.pronoun is not None:
        features.update(_pronoun(phrase, person))
    else:
        features.update(_description(discourse, phrase, person))
    return features


def unnamed_features(discourse: Discourse, phrase: SourcePhrase, recent: Recent) -> Features:
    """Give the signs that the speaker is somebody whom the article does not name."""
    features: Features = {"bias": 1.0}
    if recent and recent[-1] is None:
        features["last_unnamed"] = 1.0
    if not recent:
        features["nobody_spoke"] = 1.0
    if phrase.pronoun is not None:
        features["word_" + phrase.words[0]] = 1.0
        return features
    features["determiner_" + phrase.determiner] = 1.0
    features["kind_" + (phrase.kind or "other")] = 1.0
    features[f"determiner_{phrase.determiner}_kind_{phrase.kind or 'other'}"] = 1.0
    features["plural"] = float(phrase.is_plural)
    features["embedded"] = float(bool(phrase.embedded))
    features["headline"] = float(discourse.paragraph(phrase.start) == 1)
    features["length"] = math.log(1 + len(phrase.words))
    return features


def _where(discourse: Discourse, phrase: SourcePhrase, person: Person) -> Features:
    """Where the entity was named, seen from the phrase."""
    features: Features = {"mentions": math.log(1 + len(person.starts))}
    position = bisect_left(person.starts, phrase.start)
    before = position - 1
    while before >= 0 and discourse.is_quoted(person.starts[before]):
        before -= 1
    if before < 0:
        features["quoted_only" if position else "later_only"] = 1.0
        if not position:
            features["first_later"] = math.log(
                1 + discourse.paragraph(person.starts[0]) - discourse.paragraph(phrase.start)
            )
        return features
    start, end = person.starts[before], person.ends[before]
    paragraphs = discourse.paragraph(phrase.start) - discourse.paragraph(start)
    sentences = discourse.sentence(phrase.start) - discourse.sentence(start)
    features["paragraphs"] = math.log(1 + paragraphs)
    features[f"paragraphs_{min(paragraphs, 3)}"] = 1.0
    features[f"sentences_{min(sentences, 3)}"] = 1.0
    features["between"] = math.log(1 + _others_between(discourse, person, start, phrase.start))
    features["subject"] = float(discourse.is_subject(start, end))
    opens = discourse.sentences[max(0, discourse.sentence(start) - 1)]
    features["opens_sentence"] = float(start - opens < 30)
    features["headline_only"] = float(discourse.paragraph(start) == 1)
    return features


def _others_between(discourse: Discourse, person: Person, start: int, end: int) -> int:
    """Count the other entities of the same type that were named since."""
    return sum(
        1
        for other in discourse.speakers
        if other.index != person.index
        and other.entity_type == person.entity_type
        and (i := bisect_left(other.starts, start + 1)) < bisect_left(other.starts, end)
        and not discourse.is_quoted(other.starts[i])
    )


def _conversation(person: Person, recent: Recent) -> Features:
    features: Features = {}
    if recent and recent[-1] == person.index:
        features["spoke_last"] = 1.0
    elif len(recent) > 1 and recent[-2] == person.index:
        features["spoke_before_last"] = 1.0
    elif person.index in recent:
        features["spoke"] = 1.0
    return features


def _pronoun(phrase: SourcePhrase, person: Person) -> Features:
    assert phrase.pronoun is not None
    pronoun = phrase.pronoun
    features: Features = {}
    is_person = person.entity_type == "person"
    if pronoun.gender in ("m", "f"):
        sign = 1.0 if pronoun.gender == "f" else -1.0
        features["organization"] = float(not is_person)
        features["gender"] = max(-4.0, min(4.0, sign * person.gender))
        features["gender_against"] = float(sign * person.gender < -1.5)
        return features
    word = phrase.words[0]
    features[f"{word}_{person.entity_type}"] = 1.0
    return features


def _description(discourse: Discourse, phrase: SourcePhrase, person: Person) -> Features:
    features: Features = {}
    is_person = person.entity_type == "person"
    wants_person = phrase.kind in ("person", "kin", "spokes") or phrase.age is not None
    wants_group = phrase.kind in ("organization", "document")
    features["wrong_type"] = float((wants_person and not is_person) or (wants_group and is_person))
    features["crowd_type"] = float(phrase.kind == "crowd")
    if phrase.gender and is_person:
        sign = 1.0 if phrase.gender == "f" else -1.0
        features["gender"] = max(-4.0, min(4.0, sign * person.gender))
        features["gender_against"] = float(sign * person.gender < -1.5)
    features["noun"] = float(bool(phrase.head) and phrase.head in person.nouns)
    content = {w for w in phrase.words if w not in _FUNCTION_WORDS and len(w) > 1}
    rest = content - {phrase.head}
    shared = rest & person.words
    features["shared_words"] = len(shared) / max(1, len(rest)) if rest else 0.0
    features["noun_and_words"] = features["noun"] * features["shared_words"]
    features["noun_alone"] = features["noun"] * float(not rest)
    features["other_words"] = features["noun"] * float(bool(rest) and not shared)
    features["is_described"] = float(bool(person.descriptions)) * (1 - features["noun"])
    generic = _GENERIC_PERSON if is_person else _GENERIC_ORGANIZATION
    features["generic"] = float(phrase.head in generic and not features["wrong_type"])
    features["noun_is_known_elsewhere"] = (1 - features["noun"]) * float(
        any(phrase.head in p.nouns for p in discourse.speakers if p.index != person.index)
    )
    if phrase.age is not None:
        features["age"] = 1.0 if phrase.age in person.ages else -0.5
        features["other_age"] = float(bool(person.ages) and phrase.age not in person.ages)
    features["indefinite"] = float(phrase.determiner in ("a", "number"))
    features["definite"] = float(phrase.determiner in ("the", "possessive"))
    features["definite_noun"] = features["definite"] * features["noun"]
    features["bare_noun"] = float(phrase.determiner == "none") * features["noun"]
    features["plural"] = float(phrase.is_plural)
    features["kin"] = float(phrase.kind == "kin")
    features["spokes"] = float(phrase.kind == "spokes")
    features["person"] = float(is_person)
    features["holds_name"] = float(any(phrase.start <= s < phrase.end for s in person.starts))
    return features
