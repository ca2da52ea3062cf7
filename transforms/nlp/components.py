"""The spaCy factories; importing this module (or having newsbeam installed) makes them known."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from transforms.nlp.entities_component import EntitiesComponent
from transforms.nlp.entities_component import make_entities as _make_entities
from transforms.nlp.lines import has_line_break
from transforms.nlp.quotations import QuotationsComponent
from transforms.nlp.quotations_types import register_extensions


@Language.component("newsbeam_line_breaks")
def start_sentences_at_line_breaks(doc: Doc) -> Doc:
    """Make every line break a sentence boundary; stands before the parser, which keeps it."""
    for token in doc[:-1]:
        if token.is_space and has_line_break(token.text) and not doc[token.i + 1].is_space:
            doc[token.i + 1].is_sent_start = True
    return doc


@Language.factory("newsbeam_entities", assigns=["doc._.newsbeam_entities"])
def make_entities(nlp: Language, name: str) -> EntitiesComponent:
    """Make the component that brings a document's names together (needs an NER before it)."""
    return _make_entities(nlp, name)


@Language.factory("quotations", requires=["token.dep", "doc.ents"], assigns=["doc._.quotations"])
def make_quotations(nlp: Language, name: str) -> QuotationsComponent:
    """Make the component that finds and attributes quotations (needs a parser and an NER)."""
    register_extensions()
    return QuotationsComponent()
