"""Who is meant by a source phrase: names, pronouns and descriptions."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from spacy.tokens import Doc

from transforms.nlp.coref_descriptions import Features
from transforms.nlp.coref_features import Recent, group_of, options
from transforms.nlp.discourse import Discourse, LinkedPhrase, Person
from transforms.nlp.quotations_types import UNKNOWN, UNNAMED
from transforms.nlp.role_nouns import find_noun
from transforms.nlp.source_phrase import SourcePhrase, pronouns, read_source
from transforms.nlp.types import Candidate, DocEntity, DocMention, MentionType, Resolution

WEIGHTS = Path(__file__).parent / "data" / "speaker_weights.json"
SEVERAL = "several_speakers"
MAX_CANDIDATES = 5
MAX_DESCRIPTION = 6  # tokens of a description that is the subject of a clause
_DESCRIBED = frozenset(("person", "kin"))
_DEFINITE = frozenset(("the", "his", "her", "their", "its"))
NAMED = 0.97  # how often the speaker is the entity whose name the phrase holds
THRESHOLD = 0.5  # below this probability the speaker is not told
DESCRIBED_THRESHOLD = 0.55  # or, of a description: it avoids two wrong ones for a right one lost


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
    known = doc._
    discourse: Discourse = known.newsbeam_discourse
    scored = score_candidates(discourse, phrase, exclude, recent)
    words = discourse.text[start_char:end_char]
    return _choose(known.newsbeam_entities, phrase, scored, words)


def read_phrase(doc: Doc, start_char: int, end_char: int) -> SourcePhrase:
    """Read a source phrase of a document."""
    known = doc._
    mentions: Sequence[DocMention] = known.newsbeam_mentions
    first = bisect_left(mentions, start_char, key=lambda m: m.start)
    text = known.newsbeam_discourse.text  # doc.text is put together anew each time
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


def link_phrases(discourse: Discourse) -> None:
    """Link the narrative's "he" and "she" (in all cases) and its described subjects, in order.

    Those inside quotation marks stay out: there, others speak. Sets `discourse.links`.
    """
    discourse.links = []
    for phrase in narrative_phrases(discourse):
        person, probability = score_candidates(discourse, phrase, frozenset(), None)[0]
        gender = phrase.pronoun.gender if phrase.pronoun is not None else phrase.gender
        if person is None and phrase.pronoun is not None:
            continue
        discourse.links.append(
            LinkedPhrase(
                phrase.start,
                phrase.end,
                gender,
                None if person is None else person.index,
                probability,
                discourse.sentence(phrase.start),
                discourse.paragraph(phrase.start),
                phrase.pronoun is not None,
            )
        )


def narrative_phrases(discourse: Discourse) -> Iterator[SourcePhrase]:
    """Yield the pronouns "he" and "she" and the described subjects outside quotation marks."""
    tokens, table = discourse.tokens, pronouns()
    names = {start for start, _ in discourse.named["person"]}
    for index, word in enumerate(tokens.lower):
        pronoun = table.get(word)
        if pronoun is not None:
            start = tokens.starts[index]
            if pronoun.gender in ("m", "f") and not discourse.is_quoted(start):
                end = tokens.end(index)
                yield SourcePhrase(start, end, "pronoun", (word,), pronoun=pronoun)
        elif tokens.tags[index] == "NOUN" and tokens.deps[index].startswith("nsubj"):
            phrase = _described_subject(discourse, index, names)
            if phrase is not None:
                yield phrase


def _described_subject(discourse: Discourse, head: int, names: set[int]) -> SourcePhrase | None:
    """Read `the judge` where it is the subject of a clause and no name follows."""
    tokens = discourse.tokens
    noun = find_noun(tokens.lower[head])
    if noun is None or not noun.kinds & _DESCRIBED or discourse.is_quoted(tokens.starts[head]):
        return None
    first = head
    while first > 0 and head - first < MAX_DESCRIPTION and tokens.lower[first] not in _DEFINITE:
        first -= 1
    if tokens.lower[first] not in _DEFINITE or any(tokens.stops(i) for i in range(first, head)):
        return None
    behind = [i for i in (head + 1, head + 2) if i < len(tokens)]
    if any(tokens.starts[i] in names for i in behind):
        return None
    return read_source(discourse.text, tokens.starts[first], tokens.end(head), (), 0)


def score_candidates(
    discourse: Discourse, phrase: SourcePhrase, exclude: frozenset[int], recent: Recent | None
) -> list[tuple[Person | None, float]]:
    """Give the candidates with their probabilities, likeliest first; None: somebody unnamed."""
    weights = read_weights().get(chain_group(phrase) if recent is None else group_of(phrase), {})
    scores = [
        (person, _dot(weights, signs))
        for person, signs in options(discourse, phrase, recent)
        if person is None or person.index not in exclude
    ]
    top = max(score for _, score in scores)
    total = sum(math.exp(score - top) for _, score in scores)
    ranked = [(person, math.exp(score - top) / total) for person, score in scores]
    return sorted(ranked, key=lambda item: -item[1])


def chain_group(phrase: SourcePhrase) -> str:
    """Name the set of weights that a phrase of the narrative is judged by."""
    return "chain" if phrase.pronoun is not None else "chain_nominal"


@cache
def read_weights() -> dict[str, dict[str, float]]:
    """Read the learned weights: group → sign → weight."""
    weights: dict[str, dict[str, float]] = json.loads(WEIGHTS.read_text(encoding="utf-8"))[
        "weights"
    ]
    return weights


def _dot(weights: dict[str, float], signs: Features) -> float:
    return sum([weights[name] * value for name, value in signs.items() if name in weights])


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
    least = DESCRIBED_THRESHOLD if phrase.pronoun is None else THRESHOLD
    if best is not None and probability >= least:
        return Resolution(best.index, mention_type, ranked, method)
    if best is None and (probability >= THRESHOLD or phrase.pronoun is None):
        return Resolution(None, mention_type, ranked, method, (UNNAMED,))
    flag = UNNAMED if unnamed > THRESHOLD else UNKNOWN
    return Resolution(None, mention_type, ranked, method, (flag,))
