"""Numbers that tell tokens apart."""

import pytest
import spacy
from spacy.tokens import Doc

from transforms.nlp.token_keys import token_keys

NLP = spacy.blank("en")


@pytest.mark.parametrize(
    ("words", "spaces", "alike"),
    [
        (["said", "said"], [True, True], True),
        (["said", "said"], [True, False], False),
        (["said", "Said"], [True, True], False),
        (["said", "says"], [True, True], False),
    ],
)
def test_tokens_have_one_key_where_all_attributes_are_equal(words, spaces, alike):
    one, other = token_keys(Doc(NLP.vocab, words, spaces), ("ORTH", "NORM", "SPACY"))
    assert (one == other) is alike


def test_attributes_do_not_change_places():
    doc = Doc(NLP.vocab, ["a", "b"])
    doc[0].norm_, doc[1].norm_ = "b", "a"
    one, other = token_keys(doc, ("ORTH", "NORM"))
    assert one != other


def test_text_without_tokens_has_no_keys():
    assert token_keys(Doc(NLP.vocab), ("ORTH",)) == []
