import pytest

from tests.transforms.nlp.bundled import annotate
from tests.transforms.nlp.helpers import NLP
from transforms.nlp.descriptions import Tokens, best_role, describe
from transforms.nlp.entities import read_name
from transforms.nlp.role_nouns import find_noun


def described(text, word, label="PERSON"):
    start = text.index(word)
    name = read_name(text, start, start + len(word), label)
    return describe(text, Tokens(NLP(text), text), name)


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("Its secretary, Amina Orr, spoke.", ["secretary"]),
        ("Amina Orr, the harbour minister since 2016, spoke.", ["minister"]),
        ("Harbour coach Amina Orr spoke.", ["coach"]),
        ("Senator Amina Orr spoke.", ["senator"]),
        ("Amina Orr, who chairs the committee, spoke.", ["chair"]),
        ("Amina Orr was a farmer.", ["farmer"]),
        ("Amina Orr, 54, a rock drill operator, spoke.", ["operator"]),
        ("The Minister for Livestock and Fisheries, Ms Amina Orr, spoke.", ["minister"]),
        ("The moderator of the church, the Rt. Rev. Amina Orr, spoke.", ["pastor", "moderator"]),
        ("He met the press and Amina Orr.", []),
        ("On Monday, Amina Orr spoke.", []),
        ("Amina Orr", []),
    ],
)
def test_heads_of_descriptions(text, heads):
    descriptions, _ = described(text, "Amina Orr")
    assert [d.head for d in descriptions] == heads


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("Amina Orr won the race on Monday.", ["winner"]),
        ("Amina Orr has won the race.", ["winner"]),
        ("Amina Orr met the winner.", []),
    ],
)
def test_what_somebody_did_describes_them(text, heads):
    doc = annotate(text)
    name = read_name(text, 0, len("Amina Orr"), "PERSON")
    assert [d.head for d in describe(text, Tokens(doc, text), name)[0]] == heads


@pytest.mark.parametrize(
    ("text", "age"),
    [("Amina Orr, 54, spoke.", 54), ("Amina Orr (19) spoke.", 19), ("Amina Orr, 2-1 up", None)],
)
def test_ages(text, age):
    assert described(text, "Amina Orr")[1] == age


def test_best_role_prefers_the_apposition():
    text = "Senator Amina Orr, the harbour minister, spoke."
    assert best_role(text, described(text, "Amina Orr")[0]) == "the harbour minister"


@pytest.mark.parametrize(
    ("word", "kind", "gender"),
    [
        ("spokeswoman", "spokes", "f"),
        ("policewoman", "person", "f"),
        ("harbourmaster", "person", ""),
    ],
)
def test_find_noun(word, kind, gender):
    noun = find_noun(word)
    assert noun is not None
    assert (noun.kind, noun.gender) == (kind, gender)
