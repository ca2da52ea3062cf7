"""The signs by which a source phrase's speaker is chosen; their weights are learned.

`options` gives the signs (name → strength) of each candidate; `coref.py` adds them up with the
weights of `data/speaker_weights.json`, which `training/speakers/train.py` learns.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.nlp.coref_descriptions import Features, description_signs, phrase_class
from transforms.nlp.discourse import SUBJECT_ROLES, Discourse, LinkedPhrase, Person, Place
from transforms.nlp.source_phrase import SourcePhrase

Recent = Sequence[int | None]  # speakers of the quotations before, latest last; None: unnamed

MAX_BACK = 120  # names that are looked through before the phrase
MAX_CANDIDATES = 40  # nearest ones, so that a list of results costs no more than an article
AGAINST = 1.5  # log odds from which a gender contradicts
SURELY_AGAINST = 2.4  # and from which it hardly ever is the other one

_RECENCY = (
    "latest", "paragraphs_0", "paragraphs_1", "sentences_0", "sentences_1", "opens_sentence",
    "subject_0", "subject_1", "spoke_last", "most_mentions", "chain_0", "chain_1", "next_named",
    "speaks", "only_fit", "topic_0", "topic_1", "dep_main_0", "dep_main_1", "named_in_quotation",
)  # fmt: skip
_CLASS_RECENCY = (
    "latest", "paragraphs_0", "sentences_1", "subject_0", "subject_1", "spoke_last",
    "most_mentions", "chain_0", "chain_1", "next_named", "speaks",
)  # fmt: skip


@dataclass(frozen=True)
class Focus:
    """What holds for all candidates of one phrase."""

    paragraph: int
    sentence: int
    ranks: dict[int, int]  # entity → how many other fitting ones of its type were named since
    most: dict[str, int]  # names of the fitting entity of each type that is named most
    fits: int  # how many people named before fit
    linked: LinkedPhrase | None  # the last pronoun or description of the narrative


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


def options(
    discourse: Discourse, phrase: SourcePhrase, recent: Recent | None
) -> list[tuple[Person | None, Features]]:
    """Give the candidates with their signs; the first is None: somebody unnamed.

    `recent` None leaves out what was said before: so the narrative's own phrases are judged.
    """
    people = candidates(discourse, phrase)
    focus = _focus(discourse, phrase, people)
    found: list[tuple[Person | None, Features]] = [
        (None, _unnamed_signs(discourse, phrase, recent, focus))
    ]
    for person in people:
        found.append((person, _candidate_signs(discourse, phrase, person, recent, focus)))
    return found


def _wanted_gender(phrase: SourcePhrase) -> float:
    """1 for a woman, -1 for a man, 0 where the phrase does not say."""
    gender = phrase.pronoun.gender if phrase.pronoun is not None else phrase.gender
    return 1.0 if gender == "f" else -1.0 if gender == "m" else 0.0


def _focus(discourse: Discourse, phrase: SourcePhrase, people: Sequence[Person]) -> Focus:
    sign = _wanted_gender(phrase)
    fitting = {p.index for p in people if not p.is_byline and sign * p.gender > -AGAINST}
    ranks: dict[int, int] = {}
    fits = 0
    for kind in ("person", "organization"):
        named = discourse.named[kind]
        high = bisect_left(named, (phrase.start, -1))
        seen = 0
        for _, index in reversed(named[max(0, high - MAX_BACK) : high]):
            if index not in ranks:
                ranks[index] = seen
                seen += index in fitting
        fits += seen if kind == "person" else 0
    most: dict[str, int] = {}
    for person in people:
        if person.index in fitting:
            most[person.entity_type] = max(most.get(person.entity_type, 0), len(person.starts))
    return Focus(
        discourse.paragraph(phrase.start),
        discourse.sentence(phrase.start),
        ranks,
        most,
        fits,
        _last_link(discourse, phrase),
    )


def _candidate_signs(
    discourse: Discourse, phrase: SourcePhrase, person: Person, recent: Recent | None, focus: Focus
) -> Features:
    signs = _where(discourse, phrase, person, focus)
    _chain(signs, person, focus)
    if person.speeches:
        signs["speaks"] = math.log1p(len(person.speeches))
    if person.is_byline:
        signs["byline"] = 1.0
    if recent is not None:
        _conversation(signs, person, recent)
    if phrase.pronoun is not None:
        _pronoun(signs, phrase, person)
        if not phrase.pronoun.is_subject:
            for name in _RECENCY:
                if name in signs:
                    signs["oblique_" + name] = signs[name]  # "her" looks nearer than "she"
        return signs
    signs.update(description_signs(discourse, phrase, person))
    kind = phrase_class(phrase)
    new = phrase.determiner == "the" and not discourse.noun_counts[phrase.head]
    for name in _CLASS_RECENCY:
        if name in signs:
            signs[f"{kind}_{name}"] = signs[name]
            if new:
                signs["new_" + name] = signs[name]  # "the 22-year-old" says something new
    if "spoke_last" in signs:
        signs[f"spoke_last_{phrase.determiner}"] = 1.0
    return signs


def _unnamed_signs(
    discourse: Discourse, phrase: SourcePhrase, recent: Recent | None, focus: Focus
) -> Features:
    """Give the signs that the speaker is somebody whom the article does not name."""
    signs: Features = {"unnamed.bias": 1.0}
    if recent is not None and recent and recent[-1] is None:
        signs["unnamed.last_unnamed"] = 1.0
    if recent is not None and not recent:
        signs["unnamed.nobody_spoke"] = 1.0
    if focus.linked is not None:
        distance = min(focus.paragraph - focus.linked.paragraph, 2)
        name = "chain" if focus.linked.entity is not None else "chain_unnamed"
        signs[f"unnamed.{name}_{distance}"] = focus.linked.probability
    if phrase.pronoun is not None:
        signs["unnamed.word_" + phrase.words[0]] = 1.0
        signs["unnamed.nobody_fits"] = float(not focus.fits)
        return signs
    kind = phrase_class(phrase)
    known = discourse.noun_counts[phrase.head] > 0
    opening = "headline" if focus.paragraph == 1 else "lead" if focus.paragraph == 2 else "later"
    for name in (
        f"determiner_{phrase.determiner}",
        f"kind_{kind}",
        f"determiner_{phrase.determiner}_kind_{kind}",
        f"{opening}_{phrase.determiner}",
        f"{opening}_{kind}",
    ):
        signs["unnamed." + name] = 1.0
    signs["unnamed.plural"] = float(phrase.is_plural)
    signs["unnamed.embedded"] = float(bool(phrase.embedded))
    signs["unnamed.length"] = math.log(1 + len(phrase.words))
    signs["unnamed.noun_is_known"] = float(known)
    if known:
        holders = str(min(discourse.noun_counts[phrase.head], 2))
        for name in (phrase.determiner, kind, opening, holders):
            signs["unnamed.known_" + name] = 1.0
    return signs


def _where(discourse: Discourse, phrase: SourcePhrase, person: Person, focus: Focus) -> Features:
    """Where the entity was named, seen from the phrase."""
    signs: Features = {
        "mentions": math.log(1 + len(person.starts)),
        "most_mentions": float(len(person.starts) == focus.most.get(person.entity_type)),
    }
    position = bisect_left(person.starts, phrase.start)
    for near in person.places[max(0, position - 2) : position + 2]:
        if near.is_quoted and abs(near.sentence - focus.sentence) <= 1:
            signs["named_in_quotation"] = 1.0  # speakers hardly name themselves
    if position < len(person.starts) and person.places[position].sentence == focus.sentence:
        signs["same_sentence_behind"] = 1.0
    before = position - 1
    while before >= 0 and person.places[before].is_quoted:
        before -= 1
    if before >= 0:
        _before(signs, discourse, person, person.places[before], focus)
    elif position:
        signs["quoted_only"] = 1.0
    else:
        signs["later_only"] = 1.0
        _later(signs, discourse, phrase, person, focus)
    return signs


def _before(
    signs: Features, discourse: Discourse, person: Person, place: Place, focus: Focus
) -> None:
    """The last place where an entity was named before the phrase."""
    paragraphs = focus.paragraph - place.paragraph
    sentences = focus.sentence - place.sentence
    rank = focus.ranks.get(person.index, MAX_BACK)
    near = min(sentences, 2)
    signs["paragraphs"] = math.log(1 + paragraphs)
    signs[f"paragraphs_{min(paragraphs, 3)}"] = 1.0
    signs[f"sentences_{min(sentences, 3)}"] = 1.0
    signs[f"dep_{place.role}_{near}"] = 1.0
    if place.role in SUBJECT_ROLES:
        signs[f"subject_{near}"] = 1.0
    signs["between"] = math.log(1 + rank)
    if rank == 0:
        signs["latest"] = 1.0
        signs[f"latest_{min(paragraphs, 2)}"] = 1.0
        signs["only_fit"] = float(focus.fits == 1)
    if discourse.topics.get(focus.paragraph) == person.index and not paragraphs:
        signs["topic_0"] = 1.0
    if discourse.topics.get(focus.paragraph - 1) == person.index:
        signs["topic_1"] = 1.0
    signs["opens_sentence"] = float(place.opens)
    signs["headline_only"] = float(place.paragraph == 1)
    if sentences <= 3 and place.start in person.speeches:
        signs[f"spoke_there_{near}"] = 1.0


def _later(
    signs: Features, discourse: Discourse, phrase: SourcePhrase, person: Person, focus: Focus
) -> None:
    """Where an entity is named that was not named before the phrase."""
    signs["first_later"] = math.log(1 + person.places[0].paragraph - focus.paragraph)
    firsts = discourse.first_named[person.entity_type]
    next_at = bisect_left(firsts, phrase.start)
    is_next = next_at < len(firsts) and person.starts[0] == firsts[next_at]
    opening = focus.paragraph <= 2
    signs["next_named"] = float(is_next)
    signs["opening_next"] = float(is_next and opening)
    signs["opening_later"] = float(opening)
    if opening and person.speeches:
        speakers = discourse.first_speeches[person.entity_type]
        at = bisect_left(speakers, phrase.start)
        first = at < len(speakers) and speakers[at] == person.speeches[0]
        signs["opening_first_speaker"] = float(first)


def _conversation(signs: Features, person: Person, recent: Recent) -> None:
    if recent and recent[-1] == person.index:
        signs["spoke_last"] = 1.0
    elif len(recent) > 1 and recent[-2] == person.index:
        signs["spoke_before_last"] = 1.0
    elif person.index in recent:
        signs["spoke"] = 1.0


def _chain(signs: Features, person: Person, focus: Focus) -> None:
    """Whether the pronouns and descriptions of the narrative just before stand for this entity."""
    linked = focus.linked
    if linked is None:
        return
    distance = focus.paragraph - linked.paragraph
    if linked.entity != person.index:
        signs[f"chain_other_{min(distance, 1)}"] = linked.probability
    else:
        signs[f"chain_{min(distance, 2)}"] = linked.probability
        if focus.sentence - linked.sentence <= 1:
            signs["chain_near"] = linked.probability


def _last_link(discourse: Discourse, phrase: SourcePhrase) -> LinkedPhrase | None:
    """Give the last phrase of the narrative that may go on in this one."""
    links = discourse.links
    at = bisect_left(links, phrase.start, key=lambda p: p.start) - 1
    wanted = phrase.pronoun.gender if phrase.pronoun is not None else ""
    here = discourse.paragraph(phrase.start)
    while at >= 0 and here - links[at].paragraph <= 2:
        if not wanted or links[at].gender in ("", wanted):
            return links[at]
        at -= 1
    return None


def _pronoun(signs: Features, phrase: SourcePhrase, person: Person) -> None:
    assert phrase.pronoun is not None
    pronoun = phrase.pronoun
    if pronoun.gender in ("m", "f"):
        value = (1.0 if pronoun.gender == "f" else -1.0) * person.gender
        signs["gender"] = max(-4.0, min(4.0, value))
        signs["gender_against"] = float(value < -AGAINST)
        signs["gender_surely_against"] = float(value < -SURELY_AGAINST)
        signs["gender_unknown"] = float(person.gender == 0.0)
        return
    signs[f"{phrase.words[0]}_{person.entity_type}"] = 1.0
