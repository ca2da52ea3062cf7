import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.nlp.name_spans import repair_span


def repaired(text, piece, label):
    start = text.index(piece)
    spans = repair_span(text, start, start + len(piece), label)
    return [text[s.start : s.end] for s in spans]


@pytest.mark.parametrize(
    ("text", "piece", "label", "names"),
    [
        ("said Ms Orr’s lawyer", "Ms Orr’s", "PERSON", ["Orr"]),
        ("the former President Amina Orr said", "former President Amina Orr", "PERSON",
         ["Amina Orr"]),
        ("Judge Tu Kuo-hsiung said", "Tu Kuo-", "PERSON", ["Tu Kuo-hsiung"]),
        ("Mr Abbott-Reyes left", "Abbott", "PERSON", ["Abbott-Reyes"]),
        ("the Nashik-based maker", "Nashik-", "GPE", ["Nashik"]),
        ("said Rokeya Khatun of Lalmohan", "Rokeya Khatun of Lalmohan", "PERSON",
         ["Rokeya Khatun"]),
        ("by Oonagh Devane KC, runs", "Oonagh Devane KC", "PERSON", ["Oonagh Devane"]),
        ("at The Daily Harbour.", "The Daily Harbour", "ORG", ["Daily Harbour"]),
        ("at East Japan Railway Co.", "East Japan Railway Co", "ORG",
         ["East Japan Railway Co."]),
        ("in Lévis, Que., and", "Que", "GPE", ["Que."]),
        ("Amina Orr\nPeter Lee", "Amina Orr\nPeter Lee", "PERSON", ["Amina Orr", "Peter Lee"]),
        ("“Orr,” said", "“Orr,”", "PERSON", ["Orr"]),
        ("Hamish Ó Dálaigh", "Hamish Ó Dálaigh", "PERSON", ["Hamish Ó Dálaigh"]),
        ("… — …", "— …", "ORG", []),
    ],
)  # fmt: skip
def test_repair_span(text, piece, label, names):
    assert repaired(text, piece, label) == names


@given(
    st.text(max_size=60),
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from(["PERSON", "ORG", "GPE"]),
)
def test_repaired_spans_lie_within_any_text(text, start, length, label):
    start = min(start, len(text))
    end = min(start + length, len(text))
    for span in repair_span(text, start, end, label):
        assert 0 <= span.start < span.end <= len(text)
        assert any(c.isalnum() for c in text[span.start : span.end])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He is old. Will Sobczak slow down?", "Sobczak"),
        ("Will Sobczak slow down?", "Sobczak"),
        ("Will Sobczak slowed down.", "Will Sobczak"),
        ("So said Will Sobczak in May?", "Will Sobczak"),
    ],
)
def test_a_verb_that_opens_a_question_is_no_given_name(text: str, expected: str) -> None:
    start = text.index("Will")
    (span,) = repair_span(text, start, text.index("Sobczak") + len("Sobczak"), "PERSON")
    assert text[span.start : span.end] == expected
