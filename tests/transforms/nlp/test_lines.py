import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.nlp.lines import has_line_break, iter_paragraphs


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("", []),
        (" \n ", []),
        ("one", ["one"]),
        (" one \n two ", ["one", "two"]),
        ("one\r\ntwo\u2028three\x85four", ["one", "two", "three", "four"]),
        ("one\n\n\ntwo", ["one", "two"]),
    ],
)
def test_paragraphs_are_the_lines_that_hold_something(text: str, paragraphs: list[str]):
    assert [text[start:end] for start, end in iter_paragraphs(text)] == paragraphs


@given(st.text())
def test_a_line_break_is_what_splitlines_breaks_at(text: str):
    assert has_line_break(text) == (len((text + "x").splitlines()) > 1)


@given(st.text())
def test_paragraphs_hold_no_line_break_and_are_in_order(text: str):
    last = 0
    for start, end in iter_paragraphs(text):
        assert last <= start < end
        assert not has_line_break(text[start:end])
        last = end
