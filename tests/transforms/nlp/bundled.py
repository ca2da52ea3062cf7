"""The bundled pipeline, loaded once for all tests."""

from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from transforms.nlp.layout import Layout
from transforms.nlp.load import load_pipeline
from transforms.nlp.marks import find_marked_spans


@cache
def pipeline() -> Language:
    """Load the bundled pipeline with newsbeam's components."""
    return load_pipeline()


@cache
def plain_pipeline() -> Language:
    """Load it as spaCy runs it, without caches; not to be changed."""
    return load_pipeline(caches=False)


def annotate(text: str) -> Doc:
    """Annotate a text with the bundled pipeline."""
    return pipeline()(text)


def make_layout(text: str) -> Layout:
    """Make the layout of a text parsed by the bundled pipeline."""
    return Layout(annotate(text), text, find_marked_spans(text))
