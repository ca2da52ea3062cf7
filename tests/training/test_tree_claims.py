"""A tree is held against what an annotation says about its sentence, and repaired where sure."""

from dataclasses import replace

import pytest

from training.speaker_phrases import word
from training.tree_claims import Claim, Facts, agrees, has_subject, settle

VERBS = {"said": "VBD", "rains": "VBZ", "left": "VBD", "laughed": "VBD"}


def tree(*rows):
    """Make a tree of rows of form, head and relation."""
    tokens = []
    for form, head, dep in rows:
        kind = ("PROPN", "NNP") if form[0].isupper() else ("PRON", "PRP")
        kind = ("VERB", VERBS[form]) if form in VERBS else kind
        kind = kind if form[0].isalpha() else ("PUNCT", form)
        tokens.append(replace(word(form, form, *kind, dep), head=head))
    return tuple(tokens)


def spans(cue, source, content, kind="indirect"):
    return Claim(kind, frozenset(cue), frozenset(source), frozenset(content))


RIGHT = tree(("it", 2, "nsubj"), ("rains", 4, "ccomp"), ("Orr", 4, "nsubj"), ("said", 0, "root"))
INSIDE_OUT = tree(
    ("it", 2, "nsubj"), ("rains", 0, "root"), ("Orr", 4, "nsubj"), ("said", 2, "parataxis")
)
RAIN = spans([4], [3], [1, 2])


def test_a_tree_that_agrees_is_kept_as_it_is():
    assert agrees(RIGHT, RAIN)
    assert settle(RIGHT, Facts((RAIN,), ()), repair=False) == (RIGHT, "")


def test_a_content_that_its_cue_hangs_on_is_turned_round():
    assert not agrees(INSIDE_OUT, RAIN)
    assert settle(INSIDE_OUT, Facts((RAIN,), ()), repair=True)[0] == RIGHT


def test_nothing_is_repaired_unless_allowed():
    assert settle(INSIDE_OUT, Facts((RAIN,), ()), repair=False)[0] is None


@pytest.mark.parametrize(
    ("sentence", "source", "cue"),
    [
        (RIGHT, 3, 4),
        (tree(("Orr", 2, "nsubj"), ("laughed", 0, "root"), ("said", 2, "conj")), 1, 3),
        (tree(("Orr", 0, "root"), ("who", 3, "nsubj"), ("said", 1, "acl:relcl")), 1, 3),
        (tree(("Kay", 3, "nsubj"), ("Orr", 1, "appos"), ("said", 0, "root")), 2, 3),
    ],
)
def test_the_source_is_the_subject_itself_or_shares_it(sentence, source, cue):
    assert has_subject(sentence, spans([cue], [source], []))


def test_another_subject_is_not_the_source():
    other = tree(("Orr", 3, "obj"), ("Kay", 3, "nsubj"), ("said", 0, "root"))
    claim = spans([3], [1], [])
    assert not has_subject(other, claim)
    assert settle(other, Facts((claim,), ()), repair=True)[0] is None


def test_a_source_beside_its_cue_becomes_the_subject():
    wrong = tree(("it", 2, "nsubj"), ("rains", 4, "ccomp"), ("Orr", 2, "obj"), ("said", 0, "root"))
    assert settle(wrong, Facts((RAIN,), ()), repair=True)[0] == RIGHT


def test_a_persons_name_in_pieces_is_joined():
    cut = tree(("Ana", 3, "nsubj"), ("Orr", 3, "obj"), ("left", 0, "root"))
    joined, _ = settle(cut, Facts((), (("per", frozenset((1, 2))),)), repair=True)
    assert [(token.head, token.dep) for token in joined] == [
        (3, "nsubj"),
        (1, "flat"),
        (0, "root"),
    ]


def test_a_town_in_pieces_is_refused():
    cut = tree(("Ana", 3, "nsubj"), ("Orr", 3, "obj"), ("left", 0, "root"))
    assert settle(cut, Facts((), (("gpe", frozenset((1, 2))),)), repair=True)[0] is None
