"""Signs that a description ("the minister", "the 22-year-old") stands for an entity."""

from __future__ import annotations

from functools import cache

from transforms.nlp.discourse import Discourse, Person
from transforms.nlp.knowledge import word_groups
from transforms.nlp.source_phrase import SourcePhrase

Features = dict[str, float]

_FUNCTION_WORDS = frozenset(
    ("the", "a", "an", "of", "for", "at", "in", "on", "and", "to", "its", "his", "her", "their",
     "from", "with", "who", "by", "one", "two", "is", "was", "s")
)  # fmt: skip


@cache
def related_nouns() -> dict[str, frozenset[str]]:
    """Read which nouns may name the same person or body: captain and skipper."""
    table: dict[str, set[str]] = {}
    for group, words in word_groups("related_nouns.tsv").items():
        for word in words:
            table.setdefault(word, set()).add(group)
    return {word: frozenset(groups) for word, groups in table.items()}


def phrase_class(phrase: SourcePhrase) -> str:
    """Sort descriptions: by a person's age or sex, by role, kin, group, document, crowd."""
    if phrase.age is not None or phrase.head in word_groups("related_nouns.tsv")["human"]:
        return "human"
    return phrase.kind or "other"


def description_signs(discourse: Discourse, phrase: SourcePhrase, person: Person) -> Features:
    """Give the signs of one candidate: nouns, words, gender, age that fit or do not."""
    signs: Features = {}
    is_person = person.entity_type == "person"
    wants_person = phrase.kind in ("person", "kin", "spokes") or phrase.age is not None
    wants_group = phrase.kind in ("organization", "document")
    signs["wrong_type"] = float((wants_person and not is_person) or (wants_group and is_person))
    signs["crowd_type"] = float(phrase.kind == "crowd")
    if phrase.gender and is_person:
        value = (1.0 if phrase.gender == "f" else -1.0) * person.gender
        signs["gender"] = max(-4.0, min(4.0, value))
        signs["gender_against"] = float(value < -1.5)
    _noun_signs(signs, discourse, phrase, person)
    if phrase.age is not None:
        signs["age"] = float(phrase.age in person.ages)
        signs["other_age"] = float(bool(person.ages) and phrase.age not in person.ages)
    kind = phrase_class(phrase)
    definite = phrase.determiner in ("the", "possessive")
    signs["indefinite"] = float(phrase.determiner in ("a", "number"))
    signs["definite"] = float(definite)
    signs["definite_noun"] = definite * signs["noun"]
    signs["bare_noun"] = float(phrase.determiner == "none") * signs["noun"]
    signs["plural"] = float(phrase.is_plural)
    signs["kind_" + kind] = 1.0
    signs["person"] = float(is_person)
    signs["in_lead"] = float(person.places[0].paragraph <= 2)
    signs["holds_name"] = float(any(phrase.start <= s < phrase.end for s in person.starts))
    signs["holds_name_" + kind] = signs["holds_name"]
    return signs


def _noun_signs(
    signs: Features, discourse: Discourse, phrase: SourcePhrase, person: Person
) -> None:
    head = phrase.head
    noun = float(bool(head) and head in person.nouns)
    content = {w for w in phrase.words if w not in _FUNCTION_WORDS and len(w) > 1}
    rest = content - {head}
    shared = rest & person.words
    elsewhere = discourse.noun_counts[head] > (head in person.nouns)
    signs["noun"] = noun
    signs["shared_words"] = len(shared) / max(1, len(rest)) if rest else 0.0
    signs["only_noun"] = noun * float(not elsewhere)
    signs["nounless"] = float(not person.nouns)
    signs["noun_and_words"] = noun * signs["shared_words"]
    signs["noun_alone"] = noun * float(not rest)
    signs["other_words"] = noun * float(bool(rest) and not shared)
    signs["is_described"] = float(bool(person.descriptions)) * (1 - noun)
    signs["noun_is_known_elsewhere"] = (1 - noun) * float(elsewhere)
    signs["near_noun"] = (1 - noun) * float(head in person.context)
    near = {w for w in rest if w in person.context or _is_demonym(w, person.context)}
    signs["near_words"] = len(near - shared) / max(1, len(rest)) if rest else 0.0
    if not noun:
        table = related_nouns()
        groups = table.get(head, frozenset())
        related = any(groups & table.get(other, frozenset()) for other in person.nouns)
        signs["related_noun"] = float(related)
        signs["related_near"] = float(
            not related and any(groups & table[w] for w in person.context if w in table)
        )


def _is_demonym(word: str, context: frozenset[str]) -> bool:
    """Tell whether an adjective may come from a place nearby: Chilean from Chile."""
    if len(word) < 5 or not word.endswith(("an", "ish", "ese", "ian", "i", "ek", "ch", "que")):
        return False
    return any(len(other) > 3 and other[:4] == word[:4] and other != word for other in context)
