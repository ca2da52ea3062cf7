from training.quotations.fit import Instance, binary, fit


def instances() -> list[Instance]:
    """Choices in which the option with "good" is always right."""
    return [Instance([["bad", "any"], ["good", "any"]], frozenset([1]), f"a{n}") for n in range(20)]


def test_what_tells_the_right_option_gets_the_weight():
    weights = fit(instances())
    assert weights["good"] > 0 > weights["bad"]
    assert abs(weights.get("any", 0.0)) < 0.01


def test_the_same_instances_give_the_same_weights():
    assert fit(instances()) == fit(instances())


def test_rare_features_are_left_out():
    rare = [*instances(), Instance([["once"], ["good"]], frozenset([0]), "b")]
    assert "once" not in fit(rare, at_least=3)


def test_a_yes_or_no_question_is_a_choice_against_nothing():
    answers = [binary(["sunny"], True, "a"), binary(["rainy"], False, "a")] * 5
    weights = fit(answers)
    assert weights["sunny"] > 0 > weights["rainy"]
