"""Quotations of the headline and the lead that the article quotes again, with their speaker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from transforms.nlp.confidence import Evidence
from transforms.nlp.coref import read_phrase
from transforms.nlp.floating import Said
from transforms.nlp.layout import Layout
from transforms.nlp.types import Candidate, Resolution
from transforms.nlp.utterances import Utterance

REPEATED = "repeated"
SURE = 0.9  # how often the one who is quoted with the same words again is the speaker
_WORD = re.compile(r"\w+")
_OF_MANY = frozenset(("organization", "crowd", "document"))


def speaker_of_repeat(evidence: Evidence, said: Sequence[Said]) -> Resolution | None:
    """Give the speaker of the same words further down; None where nobody is quoted so again.

    Only for the first two paragraphs, and where no name or pronoun stands beside the quotation.
    """
    layout, utterance, resolution = evidence.layout, evidence.utterance, evidence.resolution
    if utterance.is_scare or utterance.quote_type == "indirect" or not utterance.numbers:
        return None
    if layout.marked[utterance.numbers[0]].paragraph > 1:
        return None
    if not utterance.is_floating and resolution.mention_type != "nominal":
        return None
    own = _words(layout, utterance)
    speakers = {
        other.speaker
        for other in said
        if other.utterance is not utterance
        and other.speaker is not None
        and other.utterance.spans[0][0] > utterance.spans[0][0]
        and own in _words(layout, other.utterance)
    }
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
