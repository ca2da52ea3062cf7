"""Writes the training and test documents for tagger, morphologizer, lemmatizer and parser.

usage: python -m training.tree_corpus --corpora FOLDER --output FOLDER [--seed N]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import spacy
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from training.conllu import Sentence, read_sentences
from training.noise import vary
from training.speaker_phrases import find_speakers
from training.trees import make_document, make_documents, split_into_pieces

EWT = "ud-english-ewt/en_ewt-ud-{}.conllu"
PUD = "ud-english-pud/en_pud-ud-test.conllu"


def read_gum_splits(gum: Path) -> dict[str, str]:
    """Map GUM document names to dev or test; the others are for training."""
    splits: dict[str, str] = {}
    split = ""
    for line in (gum / "splits.md").read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## (\w+)", line):
            split = heading.group(1)
        elif item := re.match(r"\s*\* (GUM_\w+)", line):
            splits[item.group(1)] = split
    return splits


def gum_files(corpora: Path, split: str) -> list[Path]:
    """Give the GUM files of one split (train, dev or test)."""
    splits = read_gum_splits(corpora / "gum")
    files = sorted((corpora / "gum" / "dep").glob("*.conllu"))
    return [file for file in files if splits.get(file.stem, "train") == split]


def training_sentences(corpora: Path) -> Iterator[Sentence]:
    """Yield the sentences that tagger and parser learn from: EWT and GUM, train."""
    yield from read_sentences(corpora / EWT.format("train"))
    for file in gum_files(corpora, "train"):
        yield from read_sentences(file)


def training_documents(corpora: Path, vocab: Vocab, random: Random) -> Iterator[Doc]:
    """Yield each run of sentences twice: as it is, and with the marks and headlines of news."""
    sentences = list(training_sentences(corpora))
    speakers = find_speakers(sentences)
    yield from make_documents(sentences, vocab)
    for piece in split_into_pieces(sentences, max_words=120):
        yield make_document(vary(piece, speakers, random), vocab)


def held_out(corpora: Path) -> dict[str, list[Path]]:
    """Name the held-out sets and their files."""
    return {
        "dev": [corpora / EWT.format("dev"), *gum_files(corpora, "dev")],
        "ewt-test": [corpora / EWT.format("test")],
        "gum-test": gum_files(corpora, "test"),
        "pud": [corpora / PUD],
    }


def write(documents: Iterable[Doc], path: Path) -> None:
    """Write documents as one DocBin."""
    path.parent.mkdir(parents=True, exist_ok=True)
    DocBin(docs=documents, store_user_data=False).to_disk(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder corpora/free")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    vocab = spacy.blank("en").vocab
    training = training_documents(options.corpora, vocab, Random(options.seed))
    write(training, options.output / "train.spacy")
    for name, files in held_out(options.corpora).items():
        sentences = (sentence for file in files for sentence in read_sentences(file))
        write(make_documents(sentences, vocab), options.output / f"{name}.spacy")


if __name__ == "__main__":
    main()
