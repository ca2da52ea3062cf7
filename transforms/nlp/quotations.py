"""The spaCy component `quotations`: finds quotations and says whose they are."""

from __future__ import annotations

from spacy.tokens import Doc

from transforms.nlp.coref import resolve_speaker
from transforms.nlp.cues import Cue, find_cues
from transforms.nlp.layout import Layout
from transforms.nlp.marks import MarkedSpan, find_marked_spans
from transforms.nlp.quotations_types import DocQuotation
from transforms.nlp.sources import find_source


class QuotationsComponent:
    """Sets `doc._.quotations` (needs a parse and the component `newsbeam_entities` before it)."""

    def __call__(self, doc: Doc) -> Doc:
        """Find and attribute the quotations of a document."""
        layout = Layout(doc, find_marked_spans(doc.text))
        cues = find_cues(layout)
        doc._.quotations = tuple(
            _attributed(layout, number, span, cues) for number, span in enumerate(layout.marked)
        )
        return doc


def _attributed(
    layout: Layout, number: int, span: MarkedSpan, cues: tuple[Cue, ...]
) -> DocQuotation:
    first, stop = layout.outer_tokens[number]
    near = [c for c in cues if layout.paragraph[c.token] == span.paragraph]
    cue = min(near, key=lambda c: min(abs(c.token - stop), abs(first - c.stop)), default=None)
    source = find_source(layout, cue) if cue else None
    chars = layout.chars_of(source.first, source.stop) if source else None
    found = resolve_speaker(layout.doc, *chars) if chars else None
    return DocQuotation(
        spans=((span.start, span.end),),
        quote_type="direct",
        cue=layout.chars_of(cue.token, cue.stop) if cue else None,
        source=chars,
        source_mention_type=found.mention_type if found else None,
        speaker=found.entity if found else None,
        candidates=found.candidates if found else (),
        method="nearest_cue",
        confidence=0.5,
        flags=found.flags if found else ("unknown_speaker",),
        is_floating=cue is None,
    )
