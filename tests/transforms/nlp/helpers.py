"""Documents for the tests: a blank tokenizer and hand-set names, so that no model decides."""

import spacy
from spacy.tokens import Doc, Span

from transforms.nlp.entities_component import EntitiesComponent

NLP = spacy.blank("en")


def make_doc(text: str, **names: str | list[str]) -> Doc:
    """Make a document whose `doc.ents` are the given words (PERSON=…, ORG=…) at all places."""
    doc = NLP(text)
    spans: list[Span] = []
    for label, words in names.items():
        for word in [words] if isinstance(words, str) else words:
            at = text.find(word)
            while at >= 0:
                span = doc.char_span(at, at + len(word), label, alignment_mode="expand")
                if span is not None:
                    spans.append(span)
                at = text.find(word, at + 1)
    doc.ents = spacy.util.filter_spans(spans)
    return doc


def annotated(text: str, **names: str | list[str]) -> Doc:
    """Make such a document and bring its names together."""
    return EntitiesComponent()(make_doc(text, **names))


def entity_names(doc: Doc) -> dict[str, str]:
    """Give each entity's canonical name with its type."""
    return {e.canonical_name: e.entity_type for e in doc._.newsbeam_entities}
