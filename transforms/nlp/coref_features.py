"""The signs by which a source phrase's speaker is chosen; their weights are learned.

Each function gives signs (name → strength) of one candidate; `coref.py` adds them up with the
weights of `data/speaker_weights.json`, which `training/speakers/train.py` learns.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from transforms.nlp.discourse import Discourse, LinkedPronoun, Person
from transforms.nlp.source_phrase import SourcePhrase

Features = dict[str, float]
Recent = Sequence[int | None]  # speakers of the quotations before, latest last; None: unnamed

MAX_BETWEEN = 60  # names that are counted between an entity's name and the phrase
MAX_CANDIDATES = 40  # nearest ones, so that a list of results costs no more than an article

_GENERIC_PERSON = frozenset(
    ("man", "woman", "boy", "girl", "teenager", "youngster", "veteran", "father", "mother", "lady",
     "witness", "official", "leader", "member", "figure", "gentleman", "pensioner", "resident")
)  # fmt: skip
_GENERIC_ORGANIZATION = frozenset(("company", "firm", "group", "body", "organization", "agency",
                                   "organisation", "union", "side", "club", "team"))  # fmt: skip
_RECENCY = frozenset(
    ("latest", "paragraphs_0", "paragraphs_1", "sentences_0", "sentences_1", "opens_sentence",
     "subject_0", "subject_1", "spoke_last", "most_mentions", "chain_0", "chain_1", "next_named")
)  # fmt: skip
_FUNCTION_WORDS = frozenset(
    ("the", "a", "an", "of", "for", "at", "in", "on", "and", "to", "its", "his", "her", "their",
     "from", "with", "who", "by", "one", "two", "is", "was", "s")
)  # fmt: skip


def group_of(phrase: SourcePhrase) -> str:
    """Name the set of weights that a phrase is judged by."""
    if phrase.pronoun is not None:
        return "pronoun" if phrase.pronoun.gender in ("m", "f") else "other_pronoun"
    return "nominal"


def candidates(discourse: Discourse, phrase: SourcePhrase) -> list[Person]:
    """Give the entities that a phrase can stand for: people for "she", firms for "the firm"."""
    wanted = _wanted_type(phrase)
    near = discourse.near(phrase.start, MAX_CANDIDATES)
    return [p for p in near if wanted in ("", p.entity_type) and not _is_embedded(phrase, p)]


def _wanted_type(phrase: SourcePhrase) -> str:
    if phrase.pronoun is not None:
        return "person" if phrase.pronoun.gender in ("m", "f") else ""
    if phrase.age is not None:
        return "person"
    kinds = phrase.kinds
    if kinds and kinds <= {"person", "kin", "spokes"}:
        return "person"
    return "organization" if kinds == {"organization"} else ""


def _is_embedded(phrase: SourcePhrase, person: Person) -> bool:
    """Tell whether a person is named within a description of somebody else."""
    return (
        phrase.mention_type == "nominal"
        and person.entity_type == "person"
        and any(phrase.start <= start < phrase.end for start in person.starts)
    )


def candidate_features(
    discourse: Discourse, phrase: SourcePhrase, person: Person, recent: Recent | None
) -> Features:
    """Give the signs that speak for and against one entity.

    `recent` None leaves out what was said before: so the pronouns of the narrative are judged.
    """
    features = _where(discourse, phrase, person)
    features.update(_chain(discourse, phrase, person))
    if recent is not None:
        features.update(_conversation(person, recent))
    if phrase.pronoun is not None:
        features.update(_pronoun(phrase, person))
        if not phrase.pronoun.is_subject:
            for sign in _RECENCY & features.keys():
                features["oblique_" + sign] = features[sign]  # "her" looks nearer than "she"
        return features
    features.update(_description(discourse, phrase, person))
    if phrase.determiner == "the" and not discourse.noun_counts[phrase.head]:
        for sign in _RECENCY & features.keys():
            features["new_" + sign] = features[sign]  # "the 22-year-old" says something new
    if "spoke_last" in features:
        features[f"spoke_last_{phrase.determiner}"] = 1.0
        features[f"spoke_last_{phrase.kind or 'other'}"] = 1.0
    return features


def unnamed_features(discourse: Discourse, phrase: SourcePhrase, recent: Recent | None) -> Features:
    """Give the signs that the speaker is somebody whom the article does not name."""
    features: Features = {"bias": 1.0}
    if recent is not None and recent and recent[-1] is None:
        features["last_unnamed"] = 1.0
    if recent is not None and not recent:
        features["nobody_spoke"] = 1.0
    if phrase.pronoun is not None:
        features["word_" + phrase.words[0]] = 1.0
        if (linked := _last_link(discourse, phrase)) is not None:
            distance = discourse.paragraph(phrase.start) - discourse.paragraph(linked.start)
            features[f"chain_{min(distance, 2)}"] = linked.probability
        return features
    features["determiner_" + phrase.determiner] = 1.0
    features["kind_" + (phrase.kind or "other")] = 1.0
    features[f"determiner_{phrase.determiner}_kind_{phrase.kind or 'other'}"] = 1.0
    features["plural"] = float(phrase.is_plural)
    features["embedded"] = float(bool(phrase.embedded))
    features["headline"] = float(discourse.paragraph(phrase.start) == 1)
    features["lead"] = float(discourse.paragraph(phrase.start) == 2)
    features["length"] = math.log(1 + len(phrase.words))
    features["noun_is_known"] = float(discourse.noun_counts[phrase.head] > 0)
    return features


def _where(discourse: Discourse, phrase: SourcePhrase, person: Person) -> Features:
    """Where the entity was named, seen from the phrase."""
    features: Features = {
        "mentions": math.log(1 + len(person.starts)),
        "most_mentions": float(len(person.starts) == discourse.most_mentions[person.entity_type]),
    }
    position = bisect_left(person.starts, phrase.start)
    before = position - 1
    while before >= 0 and discourse.is_quoted(person.starts[before]):
        before -= 1
    if position < len(person.starts):
        features["same_sentence_behind"] = float(
            discourse.sentence(person.starts[position]) == discourse.sentence(phrase.start)
        )
    if before < 0:
        features["quoted_only" if position else "later_only"] = 1.0
        if not position:
            features.update(_later(discourse, phrase, person))
        return features
    start, end = person.starts[before], person.ends[before]
    paragraphs = discourse.paragraph(phrase.start) - discourse.paragraph(start)
    sentences = discourse.sentence(phrase.start) - discourse.sentence(start)
    subject = discourse.is_subject(start, end)
    opens = discourse.sentences[max(0, discourse.sentence(start) - 1)]
    features["paragraphs"] = math.log(1 + paragraphs)
    features[f"paragraphs_{min(paragraphs, 3)}"] = 1.0
    features[f"sentences_{min(sentences, 3)}"] = 1.0
    features[f"subject_{min(sentences, 2)}"] = float(subject)
    features["between"] = math.log(1 + _others_between(discourse, person, start, phrase.start))
    features["latest"] = float(features["between"] == 0)
    features["opens_sentence"] = float(start - opens < 30)
    features["headline_only"] = float(discourse.paragraph(start) == 1)
    return features


def _later(discourse: Discourse, phrase: SourcePhrase, person: Person) -> Features:
    """Where an entity is named that was not named before the phrase."""
    distance = discourse.paragraph(person.starts[0]) - discourse.paragraph(phrase.start)
    firsts = discourse.first_named[person.entity_type]
    is_next = person.starts[0] == firsts[bisect_left(firsts, phrase.start)]
    opening = discourse.paragraph(phrase.start) <= 2
    return {
        "first_later": math.log(1 + distance),
        "next_named": float(is_next),
        "opening_next": float(is_next and opening),
        "opening_later": float(opening),
    }


def _others_between(discourse: Discourse, person: Person, start: int, end: int) -> int:
    """Count the other entities of the same type that were named since, up to a bound."""
    named = discourse.named[person.entity_type]
    low, high = bisect_left(named, (start + 1, -1)), bisect_left(named, (end, -1))
    others = {index for _, index in named[low : min(high, low + MAX_BETWEEN)]}
    return len(others - {person.index})


def _conversation(person: Person, recent: Recent) -> Features:
    features: Features = {}
    if recent and recent[-1] == person.index:
        features["spoke_last"] = 1.0
    elif len(recent) > 1 and recent[-2] == person.index:
        features["spoke_before_last"] = 1.0
    elif person.index in recent:
        features["spoke"] = 1.0
    return features


def _chain(discourse: Discourse, phrase: SourcePhrase, person: Person) -> Features:
    """Whether the pronouns of the narrative just before stand for this entity."""
    linked = _last_link(discourse, phrase)
    if linked is None:
        return {}
    distance = discourse.paragraph(phrase.start) - discourse.paragraph(linked.start)
    if linked.entity != person.index:
        return {f"chain_other_{min(distance, 1)}": linked.probability}
    return {f"chain_{min(distance, 2)}": linked.probability}


def _last_link(discourse: Discourse, phrase: SourcePhrase) -> LinkedPronoun | None:
    """Give the last pronoun of the narrative that may go on in the phrase."""
    at = bisect_left(discourse.pronouns, phrase.start, key=lambda p: p.start) - 1
    wanted = phrase.pronoun.gender if phrase.pronoun is not None else ""
    here = discourse.paragraph(phrase.start)
    while at >= 0 and here - discourse.paragraph(discourse.pronouns[at].start) <= 2:
        if wanted in ("", discourse.pronouns[at].gender):
            return discourse.pronouns[at]
        at -= 1
    return None


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
    elsewhere = discourse.noun_counts[phrase.head] > (phrase.head in person.nouns)
    features["only_noun"] = features["noun"] * float(not elsewhere)
    features["nounless"] = float(not is_person and not person.nouns)
    features["in_lead"] = float(discourse.paragraph(person.starts[0]) <= 2)
    features["noun_and_words"] = features["noun"] * features["shared_words"]
    features["noun_alone"] = features["noun"] * float(not rest)
    features["other_words"] = features["noun"] * float(bool(rest) and not shared)
    features["is_described"] = float(bool(person.descriptions)) * (1 - features["noun"])
    generic = _GENERIC_PERSON if is_person else _GENERIC_ORGANIZATION
    features["generic"] = float(phrase.head in generic)
    features["noun_is_known_elsewhere"] = (1 - features["noun"]) * float(elsewhere)
    features["near_noun"] = (1 - features["noun"]) * float(phrase.head in person.context)
    near = {w for w in rest if w in person.context or _is_demonym(w, person.context)}
    features["near_words"] = len(near - shared) / max(1, len(rest)) if rest else 0.0
    if phrase.age is not None:
        features["age"] = float(phrase.age in person.ages)
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
    features["holds_name_document"] = features["holds_name"] * float(phrase.kind == "document")
    return features


def _is_demonym(word: str, context: frozenset[str]) -> bool:
    """Tell whether an adjective may come from a place nearby: Chilean from Chile."""
    if len(word) < 5 or not word.endswith(("an", "ish", "ese", "ian", "i", "ek", "ch", "que")):
        return False
    return any(len(other) > 3 and other[:4] == word[:4] and other != word for other in context)
