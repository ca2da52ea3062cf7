"""Who is meant by a source phrase: names, pronouns and descriptions."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from spacy.tokens import Doc

from transforms.nlp.coref_features import (
    Features,
    Recent,
    candidate_features,
    candidates,
    group_of,
    unnamed_features,
)
from transforms.nlp.discourse import Discourse, LinkedPronoun, Person
from transforms.nlp.source_phrase import SourcePhrase, pronouns, read_source
from transforms.nlp.types import Candidate, DocEntity, DocMention, MentionType, Resolution

WEIGHTS = Path(__file__).parent / "data" / "speaker_weights.json"
UNNAMED = "unnamed_speaker"
UNKNOWN = "unknown_speaker"
SEVERAL = "several_speakers"
MAX_CANDIDATES = 5
NAMED = 0.97  # how often the speaker is the entity whose name the phrase holds
THRESHOLD = 0.5  # below this probability the speaker is not told


def resolve_speaker(
    doc: Doc,
    start_char: int,
    end_char: int,
    *,
    exclude: frozenset[int] = frozenset(),
    recent: Recent = (),
) -> Resolution:
    """Find the entity that the source phrase `doc.text[start_char:end_char]` stands for.

    `exclude` holds entities that cannot be meant; `recent` the speakers of the quotations before
    this one in the text, latest last, None for one that was not named. Without an entity, the
    resolution's flags say why: `unnamed_speaker` where the article does not name the speaker,
    `several_speakers`, `unknown_speaker` where it cannot be told.
    """
    phrase = read_phrase(doc, start_char, end_char)
    if phrase.mention_type == "name":
        return _named(doc, phrase, exclude)
    discourse: Discourse = doc._.newsbeam_discourse
    scored = score_candidates(discourse, phrase, exclude, recent)
    words = discourse.text[start_char:end_char]
    return _choose(doc._.newsbeam_entities, phrase, scored, words)


def read_phrase(doc: Doc, start_char: int, end_char: int) -> SourcePhrase:
    """Read a source phrase of a document."""
    mentions: Sequence[DocMention] = doc._.newsbeam_mentions
    first = bisect_left(mentions, start_char, key=lambda m: m.start)
    text = doc._.newsbeam_discourse.text  # doc.text is put together anew each time
    return read_source(text, start_char, end_char, mentions, first)


def _named(doc: Doc, phrase: SourcePhrase, exclude: frozenset[int]) -> Resolution:
    entities: Sequence[DocEntity] = doc._.newsbeam_entities
    found = list(
        dict.fromkeys(doc._.newsbeam_mentions[position].entity for position in phrase.names)
    )
    found = [entity for entity in found if entity not in exclude]
    share = NAMED / max(1, len(found))
    ranked = tuple(Candidate(e, entities[e].canonical_name, share) for e in found)
    if len(found) == 1:
        return Resolution(found[0], "name", ranked, "name")
    flag = SEVERAL if found else UNKNOWN
    return Resolution(None, "name", ranked, "several_names" if found else "name", (flag,))


def link_pronouns(discourse: Discourse) -> None:
    """Link the pronouns "he" and "she" (in all cases) of the narrative to people, in order.

    Those inside quotation marks stay out: there, others speak. Sets `discourse.pronouns`.
    """
    discourse.pronouns = []
    table = pronouns()
    for index, word in enumerate(discourse.tokens.lower):
        pronoun = table.get(word)
        if pronoun is None or pronoun.gender not in ("m", "f"):
            continue
        start, end = discourse.tokens.starts[index], discourse.tokens.end(index)
        if discourse.is_quoted(start):
            continue
        phrase = SourcePhrase(start, end, "pronoun", (word,), pronoun=pronoun)
        person, probability = score_candidates(discourse, phrase, frozenset(), None)[0]
        if person is not None:
            linked = LinkedPronoun(start, end, pronoun.gender, person.index, probability)
            discourse.pronouns.append(linked)


def score_candidates(
    discourse: Discourse, phrase: SourcePhrase, exclude: frozenset[int], recent: Recent | None
) -> list[tuple[Person | None, float]]:
    """Give the candidates with their probabilities, likeliest first; None: somebody unnamed."""
    weights = read_weights().get("chain" if recent is None else group_of(phrase), {})
    people = [p for p in candidates(discourse, phrase) if p.index not in exclude]
    scores: list[tuple[Person | None, float]] = [
        (None, _dot(weights, "unnamed.", unnamed_features(discourse, phrase, recent)))
    ]
    for person in people:
        features = candidate_features(discourse, phrase, person, recent)
        scores.append((person, _dot(weights, "", features)))
    top = max(score for _, score in scores)
    total = sum(math.exp(score - top) for _, score in scores)
    ranked = [(person, math.exp(score - top) / total) for person, score in scores]
    return sorted(ranked, key=lambda item: -item[1])


@cache
def read_weights() -> dict[str, dict[str, float]]:
    """Read the learned weights: group → sign → weight."""
    weights: dict[str, dict[str, float]] = json.loads(WEIGHTS.read_text(encoding="utf-8"))[
        "weights"
    ]
    return weights


def _dot(weights: dict[str, float], prefix: str, features: Features) -> float:
    return sum(weights.get(prefix + name, 0.0) * value for name, value in features.items())


def _choose(
    entities: Sequence[DocEntity],
    phrase: SourcePhrase,
    scored: Sequence[tuple[Person | None, float]],
    words: str,
) -> Resolution:
    ranked = tuple(
        Candidate(
            None if person is None else person.index,
            " ".join(words.split()) if person is None else entities[person.index].canonical_name,
            math.floor(probability * 10_000) / 10_000,  # never more than 1 in all
        )
        for person, probability in scored[:MAX_CANDIDATES]
    )
    method = group_of(phrase)
    mention_type: MentionType = phrase.mention_type
    best, probability = scored[0]
    unnamed = next((p for person, p in scored if person is None), 0.0)
    if best is not None and probability >= THRESHOLD:
        return Resolution(best.index, mention_type, ranked, method)
    if best is None and (probability >= THRESHOLD or phrase.pronoun is None):
        return Resolution(None, mention_type, ranked, method, (UNNAMED,))
    flag = UNNAMED if unnamed > THRESHOLD else UNKNOWN
    return Resolution(None, mention_type, ranked, method, (flag,))
