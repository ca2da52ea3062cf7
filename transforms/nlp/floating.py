"""Speakers of quotations without a cue of their own: from the conversation so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.nlp.layout import Layout
from transforms.nlp.logit import Models, score, softmax
from transforms.nlp.types import Candidate, DocEntity, DocMention
from transforms.nlp.utterances import Utterance

MODEL = "floating"
MAX_CANDIDATES = 6
UNNAMED = -1  # an unnamed speaker of the quotation before


@dataclass(frozen=True)
class Said:
    """An utterance whose speaker has been decided."""

    utterance: Utterance
    speaker: int | None


def floating_candidates(
    layout: Layout, utterance: Utterance, before: Sequence[Said], hinted: int | None
) -> list[tuple[int, list[str]]]:
    """List the entities that may speak, each with the features that speak for it."""
    place = _place(layout, utterance, before)
    features: dict[int, list[str]] = {}
    if hinted is not None:
        features.setdefault(hinted, []).append("hint")
    for name, entity in _recent_speakers(before):
        features.setdefault(entity, []).append(name)
    for name, entity in _mentioned(layout, utterance):
        features.setdefault(entity, []).append(name)
    entities: Sequence[DocEntity] = layout.doc._.newsbeam_entities
    found = []
    for entity, own in list(features.items())[:MAX_CANDIDATES]:
        kind = entities[entity].entity_type
        joint = "+".join(sorted(own))
        found.append(
            (entity, [*own, joint, *(f"{n}&{p}" for n in own for p in place), f"type={kind}"])
        )
    return found


def choose_speaker(
    layout: Layout,
    utterance: Utterance,
    before: Sequence[Said],
    hinted: int | None,
    models: Models,
) -> tuple[int | None, tuple[Candidate, ...]]:
    """Choose the speaker of a floating quotation; None where nobody is likelier than not."""
    options = floating_candidates(layout, utterance, before, hinted)
    weights = models[MODEL]
    nobody = nobody_features(layout, utterance, before)
    scores = [score(weights, f) for _, f in options] + [score(weights, nobody)]
    probabilities = softmax(scores)
    entities: Sequence[DocEntity] = layout.doc._.newsbeam_entities
    ranked = sorted(
        (
            Candidate(entity, entities[entity].canonical_name, round(p, 4))
            for (entity, _), p in zip(options, probabilities[:-1], strict=True)
        ),
        key=lambda c: -c.probability,
    )
    if not ranked or ranked[0].probability < max(probabilities[-1], 0.3):
        return None, tuple(ranked)
    return ranked[0].entity, tuple(ranked)


def nobody_features(layout: Layout, utterance: Utterance, before: Sequence[Said]) -> list[str]:
    """Describe the option that the speaker cannot be told."""
    return ["nobody", *(f"nobody&{p}" for p in _place(layout, utterance, before))]


def _place(layout: Layout, utterance: Utterance, before: Sequence[Said]) -> list[str]:
    """Where the quotation stands with regard to the one before."""
    first = layout.marked[utterance.numbers[0]]
    paragraph = first.paragraph
    opens = first.outer_start == layout.paragraphs[paragraph][0]
    if not before:
        return ["first", f"opens={opens}", f"headline={paragraph == 0}"]
    last = before[-1].utterance
    end = last.spans[-1][1]
    last_paragraph = _paragraph_at(layout, end)
    gap = paragraph - last_paragraph
    tail = layout.text[end : layout.paragraphs[last_paragraph][1]]
    ends_quoted = len([c for c in tail if c.isalnum()]) == 0
    question = layout.text[end - 1 : end] == "?"
    kind = "floating" if last.is_floating else last.quote_type
    return [
        f"gap={min(gap, 3)}&opens={opens}",
        f"gap={min(gap, 3)}&last={kind}",
        f"gap={min(gap, 3)}&question={question}",
        f"gap={min(gap, 3)}&quoted={ends_quoted}",
    ]


def _paragraph_at(layout: Layout, char: int) -> int:
    for number, (start, end) in enumerate(layout.paragraphs):
        if start <= char <= end:
            return number
    return len(layout.paragraphs) - 1


def _recent_speakers(before: Sequence[Said]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    seen: set[int] = set()
    for said in reversed(before[-8:]):
        if said.speaker is None:
            if not seen:
                found.append(("after_unknown", -1))
            continue
        if said.speaker not in seen:
            found.append((f"speaker{len(seen)}", said.speaker))
            seen.add(said.speaker)
        if len(seen) == 3:
            break
    return [(name, entity) for name, entity in found if entity >= 0]


def _mentioned(layout: Layout, utterance: Utterance) -> list[tuple[str, int]]:
    """People and organizations named in the sentence and the paragraph before."""
    mentions: Sequence[DocMention] = layout.doc._.newsbeam_mentions
    entities: Sequence[DocEntity] = layout.doc._.newsbeam_entities
    first = layout.marked[utterance.numbers[0]]
    paragraph = first.paragraph
    opens = first.outer_start == layout.paragraphs[paragraph][0]
    where = paragraph - 1 if opens else paragraph
    if where < 0:
        return []
    start, end = layout.paragraphs[where][0], first.outer_start
    sentence = _last_sentence_start(layout, end)
    found: list[tuple[str, int]] = []
    near = [
        m
        for m in mentions
        if start <= m.start
        and m.end <= end
        and entities[m.entity].entity_type in ("person", "organization")
        and not _is_quoted(layout, m)
    ]
    for mention in near:
        kind = "p" if entities[mention.entity].entity_type == "person" else "o"
        if mention.start >= sentence:
            order = "first" if not any(n.startswith(f"sent_{kind}") for n, _ in found) else "later"
            found.append((f"sent_{kind}_{order}", mention.entity))
        else:
            found.append((f"par_{kind}", mention.entity))
    if near:
        found.append(("nearest", near[-1].entity))
    return list(dict.fromkeys(found))


def _is_quoted(layout: Layout, mention: DocMention) -> bool:
    first, stop = layout.tokens_of(mention.start, mention.end)
    return first < stop and layout.inside[first] != -1


def _last_sentence_start(layout: Layout, char: int) -> int:
    """First character of the last sentence of the reporter before a position."""
    index, _ = layout.tokens_of(char, char + 1)
    index -= 1
    while index > 0 and (layout.space[index] or layout.inside[index] != -1):
        index -= 1
    return layout.start[layout.sentence_start[index]] if index >= 0 else 0
