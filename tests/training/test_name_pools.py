"""Made-up organizations keep the kind of those they stand for; coined words sound like words."""

from random import Random

import pytest

from training.coined import coin, letters_after
from training.name_pools import Namer, organisation_kind, organisation_patterns


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Ministry of Finance", "agencies"),
        ("Tain Gazette", "media"),
        ("Supreme Court", "courts"),
        ("University of Leeds", "universities"),
        ("Hasselbach", None),
    ],
)
def test_an_organization_s_words_tell_its_kind(name, kind):
    assert organisation_kind(name) == kind


def test_every_pattern_can_be_filled():
    namer = Namer(Random(1), ["Danish"])
    for kind in organisation_patterns():
        made = [namer.organisation(kind) for _ in range(200)]
        assert not any("{" in name or "}" in name for name in made), kind


def test_a_coined_word_goes_on_as_its_sources_do():
    sources = ["Banana", "Bandana", "Ananas"]
    word = coin(Random(3), letters_after(sources))
    pairs = {s.lower()[i : i + 2] for s in sources for i in range(len(s) - 1)}
    assert {word.lower()[i : i + 2] for i in range(len(word) - 1)} <= pairs
    assert 4 <= len(word) <= 10


def test_one_seed_coins_one_word():
    follows = letters_after(["Lindqvist", "Nairobi", "Okafor", "Lagos"])
    assert coin(Random(5), follows) == coin(Random(5), follows)
