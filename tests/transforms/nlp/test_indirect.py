import pytest

from tests.transforms.nlp.bundled import annotate


def indirect(text: str) -> list[list[str]]:
    return [
        [text[start:end] for start, end in q.spans]
        for q in annotate(text)._.quotations
        if q.quote_type == "indirect"
    ]


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Amina Orr said that the road was shut.", "the road was shut"),
        ("Amina Orr said the road was shut.", "the road was shut"),
        ("Amina Orr told reporters that the road was shut.", "the road was shut"),
        ("According to Amina Orr, the road was shut.", "the road was shut"),
        ("The road was shut, according to Amina Orr.", "The road was shut"),
        ("The road was shut on Monday, Amina Orr said.", "The road was shut on Monday"),
        ("The road was shut on Monday, said Amina Orr.", "The road was shut on Monday"),
        ("Amina Orr urged drivers to stay at home.", "to stay at home"),
    ],
)
def test_the_reported_clause_is_found_without_cue_and_source(text: str, clause: str):
    assert indirect(text) == [[clause]]


def test_of_nested_reports_the_outer_one_is_given():
    found = indirect("Amina Orr said that Ben Hall had claimed that the road was shut.")
    assert found == [["Ben Hall had claimed that the road was shut"]]


@pytest.mark.parametrize(
    "text",
    ["The road was shut on Monday.", "Amina Orr spoke to reporters.", "He laughed and went home."],
)
def test_where_nothing_is_reported_nothing_is_found(text: str):
    assert indirect(text) == []


def test_denied_speech_gives_a_row_with_a_flag():
    (quotation,) = annotate("Amina Orr did not say that the road was shut.")._.quotations
    assert quotation.flags[0] == "negated"
