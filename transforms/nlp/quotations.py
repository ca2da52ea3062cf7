"""The spaCy component `quotations`: finds quotations and says whose they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from spacy.tokens import Doc

from transforms.nlp.confidence import Evidence, confidence_of
from transforms.nlp.coref import resolve_speaker
from transforms.nlp.floating import Said, Scene, choose_speaker
from transforms.nlp.layout import Layout
from transforms.nlp.logit import Models, load_models
from transforms.nlp.marks import find_marked_spans
from transforms.nlp.quotations_types import SCARE_QUOTE, UNKNOWN, UNNAMED, DocQuotation
from transforms.nlp.repeats import REPEATED, speaker_of_repeat, spoken_words
from transforms.nlp.sources import Source
from transforms.nlp.speaker_labels import labelled_speaker
from transforms.nlp.types import MentionType, Resolution
from transforms.nlp.utterances import Utterance, find_utterances


class QuotationsComponent:
    """Sets `doc._.quotations` (needs a parse and the component `newsbeam_entities` before it)."""

    def __init__(self, models: Models | None = None) -> None:
        self.models = models if models is not None else load_models()

    def __call__(self, doc: Doc) -> Doc:
        """Find and attribute the quotations of a document."""
        doc._.quotations = tuple(q for q, _ in self.attribute(doc))
        return doc

    def attribute(self, doc: Doc) -> Iterator[tuple[DocQuotation, Evidence]]:
        """Yield the quotations of a document in order, with the evidence for each."""
        discourse = doc._.newsbeam_discourse
        text = doc.text if discourse is None else discourse.text  # put together anew each time
        layout = Layout(doc, text, find_marked_spans(text))
        for _, evidence, method in attribute_utterances(layout, self.models):
            confidence = confidence_of(evidence, self.models)
            yield _quotation(evidence, method, confidence), evidence


def attribute_utterances(
    layout: Layout, models: Models
) -> list[tuple[Scene | None, Evidence, str]]:
    """Find the utterances of a document and say whose they are, in the text's order.

    Each comes with its scene, where it floats, and with the rules that decided. Floating
    quotations of the headline are judged last, when the article's speakers are known; what the
    headline or the lead quotes and the article quotes again is said by the same speaker.
    """
    utterances = find_utterances(layout, models)
    said: list[Said] = []
    found: dict[int, tuple[Scene | None, Evidence, str]] = {}
    late = [n for n, u in enumerate(utterances) if u.is_floating and _is_headline(layout, u)]
    for number in [*(n for n in range(len(utterances)) if n not in late), *late]:
        utterance = utterances[number]
        scene = make_scene(layout, utterance, said) if utterance.is_floating else None
        resolution, method = _resolve(layout, utterance, said, scene, models)
        found[number] = (scene, Evidence(layout, utterance, resolution), method)
        if number not in late:
            said.append(Said(utterance, resolution.entity))
    spoken = spoken_words(layout, said)
    for number, (scene, evidence, _) in found.items():
        again = speaker_of_repeat(evidence, spoken)
        if again is not None:
            found[number] = (scene, replace(evidence, resolution=again), REPEATED)
    return [found[number] for number in sorted(found)]


def _is_headline(layout: Layout, utterance: Utterance) -> bool:
    return layout.is_headline(layout.marked[utterance.numbers[0]].paragraph)


def _mention_type(source: Source | None, resolution: Resolution) -> MentionType | None:
    if source is None:
        return None
    return "pronoun" if source.meaning else resolution.mention_type


def make_scene(layout: Layout, utterance: Utterance, said: Sequence[Said]) -> Scene:
    """Bring together what is known when the speaker of a floating quotation is asked for."""
    hinted = None
    if utterance.hint is not None:
        hinted = _resolve_source(layout, utterance.hint, said).entity
    return Scene(layout, utterance, tuple(said), hinted)


def _quotation(evidence: Evidence, method: str, confidence: float) -> DocQuotation:
    layout, utterance, resolution = evidence.layout, evidence.utterance, evidence.resolution
    cue, source = utterance.cue, utterance.source
    return DocQuotation(
        spans=utterance.spans,
        quote_type=utterance.quote_type,
        cue=layout.chars_of(cue.token, cue.stop) if cue and cue.stop > cue.token else None,
        source=layout.chars_of(source.first, source.stop) if source else None,
        source_mention_type=_mention_type(source, resolution),
        speaker=resolution.entity,
        candidates=resolution.candidates,
        method=method,
        confidence=confidence,
        flags=tuple(dict.fromkeys((*(cue.flags if cue else ()), *resolution.flags))),
        is_multi_paragraph=_is_multi_paragraph(layout, utterance),
        is_floating=utterance.is_floating,
    )


def _resolve(
    layout: Layout,
    utterance: Utterance,
    said: Sequence[Said],
    scene: Scene | None,
    models: Models,
) -> tuple[Resolution, str]:
    """Say who the speaker is, and by which rules."""
    if utterance.is_scare:
        return Resolution(None, "nominal", (), SCARE_QUOTE, (SCARE_QUOTE,)), SCARE_QUOTE
    if scene is not None:
        entity, candidates = choose_speaker(scene, models)
        flags = () if entity is not None else (UNKNOWN,)
        return Resolution(entity, "name", candidates, "floating", flags), "floating"
    if utterance.source is None:
        return Resolution(None, "nominal", (), "no_source", (UNKNOWN,)), "no_source"
    found = _resolve_source(layout, utterance.source, said)
    return found, f"{utterance.source.method}+{found.method}"


def _resolve_source(layout: Layout, source: Source, said: Sequence[Said]) -> Resolution:
    start, end = layout.chars_of(*(source.meaning or (source.first, source.stop)))
    label = layout.text[start:end]
    found = labelled_speaker(layout.doc, label, start) if source.method == "colon" else None
    recent = [s.speaker for s in said[-8:]]
    found = found or resolve_speaker(layout.doc, start, end, recent=recent)
    return _without_one_for_many(layout, source, found)


def _without_one_for_many(layout: Layout, source: Source, found: Resolution) -> Resolution:
    """`Two aides said`: a plural noun is not one person."""
    if found.entity is None or found.mention_type != "nominal":
        return found
    person = layout.doc._.newsbeam_entities[found.entity].entity_type == "person"
    if not person or layout.tag[source.head] != "NNS":
        return found
    return replace(found, entity=None, flags=(UNNAMED,))


def _is_multi_paragraph(layout: Layout, utterance: Utterance) -> bool:
    return len({layout.marked[n].paragraph for n in utterance.numbers}) > 1
