"""What the names' and the coreference's code hand on: mentions, entities and resolved speakers.

All offsets are characters of the document's text (Python indices).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spacy.tokens import Doc

MentionType = Literal["name", "pronoun", "nominal"]
EntityType = Literal["person", "organization", "place", "other"]


@dataclass(frozen=True, order=True)
class DocMention:
    """A span that names or refers to an entity, without title, possessive or "the"."""

    start: int  # first character
    end: int  # one past the last
    label: str  # of spaCy's English set: PERSON, ORG, GPE, LOC, FAC, NORP, EVENT …
    mention_type: MentionType
    entity: int  # index of its DocEntity


@dataclass(frozen=True)
class DocEntity:
    """One person, organization, place or other thing of one document."""

    index: int  # position in `doc._.newsbeam_entities`
    canonical_name: str  # the fullest name, without title or "the"
    entity_type: EntityType  # last word, after the document-level corrections
    label: str  # of the canonical mention
    aliases: tuple[str, ...]  # other names in the document, in order of appearance
    role: str | None  # "the harbour minister"
    mentions: tuple[int, ...]  # positions in `doc._.newsbeam_mentions`


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be meant by a source phrase."""

    entity: int | None  # index of the DocEntity; None: somebody unnamed
    text: str  # canonical name, or the words where it has no name
    probability: float  # calibrated; the candidates of one resolution add up to at most 1


@dataclass(frozen=True)
class Resolution:
    """Who is meant by a source phrase."""

    entity: int | None  # index of the DocEntity; None: see flags
    mention_type: MentionType  # of the source phrase
    candidates: tuple[Candidate, ...]  # likeliest first
    method: str  # the rule that decided
    flags: tuple[str, ...] = ()  # unnamed_speaker, unknown_speaker

    @property
    def probability(self) -> float:
        """How sure the answer is: that of its candidate, 0 where it is unknown."""
        return next((c.probability for c in self.candidates if c.entity == self.entity), 0.0)


def register_extensions() -> None:
    """Make sure that documents carry `newsbeam_entities`, `_mentions` and `_discourse`."""
    for name in ("newsbeam_entities", "newsbeam_mentions"):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=())
    if not Doc.has_extension("newsbeam_discourse"):
        Doc.set_extension("newsbeam_discourse", default=None)
