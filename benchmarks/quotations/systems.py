"""The systems that are compared: newsbeam's component and two baselines on the same trees."""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Doc

from benchmarks.quotations.rows import Attribution
from transforms.nlp.marks import find_marked_spans


def find_newsbeam(doc: Doc) -> Iterator[Attribution]:
    """Yield what `doc._.quotations` holds (the component has run)."""
    entities = doc._.newsbeam_entities
    for q in doc._.quotations:
        yield Attribution(
            spans=q.spans,
            source=(q.source,) if q.source else (),
            kind=q.quote_type,
            name=None if q.speaker is None else entities[q.speaker].canonical_name,
            confidence=q.confidence,
            flags=q.flags,
        )


def find_textacy(doc: Doc) -> Iterator[Attribution]:
    """Yield what textacy's `direct_quotations` finds; it gives up on a text with odd marks."""
    from textacy.extract.triples import direct_quotations

    try:
        found = list(direct_quotations(doc))
    except ValueError:
        return
    for triple in found:
        content = triple.content
        text = content.text
        left = len(text) - len(text.lstrip("\"“”‘’'"))
        right = len(text) - len(text.rstrip("\"“”‘’'"))
        spans = ((content.start_char + left, content.end_char - right),)
        speaker = triple.speaker
        source = ((speaker[0].idx, speaker[-1].idx + len(speaker[-1])),) if speaker else ()
        name = " ".join(t.text for t in speaker) if speaker else None
        yield Attribution(spans, source, "direct", _resolved(doc, source) or name)


def find_nearest(doc: Doc) -> Iterator[Attribution]:
    """Take every marked span for a quotation of the nearest person outside of marks."""
    marked = find_marked_spans(doc.text)
    people = [
        e
        for e in doc.ents
        if e.label_ == "PERSON" and not any(m.start <= e.start_char < m.end for m in marked)
    ]
    for span in marked:
        near = min(
            people,
            key=lambda e: min(abs(e.start_char - span.end), abs(span.start - e.end_char)),
            default=None,
        )
        source = ((near.start_char, near.end_char),) if near is not None else ()
        yield Attribution(((span.start, span.end),), source, "direct", _resolved(doc, source))


def _resolved(doc: Doc, source: tuple[tuple[int, int], ...]) -> str | None:
    """Name of the entity whose mention stands in a source."""
    for mention in doc._.newsbeam_mentions:
        if source and source[0][0] <= mention.start and mention.end <= source[0][1]:
            return str(doc._.newsbeam_entities[mention.entity].canonical_name)
    return None


SYSTEMS = {
    "newsbeam": find_newsbeam,
    "textacy": find_textacy,
    "nearest name": find_nearest,
}
