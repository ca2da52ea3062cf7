import pytest

from transforms.nlp.name_guesses import capital_runs, guess_names
from transforms.nlp.name_spans import NameSpan


def test_runs_leave_covered_names_out():
    text = "They met Amina Orr in Port Vila."
    spans = [NameSpan(9, 18, "PERSON")]
    assert [text[r.start : r.end] for r in capital_runs(text, spans)] == ["They", "Port Vila"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("He works for the Kerala State Power Authority in town.",
         [("Kerala State Power Authority", "ORG")]),
        ("It rained. However, nobody minded.", []),
        ("They meet on Monday.", []),
    ],
)  # fmt: skip
def test_guess_names(text, names):
    assert [(text[s.start : s.end], s.label) for s in guess_names(text, [])] == names
