import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.nlp.lines import iter_paragraphs
from transforms.nlp.marks import find_marked_spans
from transforms.nlp.turns import find_turns, initials_of


def turns(text: str) -> list[str]:
    return [text[t.start : t.end] for t in find_turns(text, tuple(iter_paragraphs(text)))]


LABELLED = """The novelist speaks
Leith Review: Why a lighthouse?
Amina Orr: Because nobody rings the bell.
My grandmother kept one.
LR: Did she?
AO: She did."""


def test_labelled_paragraphs_are_turns_and_what_follows_goes_on():
    assert turns(LABELLED) == [
        "Why a lighthouse?",
        "Because nobody rings the bell.",
        "My grandmother kept one.",
        "Did she?",
        "She did.",
    ]


def test_a_quoted_transcript_has_its_turns_within_marks():
    text = """News
“ORR: Why did you say so?
“HALL: Because it is so.
“And I mean it.
“(APPLAUSE)
“ORR: Thank you.”"""
    assert turns(text) == [
        "Why did you say so?",
        "Because it is so.",
        "And I mean it.",
        "Thank you.",
    ]
    hidden = [m for m in find_marked_spans(text) if "(" in text[m.start : m.end]]
    assert hidden == []


def test_the_questions_of_q_and_a_are_no_turns():
    text = "An interview\nQ: Why?\nA: I like it.\nQ: And now?\nA: I go home."
    assert turns(text) == ["I like it.", "I go home."]


def test_dashes_open_turns_and_the_reporters_inset_cuts_them():
    text = "News\n– It was his voice, Orr told this newspaper.\n– No. We asked him."
    assert turns(text) == ["It was his voice", "No. We asked him."]


def test_narrative_behind_an_inset_is_not_spoken():
    text = "News\n— Nor do I, said Mary Lowe. It was dark.\n— We heard it, said Orr. — All of us."
    assert turns(text) == ["Nor do I", "We heard it", "All of us."]


BARE = """Intro
Where are you?
I am at sea.
Who cooks?
I do.
Since when?
Since I was ten.
Do you like it?
My crew does."""


def test_a_bare_interview_has_its_answers_for_turns():
    assert turns(BARE) == ["I am at sea.", "I do.", "Since I was ten.", "My crew does."]


@pytest.mark.parametrize(
    "text",
    [
        "Title\nLEITH — The harbour was shut.\nIt opened again.",
        "Title\nRain: Monday.\nSnow fell.\nThe minister said: no.",
        "List\n- one\n- two\n- three",
        "Who won?\nThe results are in. Nobody knows.",
    ],
)
def test_ordinary_paragraphs_are_no_turns(text: str):
    assert turns(text) == []


@given(st.text(alphabet='AQ: .?!—–\nIyou“”"x', max_size=200))
@settings(deadline=None)
def test_turns_stand_in_their_paragraph(text: str):
    paragraphs = tuple(iter_paragraphs(text))
    for turn in find_turns(text, paragraphs):
        start, end = paragraphs[turn.paragraph]
        assert start <= turn.start < turn.end <= end


@pytest.mark.parametrize(
    ("name", "expected"), [("Kaisu Nieminen-Hägg", "KNH"), ("Leith Review", "LR"), ("", "")]
)
def test_initials_of_a_name(name: str, expected: str):
    assert initials_of(name) == expected
