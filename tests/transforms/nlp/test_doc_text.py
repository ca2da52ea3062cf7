"""The text of a document is the text that spaCy gives."""

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from transforms.nlp.doc_text import read_text

NLP = spacy.blank("en")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_text_is_given_to_the_character(text: str) -> None:
    assert read_text(NLP.make_doc(text)) == text


@pytest.mark.parametrize("words", [[], ["Orr"], ["Orr", "'s"]])
def test_words_without_blanks_stand_together(words: list[str]) -> None:
    doc = Doc(NLP.vocab, words=words, spaces=[False] * len(words))
    assert read_text(doc) == doc.text
