"""Pre-training masks whole names, and asks for the vectors of what it masked."""

from random import Random

import numpy as np
import pytest
import spacy

from training.pretrain import MASK, mask, targets

TEXT = "“We left,” said Amina Ruth Orr on Monday. The mayor of Port Louis agreed with Amina Orr."


@pytest.fixture(scope="module")
def nlp():
    nlp = spacy.blank("en")
    nlp.vocab.set_vector("mayor", np.asarray([3.0, 4.0], dtype="float32"))
    return nlp


@pytest.mark.parametrize("seed", range(20))
def test_neighbouring_capital_words_are_masked_together(nlp, seed):
    doc = nlp(TEXT)
    _, places = mask(doc, Random(seed))
    hidden = [doc[i].text in ("Amina", "Ruth", "Orr") for i in places if 6 <= i <= 8]
    assert len(hidden) in (0, 3)


def test_only_masked_words_are_changed(nlp):
    doc = nlp(TEXT)
    changed, places = mask(doc, Random(2))
    assert places
    same = [t.text == c.text for t, c in zip(doc, changed, strict=True)]
    assert all(same[i] for i in range(len(doc)) if i not in places)
    assert MASK in {changed[i].text for i in places}


def test_targets_are_vectors_of_length_one_where_there_is_a_vector(nlp):
    doc = nlp("The mayor left")
    rows, vectors = targets([doc, doc], [[1, 2], [1]])
    assert rows.tolist() == [1, 4]
    assert vectors[0] == pytest.approx([0.6, 0.8])
