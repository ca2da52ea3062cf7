"""Writes the training and test documents for NER.

usage: python -m training.name_corpus --corpora FOLDER --newscorpus FOLDER --output FOLDER
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from training.name_sources import group, nationalities, read_free_sources, read_newscorpus
from training.names import NamedText, count_labels, to_document
from training.news_print import reprint
from training.news_templates import made_up_news
from training.swap import Swapper
from training.tree_corpus import training_sentences, write

KNOWN = 0.12  # share of organisations that become well-known ones in the second training
NOISY = frozenset(("broad-twitter-corpus", "wnut17", "multiner-cc0"))  # not worth swapped copies


def training_texts(
    corpora: Path,
    newscorpus: Path,
    random: Random,
    news_copies: int,
    free_copies: int,
    templates: int,
) -> Iterator[NamedText]:
    """Yield every text once as it is, swapped copies of the sources that gain by it, templates."""
    news = read_newscorpus(newscorpus, dev=False)
    swapper = Swapper(random, common_words(corpora, news), sorted(nationalities()))
    yield from news
    for _ in range(news_copies):
        yield from (reprint(swapper.swap(text), random) for text in news)
    yield from made_up_news(random, sorted(nationalities()), templates)
    for name, texts in read_free_sources(corpora).items():
        print(f"{name}: {len(texts)} texts, {count_labels(texts)}")
        yield from group(texts, random)
        for _ in range(0 if name in NOISY else free_copies):
            yield from group((swapper.swap(text) for text in texts), random)


def tuning_texts(
    corpora: Path, newscorpus: Path, random: Random, news_copies: int, templates: int
) -> Iterator[NamedText]:
    """Yield the texts of the second training: news above all, templates, the clean free corpora."""
    news = read_newscorpus(newscorpus, dev=False)
    common = common_words(corpora, news)
    swapper = Swapper(random, common, sorted(nationalities()), known=KNOWN)
    yield from news
    for _ in range(news_copies):
        yield from (reprint(swapper.swap(text), random) for text in news)
    yield from made_up_news(random, sorted(nationalities()), templates)
    for name, texts in read_free_sources(corpora).items():
        if name not in NOISY:
            yield from group(texts, random)


def common_words(corpora: Path, texts: Iterable[NamedText], least: int = 3) -> frozenset[str]:
    """Give the words seen in lower case at least `least` times: they are no names by themselves."""
    counts = Counter(
        token.form for sentence in training_sentences(corpora) for token in sentence.tokens
    )
    counts.update(word for text in texts for word in re.findall(r"\w+", text.text))
    return frozenset(word for word, count in counts.items() if word.islower() and count >= least)


def to_documents(texts: Iterable[NamedText], nlp: Language) -> Iterator[Doc]:
    """Turn texts into documents with entities."""
    return (to_document(text, nlp) for text in texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder corpora/free")
    parser.add_argument("--newscorpus", type=Path, default=Path(__file__).parent / "newscorpus")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    nlp = spacy.blank("en")
    sources = (options.corpora, options.newscorpus)
    train = list(
        training_texts(*sources, Random(options.seed), news_copies=12, free_copies=1, templates=8)
    )
    write(to_documents(train, nlp), options.output / "train.spacy")
    tune = list(tuning_texts(*sources, Random(options.seed + 1), news_copies=7, templates=25))
    write(to_documents(tune, nlp), options.output / "tune.spacy")
    dev = read_newscorpus(options.newscorpus, dev=True)
    write(to_documents(dev, nlp), options.output / "dev.spacy")


if __name__ == "__main__":
    main()
