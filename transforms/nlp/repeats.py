"""Quotations of the headline and the lead that the article quotes again, with their speaker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from transforms.nlp.confidence import Evidence
from transforms.nlp.coref import read_phrase
from transforms.nlp.floating import Said
from transforms.nlp.layout import Layout
from transforms.nlp.types import Candidate, Resolution
from transforms.nlp.utterances import Utterance

REPEATED = "repeated"
SURE = 0.9  # how often the one who is quoted with the same words again is the speaker
MAX_LOOKED_AT = 40  # marked spans that open a text: more are no headline and no lead
_WORD = re.compile(r"\w+")
_OF_MANY = frozenset(("organization", "crowd", "document"))


@dataclass(frozen=True)
class Spoken:
    """The words of a quotation whose speaker is known."""

    start: int  # of its first character
    words: str  # in lower case, with blanks around each
    speaker: int  # index of the entity


def spoken_words(layout: Layout, said: Sequence[Said]) -> tuple[Spoken, ...]:
    """Read what those said of whom it is known who they are."""
    return tuple(
        Spoken(one.utterance.spans[0][0], _words(layout, one.utterance), one.speaker)
        for one in said
        if one.speaker is not None
    )


def speaker_of_repeat(evidence: Evidence, spoken: Sequence[Spoken]) -> Resolution | None:
    """Give the speaker of the same words further down; None where nobody is quoted so again.

    Only for the first two paragraphs, and where no name or pronoun stands beside the quotation.
    """
    layout, utterance, resolution = evidence.layout, evidence.utterance, evidence.resolution
    if utterance.is_scare or utterance.quote_type == "indirect" or not utterance.numbers:
        return None
    first = utterance.numbers[0]
    if first >= MAX_LOOKED_AT or layout.marked[first].paragraph > 1:
        return None
    if not utterance.is_floating and resolution.mention_type != "nominal":
        return None
    own, start = _words(layout, utterance), utterance.spans[0][0]
    speakers = {other.speaker for other in spoken if other.start > start and own in other.words}
    speaker = next(iter(speakers)) if len(speakers) == 1 else None
    if speaker is None or speaker == resolution.entity:
        return None
    if not utterance.is_floating and not _may_be(layout, utterance, speaker):
        return None
    name = layout.doc._.newsbeam_entities[speaker].canonical_name
    candidates = (Candidate(speaker, name, SURE),)
    return replace(resolution, entity=speaker, candidates=candidates, method=REPEATED, flags=())


def _words(layout: Layout, utterance: Utterance) -> str:
    """Give the words of an utterance in lower case, with blanks around each."""
    found = [w.lower() for s, e in utterance.spans for w in _WORD.findall(layout.text[s:e])]
    return f" {' '.join(found)} "


def _may_be(layout: Layout, utterance: Utterance, speaker: int) -> bool:
    """Whether the words beside a quotation may mean this entity: the ministers are not one."""
    source = utterance.source
    if source is None:
        return True
    phrase = read_phrase(layout.doc, *layout.chars_of(source.first, source.stop))
    kinds = phrase.kinds - {""}
    person = layout.doc._.newsbeam_entities[speaker].entity_type == "person"
    if person:
        return not phrase.is_plural and not (kinds and kinds <= _OF_MANY)
    return not (kinds and kinds.isdisjoint(_OF_MANY))
