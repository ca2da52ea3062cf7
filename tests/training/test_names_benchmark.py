"""The names benchmark counts exact spans and types."""

import pytest

from benchmarks.names.capitals import find_capitals
from benchmarks.names.corpora import GoldText, read_corpora, read_newswire
from benchmarks.names.score import score_names

GOLD = GoldText(
    "Amina Orr of Unesco left Kenya. Bo too.",
    frozenset({(0, 9, "person"), (13, 19, "organization"), (25, 30, "place")}),
    unknown=frozenset({32, 33}),
)


@pytest.mark.parametrize(
    ("found", "right", "wrong", "missed"),
    [
        ({(0, 9, "person"), (13, 19, "organization"), (25, 30, "place")}, 3, 0, 0),
        ({(6, 9, "person")}, 0, 1, 3),  # another extent
        ({(0, 9, "place")}, 0, 1, 3),  # another type
        ({(32, 34, "person")}, 0, 0, 3),  # where the gold says nothing
        ({(25, 30, "other")}, 0, 0, 3),  # a type that is not scored
        (set(), 0, 0, 3),
    ],
)
def test_names_count_by_exact_span_and_type(found, right, wrong, missed):
    total = score_names([(GOLD, frozenset(found))])["all"]
    assert (total.right, total.found - total.right, total.gold - total.right) == (
        right,
        wrong,
        missed,
    )


def test_f1_is_the_harmonic_mean():
    score = score_names([(GOLD, frozenset({(0, 9, "person"), (1, 2, "person")}))])["person"]
    assert (score.precision, score.recall) == (0.5, 1.0)
    assert score.f1 == pytest.approx(2 / 3)


def test_the_newswire_is_printed_as_newspapers_do(tmp_path):
    rows = [
        "Mr\tO",
        "al\tB-Person",
        "-\tI-Person",
        "Ani\tI-Person",
        "’\tO",
        "s\tO",
        "plan\tO",
        ".\tO",
    ]
    (tmp_path / "one.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (gold,) = read_newswire(tmp_path)
    assert gold.text == "Mr al-Ani’s plan."
    assert [gold.text[s:e] for s, e, _ in gold.names] == ["al-Ani"]


def test_capitalised_runs_are_typed_by_lists():
    text = "when Amina Orr of Kisumu Council was in Kenya."
    (found,) = find_capitals([text])
    assert sorted((text[s:e], kind) for s, e, kind in found) == [
        ("Amina Orr of Kisumu Council", "organization"),
        ("Kenya", "place"),
    ]


def test_a_folder_without_corpora_is_named_in_the_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no corpus"):
        read_corpora(tmp_path, tmp_path / "news")
