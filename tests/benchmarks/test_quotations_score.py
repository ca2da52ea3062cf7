import pytest

from benchmarks.quotations.polnear import inside_marks, sort_attribution
from benchmarks.quotations.rows import Attribution, bare, overlap
from benchmarks.quotations.score import (
    Counts,
    calibration_error,
    count,
    is_source_right,
    match,
    reliability,
)

TEXT = "Orr said: “It is safe.” Hall said it was not."
SAFE = Attribution(((11, 22),), ((0, 3),), "direct")
NOT = Attribution(((34, 44),), ((24, 28),), "indirect")
KINDS = (frozenset(["direct"]), frozenset(["direct", "indirect"]))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (((0, 10),), ((0, 10),), 1.0),
        (((0, 10),), ((0, 20),), 0.5),
        (((0, 5), (10, 15)), ((0, 5),), 0.5),
        (((0, 5),), ((5, 9),), 0.0),
    ],
)
def test_an_over_long_span_costs(one, other, expected: float):
    assert overlap(one, other) == expected


def test_marks_and_commas_at_the_ends_do_not_count():
    assert bare('"Yes," x', ((0, 6),)) == ((1, 4),)


def test_pairs_are_one_to_one():
    assert len(match(TEXT, [SAFE], [SAFE, SAFE])) == 1


@pytest.mark.parametrize(("strict", "found"), [(False, 1), (True, 2)])
def test_a_row_that_answers_another_kind_is_wrong_only_when_strict(strict: bool, found: int):
    counts = Counts()
    count(counts, TEXT, [SAFE, NOT], [SAFE, NOT], KINDS, strict)
    assert (counts.gold, counts.found, counts.whole) == (1, found, 1)


def test_denied_speech_is_left_out():
    denied = Attribution(NOT.spans, NOT.source, "indirect", flags=("negated",))
    counts = Counts()
    count(counts, TEXT, [], [denied], KINDS, True)
    assert counts.found == 0


def test_a_source_is_right_by_a_word_that_counts():
    assert is_source_right(TEXT, SAFE, SAFE)
    assert not is_source_right(TEXT, SAFE, NOT)


def test_what_marks_enclose_is_the_gold_of_the_first_group():
    text = "Orr said it was “safe” and “dry”."
    found = sort_attribution(text, ((9, 32),), ((4, 8),), ((0, 3),))
    assert found.kind == "marked"
    assert [text[s:e] for s, e in found.spans] == ["safe", "dry"]


def test_an_odd_mark_reaches_to_the_end_of_its_line():
    text = "“One.\nTwo."
    assert [text[s:e] for s, e in inside_marks(text, 0, len(text))] == ["One."]


def test_perfect_calibration_has_no_error():
    answers = [(0.75, True), (0.75, True), (0.75, True), (0.75, False)]
    assert calibration_error(reliability(answers)) == pytest.approx(0.0)
