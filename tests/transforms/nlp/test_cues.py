import pytest

from tests.transforms.nlp.bundled import make_layout
from transforms.nlp.cues import find_cues, inflect, verb_forms


def cues(text: str) -> list[tuple[str, str]]:
    layout = make_layout(text)
    return [
        (text[slice(*layout.chars_of(c.token, c.stop))], c.entry.lemma) for c in find_cues(layout)
    ]


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("claim", "claims"),
        ("reply", "replies"),
        ("admit", "admitted"),
        ("argue", "arguing"),
        ("agree", "agreeing"),
        ("stress", "stresses"),
    ],
)
def test_regular_forms_are_made_by_rule(verb: str, form: str):
    assert form in set(inflect(verb))


@pytest.mark.parametrize(
    ("form", "lemma"), [("said", "say"), ("told", "tell"), ("wrote", "write"), ("swore", "swear")]
)
def test_irregular_forms_come_from_the_data(form: str, lemma: str):
    assert lemma in [entry.lemma for _, entry in verb_forms()[form]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The mayor said that the road was shut.", ("said", "say")),
        ("According to the mayor, the road was shut.", ("According to", "according to")),
        ("The mayor pointed out that the road was shut.", ("pointed out", "point out")),
        ("The mayor called on drivers to stay at home.", ("called on", "call on")),
        (
            "Murray Joblin, the provincial president, reckons 600 cows are lost.",
            ("reckons", "reckon"),
        ),
        ("The union, however, cautions that the road is shut.", ("cautions", "caution")),
    ],
)
def test_verbs_particles_and_phrases_are_cues(text: str, expected: tuple[str, str]):
    assert expected in cues(text)


def test_what_stands_inside_marks_is_no_cue():
    assert cues("“He said no,” the mayor explained.") == [("explained", "explain")]


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("The mayor said that the road was shut.", ()),
        ("The mayor did not say that the road was shut.", ("negated",)),
        ("The mayor never said that the road was shut.", ("negated",)),
        ("The mayor refused to say that the road was shut.", ("negated",)),
        ("The mayor would say that the road was shut.", ("hypothetical",)),
        ("She’d say that the road was shut.", ("hypothetical",)),
        ("She’d said that the road was shut.", ()),
        ("The mayor denied that the road was shut.", ()),
        ("Theresa May said that the road was shut.", ()),
    ],
)
def test_denied_and_hypothetical_speech_is_flagged(text: str, flags: tuple[str, ...]):
    found = [cue for cue in find_cues(make_layout(text)) if cue.entry.lemma in ("say", "deny")]
    assert [cue.flags for cue in found] == [flags]


def test_a_plural_noun_behind_a_preposition_is_no_cue():
    assert cues("The paper rated 32% of Republican claims as “false”.")[0][1] == "rate"
    assert "claim" not in [lemma for _, lemma in cues("It rated 32% of Republican claims as bad.")]
