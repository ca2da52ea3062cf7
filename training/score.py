"""Prints how well a pipeline tags and parses held-out treebanks, one row a set.

usage: python -m training.score MODEL DOCUMENTS   (DOCUMENTS: the folder that tree_corpus wrote)
"""

from __future__ import annotations

import argparse
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.training import Example

COLUMNS = {
    "tag_acc": "tag",
    "pos_acc": "pos",
    "morph_acc": "morph",
    "lemma_acc": "lemma",
    "dep_uas": "UAS",
    "dep_las": "LAS",
    "sents_f": "sents F",
}


def score_trees(nlp: Language, path: Path) -> dict[str, float]:
    """Score a pipeline on one DocBin; raw text in, tokens aligned, in percent."""
    gold = DocBin().from_disk(path).get_docs(nlp.vocab)
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in gold]
    scores = nlp.evaluate(examples)
    return {name: 100 * (scores.get(name) or 0.0) for name in COLUMNS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="an installed pipeline or its folder")
    parser.add_argument("documents", type=Path)
    options = parser.parse_args()
    nlp = spacy.load(options.model, exclude=["ner"])
    print(f"{'set':10}" + "".join(f"{title:>9}" for title in COLUMNS.values()))
    for path in sorted(options.documents.glob("*.spacy")):
        if path.stem not in ("train", "tune", "news"):
            scores = score_trees(nlp, path)
            print(f"{path.stem:10}" + "".join(f"{value:9.1f}" for value in scores.values()))


if __name__ == "__main__":
    main()
