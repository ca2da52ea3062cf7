"""Calibrated confidence: how likely it is that content and speaker of a quotation are right."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.nlp.layout import Layout
from transforms.nlp.logit import Models, bucket, score, sigmoid
from transforms.nlp.types import DocEntity, Resolution
from transforms.nlp.utterances import Utterance

MODEL = "confidence"


@dataclass(frozen=True)
class Evidence:
    """What is known of a quotation when its confidence is asked for."""

    layout: Layout
    utterance: Utterance
    resolution: Resolution


def confidence_of(evidence: Evidence, models: Models) -> float:
    """Give the calibrated probability, 0 to 1, that the attribution is right."""
    weights = models[MODEL]
    if not weights:
        return round(min(evidence.utterance.probability, 0.9), 4)
    return round(sigmoid(score(weights, confidence_features(evidence))), 4)


def confidence_features(evidence: Evidence) -> list[str]:
    """Describe a quotation by what makes attributions right or wrong."""
    utterance, resolution = evidence.utterance, evidence.resolution
    kind = "floating" if utterance.is_floating else utterance.quote_type
    content = _level(utterance.probability)
    speaker = _level(resolution.probability) if resolution.entity is not None else "none"
    method = utterance.source.method if utterance.source else "none"
    side = "-"
    if utterance.cue is not None and utterance.numbers:
        first = evidence.layout.outer_tokens[utterance.numbers[0]][0]
        side = "B" if utterance.cue.token < first else "A"
    return [
        "1",
        f"kind={kind}",
        f"kind={kind}&content={content}",
        f"content={content}",
        f"speaker={speaker}",
        f"kind={kind}&speaker={speaker}",
        f"method={method}",
        f"resolved={resolution.method}",
        f"mention={resolution.mention_type}",
        f"flags={'+'.join(resolution.flags)}",
        f"class={utterance.cue.entry.classes[0] if utterance.cue else None}",
        f"side={side}",
        f"headline={_is_headline(evidence)}",
        f"resolved={resolution.method}&speaker={speaker}",
        *_entity_features(evidence),
    ]


def _entity_features(evidence: Evidence) -> list[str]:
    """Describe how well the speaker's name is attested: once misread, it is wrong everywhere."""
    index = evidence.resolution.entity
    if index is None:
        return []
    entity: DocEntity = evidence.layout.doc._.newsbeam_entities[index]
    words = min(len(entity.canonical_name.split()), 3)
    return [
        f"type={entity.entity_type}&words={words}",
        f"mentions={bucket(len(entity.mentions))}&words={words}",
        f"described={entity.role is not None}",
    ]


def _is_headline(evidence: Evidence) -> bool:
    first, _ = evidence.layout.tokens_of(*evidence.utterance.spans[0])
    return evidence.layout.is_headline(evidence.layout.paragraph[first])


def _level(probability: float) -> str:
    for limit in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995):
        if probability < limit:
            return f"<{limit}"
    return "1"
