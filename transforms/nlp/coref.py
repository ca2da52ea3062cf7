"""Who is meant by a source phrase: names, pronouns and descriptions."""

from __future__ import annotations

from collections.abc import Sequence

from spacy.tokens import Doc

from transforms.nlp.types import Candidate, MentionType, Resolution

_PRONOUNS = frozenset(
    ["he", "she", "they", "it", "i", "we", "who", "one", "you", "him", "her", "them"]
)


def resolve_speaker(
    doc: Doc,
    start_char: int,
    end_char: int,
    *,
    exclude: frozenset[int] = frozenset(),
    recent: Sequence[int] = (),
) -> Resolution:
    """Find the entity that the source phrase `doc.text[start_char:end_char]` stands for.

    `exclude` holds entities that cannot be meant, `recent` the speakers of the quotations before
    this one, latest last.
    """
    entities = doc._.newsbeam_entities
    words = doc.text[start_char:end_char].lower().split()
    for mention in doc._.newsbeam_mentions:
        if start_char <= mention.start and mention.end <= end_char:
            entity = entities[mention.entity]
            if entity.entity_type in ("person", "organization") and entity.index not in exclude:
                return _found(doc, entity.index, "name", "name_in_source")
    if len(words) == 1 and words[0] in _PRONOUNS:
        for index in reversed(recent):
            if index not in exclude:
                return _found(doc, index, "pronoun", "last_speaker")
        for mention in reversed(doc._.newsbeam_mentions):
            entity = entities[mention.entity]
            if mention.end <= start_char and entity.entity_type == "person":
                return _found(doc, entity.index, "pronoun", "nearest_person")
        return Resolution(None, "pronoun", (), "none", ("unknown_speaker",))
    return Resolution(None, "nominal", (), "none", ("unnamed_speaker",))


def _found(doc: Doc, entity: int, mention_type: MentionType, method: str) -> Resolution:
    name = doc._.newsbeam_entities[entity].canonical_name
    return Resolution(entity, mention_type, (Candidate(entity, name, 0.8),), method)
