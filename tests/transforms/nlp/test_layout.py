import pytest

from tests.transforms.nlp.bundled import make_layout


@pytest.mark.parametrize(
    "text",
    [
        "The toll of Rs. 500 was paid on Monday.",
        "They met at School No. 9 on Monday.",
        "The order came from Col. Amina Orr of the fourth brigade.",
        "The U.S. economy grew on Monday.",
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str):
    layout = make_layout(text)
    assert set(layout.sentence_start) == {0}


def test_a_line_break_ends_a_sentence():
    layout = make_layout("He said no\nThe road was shut.")
    first = layout.lower.index("the")
    assert layout.sentence_start[first] == first
    assert [word for word, ends in zip(layout.lower, layout.line_break, strict=True) if ends] == [
        "\n"
    ]
