import pytest

from benchmarks.realworld.score import Overlap, compare, score


@pytest.mark.parametrize(
    ("gold", "text", "overlap"),
    [
        ("a b c d e", "a b c d e", Overlap(2, 0, 0)),
        ("a b c d e", "a, b! c\nd", Overlap(1, 0, 1)),
        ("a b c d", "a b c d x", Overlap(1, 1, 0)),
        ("a b c d", "w x y z", Overlap(0, 1, 1)),
        ("a b c d a b c d", "a b c d", Overlap(1, 0, 4)),
        ("a b", "a b", Overlap(1, 0, 0)),
        ("a b c d", "", Overlap(0, 0, 1)),
    ],
)
def test_shingles_of_four_words_are_compared(gold, text, overlap):
    assert compare(gold, text) == overlap


def test_precision_and_recall_are_averaged_over_pages():
    total = score([Overlap(1, 1, 0), Overlap(1, 0, 3)])
    assert (total.precision, total.recall) == (0.75, 0.625)
    assert total.f1 == pytest.approx(2 * 0.75 * 0.625 / 1.375)


def test_page_without_text_counts_for_recall_alone():
    total = score([Overlap(1, 0, 0), Overlap(0, 0, 1)])
    assert (total.precision, total.recall) == (1.0, 0.5)


def test_nothing_scores_nothing():
    assert score([]).f1 == 0.0
