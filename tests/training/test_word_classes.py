"""Classes and frequencies of words, as spacy-lookups-data gives them."""

import pytest

from training.word_classes import CODE_LENGTH, LEVELS, cluster_code, clusters, use


def test_a_code_has_the_same_length_for_each_class() -> None:
    assert {len(cluster_code(number)) for number in set(clusters().values())} == {CODE_LENGTH}


@pytest.mark.parametrize(("word", "other"), [("London", "Paris"), ("Smith", "Johnson")])
def test_words_of_one_class_have_one_code(word: str, other: str) -> None:
    assert cluster_code(clusters()[word]) == cluster_code(clusters()[other])


def test_classes_that_part_late_share_the_code_of_their_first_turns() -> None:
    (_, size), *_ = LEVELS
    early, late = cluster_code(0b0110), cluster_code(0b1010110)
    assert early[:size] == late[:size]
    assert early != late


def test_a_word_is_used_as_it_is_printed() -> None:
    assert use("said").capital == 0.0
    assert use("Smith").capital > 0.8
    assert use("Said").capital < 0.2
    assert use("NATO").shout > 0.5
    assert use("qqxyzzq").common == 0.0
