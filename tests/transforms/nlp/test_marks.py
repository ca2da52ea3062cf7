import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.nlp.lines import has_line_break
from transforms.nlp.marks import find_marked_spans

MARKS = "\"“”„‟«»'‘’‚`´‹›″,\n —–:?.xyI "


def contents(text: str) -> list[str]:
    return [text[span.start : span.end] for span in find_marked_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Yes,” she said, “it is.”", ["Yes,", "it is."]),
        ('"Yes," she said.', ["Yes,"]),
        ("‘Yes,’ she said.", ["Yes,"]),
        ("'Yes,' she said.", ["Yes,"]),
        ("«Oui», said she. « Non », said he.", ["Oui", "Non"]),
        ("»Ja«, said she.", ["Ja"]),
        ("„Ja“, said she. „Nein”, said he.", ["Ja", "Nein"]),
        ("``Yes,'' she said.", ["Yes,"]),
        ("‘‘Yes,’’ she said.", ["Yes,"]),
        ("「はい」", ["はい"]),
    ],
)
def test_every_kind_of_mark_is_known(text: str, expected: list[str]):
    assert contents(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("”Yes,” she said. “No“", ["Yes,", "No"]),
        ('“Yes," she said.', ["Yes,"]),
        ('"Yes,” she said.', ["Yes,"]),
    ],
)
def test_mistyped_marks_are_read_by_where_they_stand(text: str, expected: list[str]):
    assert contents(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I don’t know the players’ names.",
        "It's the dogs' dinner, isn't it?",
        "rock ’n’ roll in the ’90s",
        "'Twas in the '80s, tell 'em.",
        "He is 6'2\" tall.",
        'A 12" record and a 7" one.',
        '<tweet id="3" datetime="2016-06-29">It rains.</tweet>',
        "THE TOTAL.\nOrr: 547.\nHall: 46.",
        '"""""""""""',
        '" "',
    ],
)
def test_apostrophes_and_measures_mark_nothing(text: str):
    assert contents(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "‘I don’t think the players’ union knows,’ he said. ‘It’s the dogs’ fault.’",
            ["I don’t think the players’ union knows,", "It’s the dogs’ fault."],
        ),
        ('"He is 6\'2" tall," she said.', ["He is 6'2\" tall,"]),
        ("“He said, ‘No,’ and left,” she said.", ["He said, ‘No,’ and left,"]),
        ('‘He said "No" and left,’ she said.', ['He said "No" and left,']),
        ("“The “Sun” is red,” he said.", ["The “Sun” is red,"]),
    ],
)
def test_what_stands_inside_a_quotation_belongs_to_it(text: str, expected: list[str]):
    assert contents(text) == expected


def test_paragraphs_that_open_and_only_the_last_closes_are_one_chain():
    spans = find_marked_spans("“One.\n“Two.\n“Three,” she said.")
    assert [(s.is_closed, s.continues) for s in spans] == [
        (False, False),
        (False, True),
        (True, True),
    ]


def test_a_quotation_whose_later_paragraphs_are_not_opened_again_is_followed():
    text = "“One.\nTwo.\nThree.” So she spoke."
    spans = find_marked_spans(text)
    assert [text[s.start : s.end] for s in spans] == ["One.", "Two.", "Three."]
    assert [s.continues for s in spans] == [False, True, True]


@pytest.mark.parametrize("odd", ["“", '"', "‘", "«", "„"])
def test_one_odd_mark_does_not_swallow_the_rest(odd: str):
    text = f"{odd}Never closed, said Orr.\nA line of the reporter.\nThe mayor said “no” to that."
    assert contents(text)[-1] == "no"
    assert sum(map(len, contents(text))) < 30


def test_a_second_sentence_that_nobody_closed_ends_with_its_paragraph():
    text = "“We need time,” said Orr. “We need money.\nThe council meets on Monday."
    assert contents(text) == ["We need time,", "We need money."]


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(MARKS)), max_size=300))
@settings(max_examples=300, deadline=None)
def test_spans_are_in_order_apart_and_without_line_breaks(text: str):
    last = 0
    for span in find_marked_spans(text):
        assert last <= span.outer_start <= span.start < span.end <= span.outer_end <= len(text)
        content = text[span.start : span.end]
        assert content == content.strip()
        assert not has_line_break(content)
        last = span.outer_end


@pytest.mark.parametrize("unit", ['"', '" ', '"a" ', "‘a’ “b ", '"\n', "— a?\n", "A: b\n", "’s "])
def test_time_is_linear_in_length(unit: str):
    """A quarter of a megabyte and a whole one: within a generous factor of four times four."""

    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        start = time.process_time()
        find_marked_spans(text)
        return time.process_time() - start

    assert seconds(400_000) < 16 * max(seconds(100_000), 0.05)
