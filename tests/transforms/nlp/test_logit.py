import math

import pytest

from transforms.nlp.logit import Models, bucket, load_models, score, sigmoid, softmax


def test_softmax_adds_up_to_one_even_for_large_scores():
    assert sum(softmax([1000.0, 999.0, -1000.0])) == pytest.approx(1.0)


def test_sigmoid_is_a_probability_even_far_out():
    assert (sigmoid(-1e9), sigmoid(0.0), sigmoid(1e3)) == (0.0, 0.5, 1.0)


def test_features_without_a_weight_count_nothing():
    assert math.isclose(score({"a": 1.5}, ["a", "b", "a"]), 3.0)


def test_a_model_that_is_not_trained_has_no_weights():
    assert not Models({})["attribution"]


@pytest.mark.parametrize(
    "model",
    ["attribution", "direct", "indirect", "indirect_start", "indirect_end", "floating",
     "confidence"],
)  # fmt: skip
def test_every_model_ships_with_weights(model: str):
    assert load_models()[model]


@pytest.mark.parametrize(("value", "name"), [(0, "0"), (2, "2"), (3, "3-4"), (40, "33+")])
def test_counts_are_put_into_buckets(value: int, name: str):
    assert bucket(value) == name
