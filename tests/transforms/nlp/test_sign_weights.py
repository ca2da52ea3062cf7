"""Signs add up to scores of classes."""

import json
from pathlib import Path

import pytest

from transforms.nlp.name_signs import form_signs
from transforms.nlp.sign_weights import SignWeights, add_rows


@pytest.fixture
def weights(tmp_path: Path) -> SignWeights:
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({"weights": {"bias": [1, 2], "title": [0.5, -0.5]}}), "utf-8")
    return SignWeights(path, 2)


@pytest.mark.parametrize(
    ("signs", "total"),
    [([], (0.0, 0.0)), (["unheard"], (0.0, 0.0)), (["bias", "title", "unheard"], (1.5, 1.5))],
)
def test_signs_add_up_and_unlearned_ones_count_nothing(
    weights: SignWeights, signs: list[str], total: tuple[float, ...]
) -> None:
    assert weights.sum(signs) == total


def test_rows_add_up_by_class() -> None:
    assert add_rows((1.0, 2.0), (3.0, 4.0), (0.5, 0.5)) == (4.5, 6.5)


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("Shoprite", "known_sure_False"),
        ("Moody's", "known_sure_False"),
        ("Daily Telegraph", "known_sure_True"),
        ("Thames Water", "known_sure_True"),
        ("Kilmarnock", "known_loose_False"),
    ],
)
def test_well_known_organizations_are_known_by_their_form(name: str, sign: str) -> None:
    assert sign in form_signs(name)
