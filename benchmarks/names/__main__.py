"""Prints how well names are found: a row a corpus and type.

usage: python -m benchmarks.names CORPORA [--model NAME] [--spans ents|mentions|capitals]

`ents` are the bare pipeline's, `mentions` what newsbeam makes of them, `capitals` is a baseline
that needs no training: runs of capitalised words, typed by the gazetteer and their last word.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import spacy
from spacy.tokens import Doc

from benchmarks.names.capitals import find_capitals
from benchmarks.names.corpora import TYPE_OF, GoldText, read_corpora
from benchmarks.names.score import Found, Score, score_names
from benchmarks.table import print_table

ROOT = Path(__file__).parents[2]
BUNDLED = ROOT / "transforms" / "nlp" / "en_newsbeam_sm"


Finder = Callable[[Iterable[str]], Iterator[Found]]


def find_ents(model: str) -> Finder:
    """Find names with a bare spaCy pipeline: its `doc.ents`."""
    nlp = spacy.load(model)
    unused = ("tagger", "parser", "lemmatizer", "morphologizer", "attribute_ruler")
    disabled = [pipe for pipe in unused if pipe in nlp.pipe_names]

    def find(texts: Iterable[str]) -> Iterator[Found]:
        for doc in nlp.pipe(texts, batch_size=16, disable=disabled):
            yield frozenset(_plain(doc, e.start_char, e.end_char, e.label_) for e in doc.ents)

    return find


def find_mentions(model: str) -> Finder:
    """Find names with newsbeam's components: mentions under their entity's type."""
    from transforms.nlp.load import load_pipeline

    nlp = load_pipeline(model)

    def find(texts: Iterable[str]) -> Iterator[Found]:
        for doc in nlp.pipe(texts, batch_size=16):
            entities = doc._.newsbeam_entities
            yield frozenset(
                (m.start, m.end, entities[m.entity].entity_type)
                for m in doc._.newsbeam_mentions
                if m.mention_type == "name"
            )

    return find


def _plain(doc: Doc, start: int, end: int, label: str) -> tuple[int, int, str]:
    if doc.text[start : start + 4].lower() == "the ":
        start += 4
    return start, end, TYPE_OF.get(label, "other")


def rows_of(results: dict[str, dict[str, Score]]) -> list[list[str]]:
    """Give the table: corpus, type, precision, recall, F1 in percent, and the gold's size."""
    return [
        [
            corpus,
            kind,
            *(f"{100 * value:.1f}" for value in (s.precision, s.recall, s.f1)),
            str(s.gold),
        ]
        for corpus, scores in results.items()
        for kind, s in scores.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, help="the folder with free/ and evaluate-only/")
    parser.add_argument("--newscorpus", type=Path, default=ROOT / "training" / "newscorpus")
    parser.add_argument("--model", default=None, help="an installed pipeline or its folder")
    parser.add_argument("--spans", choices=("ents", "mentions", "capitals"), default="ents")
    options = parser.parse_args()
    if options.spans == "capitals":
        find: Finder = find_capitals
    elif options.spans == "mentions":
        find = find_mentions(options.model or "en_newsbeam_sm")
    else:
        find = find_ents(options.model or str(BUNDLED))
    results: dict[str, dict[str, Score]] = {}
    for name, golds in read_corpora(options.corpora, options.newscorpus).items():
        texts: list[GoldText] = golds
        found = find(gold.text for gold in texts)
        results[name] = score_names(zip(texts, found, strict=True))
    header = ["corpus", "type", "precision", "recall", "F1", "gold"]
    print_table(header, rows_of(results))


if __name__ == "__main__":
    main()
