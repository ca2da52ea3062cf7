"""Whom the label of a turn means: initials ("AO: …"), and the answers of an interview ("A: …")."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from spacy.tokens import Doc

from transforms.nlp.discourse import Discourse
from transforms.nlp.turns import initials_of
from transforms.nlp.types import Candidate, DocEntity, Resolution

_ANSWER = re.compile(r"^A[:.] ", re.MULTILINE)
INITIALS = 0.9  # how often initials before a colon are the one person they fit
ANSWERS = 0.85  # how often the one who answers is whom the introduction names most


def labelled_speaker(doc: Doc, label: str, start: int) -> Resolution | None:
    """Find whom a label before a colon means; None where it is no such label."""
    if label == "A":
        return _interviewee(doc, start)
    if not (1 < len(label) < 6 and label.isalpha() and label.isupper()):
        return None
    entities: Sequence[DocEntity] = doc._.newsbeam_entities
    found = [
        entity.index
        for entity in entities
        if entity.entity_type in ("person", "organization")
        and initials_of(entity.canonical_name) == label
    ]
    return _resolved(doc, found[0], INITIALS, "initials") if len(found) == 1 else None


def _interviewee(doc: Doc, start: int) -> Resolution | None:
    """Find whom the headline and the introduction name most, of two the one named first."""
    discourse: Discourse = doc._.newsbeam_discourse
    opening = _ANSWER.search(discourse.text, 0, start)
    first_label = start if opening is None else opening.start()
    named = [
        index
        for place, index in discourse.named["person"]
        if place < first_label and not discourse.people[index].is_byline
    ]
    if not named:
        return None
    return _resolved(doc, Counter(named).most_common(1)[0][0], ANSWERS, "interview")


def _resolved(doc: Doc, entity: int, probability: float, method: str) -> Resolution:
    name = doc._.newsbeam_entities[entity].canonical_name
    return Resolution(entity, "name", (Candidate(entity, name, probability),), method)
