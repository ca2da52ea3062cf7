"""The spaCy component `quotations`: finds quotations and says whose they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spacy.tokens import Doc

from transforms.nlp.confidence import Evidence, confidence_of
from transforms.nlp.coref import resolve_speaker
from transforms.nlp.floating import Said, choose_speaker
from transforms.nlp.layout import Layout
from transforms.nlp.logit import Models, load_models
from transforms.nlp.marks import find_marked_spans
from transforms.nlp.quotations_types import UNKNOWN, DocQuotation
from transforms.nlp.sources import Source
from transforms.nlp.types import Resolution
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
        layout = Layout(doc, find_marked_spans(doc.text))
        said: list[Said] = []
        for utterance in find_utterances(layout, self.models):
            resolution, method = resolve_utterance(layout, utterance, said, self.models)
            evidence = Evidence(layout, utterance, resolution)
            said.append(Said(utterance, resolution.entity))
            yield _quotation(evidence, method, confidence_of(evidence, self.models)), evidence


def _quotation(evidence: Evidence, method: str, confidence: float) -> DocQuotation:
    layout, utterance, resolution = evidence.layout, evidence.utterance, evidence.resolution
    cue, source = utterance.cue, utterance.source
    return DocQuotation(
        spans=utterance.spans,
        quote_type=utterance.quote_type,
        cue=layout.chars_of(cue.token, cue.stop) if cue and cue.stop > cue.token else None,
        source=layout.chars_of(source.first, source.stop) if source else None,
        source_mention_type=resolution.mention_type if source else None,
        speaker=resolution.entity,
        candidates=resolution.candidates,
        method=method,
        confidence=confidence,
        flags=tuple(dict.fromkeys((*(cue.flags if cue else ()), *resolution.flags))),
        is_multi_paragraph=_is_multi_paragraph(layout, utterance),
        is_floating=utterance.is_floating,
    )


def resolve_utterance(
    layout: Layout, utterance: Utterance, said: Sequence[Said], models: Models
) -> tuple[Resolution, str]:
    """Say who the speaker is, and by which rules."""
    if utterance.is_floating:
        hinted = hinted_speaker(layout, utterance, said)
        entity, candidates = choose_speaker(layout, utterance, said, hinted, models)
        flags = () if entity is not None else (UNKNOWN,)
        return Resolution(entity, "name", candidates, "floating", flags), "floating"
    if utterance.source is None:
        return Resolution(None, "nominal", (), "no_source", (UNKNOWN,)), "no_source"
    found = _resolve_source(layout, utterance.source, said)
    return found, f"{utterance.source.method}+{found.method}"


def hinted_speaker(layout: Layout, utterance: Utterance, said: Sequence[Said]) -> int | None:
    """Who speaks in the sentence before a floating quotation."""
    if utterance.hint is None:
        return None
    return _resolve_source(layout, utterance.hint, said).entity


def _resolve_source(layout: Layout, source: Source, said: Sequence[Said]) -> Resolution:
    start, end = layout.chars_of(source.first, source.stop)
    recent = [s.speaker for s in said if s.speaker is not None]
    return resolve_speaker(layout.doc, start, end, recent=recent[-8:])


def _is_multi_paragraph(layout: Layout, utterance: Utterance) -> bool:
    return len({layout.marked[n].paragraph for n in utterance.numbers}) > 1
