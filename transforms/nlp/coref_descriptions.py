"""Signs that a description ("the minister", "the 22-year-old") stands for an entity."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from transforms.nlp.discourse import Discourse, Person
from transforms.nlp.knowledge import word_groups
from transforms.nlp.name_signs import demonyms
from transforms.nlp.source_phrase import SourcePhrase

Features = dict[str, float]

_FUNCTION_WORDS = frozenset(
    ("the", "a", "an", "of", "for", "at", "in", "on", "and", "to", "its", "his", "her", "their",
     "from", "with", "who", "by", "one", "two", "is", "was", "s")
)  # fmt: skip
_PREFIXES = ("ex-", "co-", "vice-", "deputy-", "then-")
_AGES = {  # of whom such a noun may be said
    "teenager": (13, 19), "teen": (13, 19), "schoolboy": (5, 18), "schoolgirl": (5, 18),
    "boy": (3, 17), "girl": (3, 17), "youngster": (5, 22), "pensioner": (60, 110),
    "septuagenarian": (70, 79), "octogenarian": (80, 89), "nonagenarian": (90, 99),
    "centenarian": (100, 110), "grandmother": (36, 110), "grandfather": (36, 110),
}  # fmt: skip
_COMPARED: dict[str, Callable[[Iterable[int]], int]] = {
    "older": max, "elder": max, "oldest": max, "eldest": max,
    "younger": min, "youngest": min, "junior": min,
}  # fmt: skip


@cache
def nations() -> dict[str, frozenset[str]]:
    """Read which lands a word says somebody comes from: finn → finland."""
    table: dict[str, frozenset[str]] = {}
    for land, words in word_groups("nations.tsv").items():
        for word in words:
            table[word] = table.get(word, frozenset()) | {land}
    return table


@cache
def related_nouns() -> dict[str, frozenset[str]]:
    """Read which nouns may name the same person or body: captain and skipper."""
    table: dict[str, set[str]] = {}
    for group, words in word_groups("related_nouns.tsv").items():
        for word in words:
            table.setdefault(word, set()).add(group)
    return {word: frozenset(groups) for word, groups in table.items()}


@cache
def human_nouns() -> frozenset[str]:
    """Give the nouns that say nothing but what anybody is: the man, the Finn."""
    return word_groups("related_nouns.tsv")["human"] | demonyms()


def phrase_class(phrase: SourcePhrase) -> str:
    """Sort descriptions: by a person's age or sex, by role, kin, group, document, crowd."""
    if phrase.age is not None or phrase.head in human_nouns():
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
        signs["age_of_another"] = float(
            phrase.age not in person.ages and phrase.age in discourse.ages
        )
    elif phrase.head in _AGES and person.ages:
        low, high = _AGES[phrase.head]
        fits = any(low <= age <= high for age in person.ages)
        signs["age_fits_noun" if fits else "age_contradicts_noun"] = 1.0
    rank = _age_rank(discourse, phrase, person)
    if rank is not None:
        signs["age_rank_fits" if rank else "age_rank_contradicts"] = 1.0
    kind = phrase_class(phrase)
    definite = phrase.determiner in ("the", "possessive")
    signs["indefinite"] = float(phrase.determiner in ("a", "number"))
    signs["definite"] = float(definite)
    signs["definite_noun"] = definite * signs["noun"]
    signs["bare_noun"] = float(phrase.determiner == "none") * signs["noun"]
    signs["plural"] = float(phrase.is_plural)
    signs["kind_" + kind] = 1.0
    signs["person"] = float(is_person)
    signs["other_kind_of_body"] = float(
        not is_person and bool(person.nouns) and not signs["noun"] and not signs["related_noun"]
    )
    if is_person:
        signs["full_name"] = float(person.is_full)
        signs["has_given_name"] = float(person.has_given_name)
        signs["is_described_at_all"] = float(bool(person.descriptions))
    signs["in_lead"] = float(person.places[0].paragraph <= 2)
    signs["holds_name"] = float(any(phrase.start <= s < phrase.end for s in person.starts))
    signs["holds_name_" + kind] = signs["holds_name"]
    return signs


@lru_cache(maxsize=4096)
def _comparison(words: tuple[str, ...]) -> Callable[[Iterable[int]], int] | None:
    return next((_COMPARED[w] for w in words if w in _COMPARED), None)


@lru_cache(maxsize=4096)
def _lands(words: tuple[str, ...]) -> frozenset[str]:
    """Give the lands that the words of a description name."""
    return frozenset(land for w in words for land in nations().get(w, ()))


def _age_rank(discourse: Discourse, phrase: SourcePhrase, person: Person) -> bool | None:
    """Tell whether "the older teacher" is older than all others whose age is known."""
    pick = _comparison(phrase.words)
    if pick is None or not person.ages or len(discourse.ages) < 2:
        return None
    return pick(person.ages) == pick(discourse.ages)


def _noun_signs(
    signs: Features, discourse: Discourse, phrase: SourcePhrase, person: Person
) -> None:
    head = phrase.head
    base = head.rpartition("-")[2] if head.startswith(_PREFIXES) else head
    noun = float(bool(head) and (head in person.nouns or base in person.nouns))
    content = {w for w in phrase.words if w not in _FUNCTION_WORDS and len(w) > 1}
    rest = content - {head}
    shared = rest & person.words
    elsewhere = max(discourse.noun_counts[head], discourse.noun_counts[base]) > noun
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
    lands = _lands(phrase.words)
    if lands:
        known = person.words | person.context
        signs["nation"] = float(any(lands & nations()[w] for w in known if w in nations()))
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
    if len(word) < 4 or not word.endswith(("an", "ish", "ese", "ian", "i", "ek", "ch", "que")):
        return False
    return any(len(other) > 3 and other[:4] == word[:4] and other != word for other in context)
