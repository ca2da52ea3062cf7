"""The spaCy factories; importing this module (or having newsbeam installed) makes them known."""

from __future__ import annotations

from spacy.language import Language
from spacy.pipeline import Sentencizer
from spacy.tokens import Doc, Token

from transforms.nlp.entities_component import EntitiesComponent
from transforms.nlp.entities_component import make_entities as _make_entities
from transforms.nlp.lines import has_line_break
from transforms.nlp.quotations import QuotationsComponent
from transforms.nlp.quotations_types import register_extensions


@Language.component("newsbeam_line_breaks")
def start_sentences_at_line_breaks(doc: Doc) -> Doc:
    """Make every line break a sentence boundary; stands before the parser, which keeps it.

    Superfluous white space within a line, a token too, ends a sentence only behind a mark.
    """
    for token in doc[:-1]:
        if not token.is_space:
            continue
        following = doc[token.i + 1]
        if has_line_break(token.text):
            if not following.is_space:
                following.is_sent_start = True
        elif token.i and _goes_on(doc[token.i - 1]):
            token.is_sent_start = following.is_sent_start = False
    return doc


def _goes_on(token: Token) -> bool:
    """Whether the sentence goes on behind a token: it is a word or a comma."""
    return token.text[-1].isalnum() or token.text in (",", ";", ":")


@Language.factory("newsbeam_entities", assigns=["doc._.newsbeam_entities"])
def make_entities(nlp: Language, name: str) -> EntitiesComponent:
    """Make the component that brings a document's names together (needs an NER before it)."""
    return _make_entities(nlp, name)


class StandaloneQuotations:
    """Finds quotations in anybody's pipeline: does first what no component before it has done.

    Without a parser sentences end at punctuation, without an NER nobody is named; what can be
    found then is found.
    """

    def __init__(self) -> None:
        register_extensions()
        self._sentencizer = Sentencizer()
        self._entities = EntitiesComponent()
        self._quotations = QuotationsComponent()

    def __call__(self, doc: Doc) -> Doc:
        """Set `doc._.quotations`, and the document's entities where they are not set."""
        if not len(doc):
            return doc
        if not doc.has_annotation("SENT_START"):
            doc = self._sentencizer(doc)
        if doc._.newsbeam_discourse is None:
            doc = self._entities(doc)
        return self._quotations(doc)


@Language.factory("quotations", assigns=["doc._.quotations"])
def make_quotations(nlp: Language, name: str) -> StandaloneQuotations:
    """Make the component that finds and attributes quotations (best with a parser and an NER)."""
    return StandaloneQuotations()
