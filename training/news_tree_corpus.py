"""Writes the documents of the trees' second training: the treebanks' again, and the news.

usage: python -m training.news_tree_corpus --parsers MODEL... --corpora FOLDER --output FILE
       [--gazetteer FOLDER]
The news corpus's trees are those of `news_trees.py`, once as they are and once with other marks,
headlines and more quotations.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import spacy
from spacy.tokens import Doc
from spacy.vocab import Vocab

from training.conllu import Sentence
from training.news_trees import NEWSCORPUS, read_news_trees
from training.newscorpus_reader import read_articles
from training.noise import vary
from training.speaker_phrases import Speakers, find_speakers
from training.tree_corpus import training_documents, training_sentences, write
from training.trees import make_document, make_documents, split_into_pieces


def news_documents(
    sentences: Sequence[Sentence], speakers: Speakers, vocab: Vocab, random: Random
) -> Iterator[Doc]:
    """Yield the news's runs of sentences, as they are and varied."""
    yield from make_documents(sentences, vocab, max_words=150)
    for piece in split_into_pieces(sentences, max_words=120):
        yield make_document(vary(piece, speakers, random), vocab)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parsers", nargs="+", required=True, help="pipelines, the best one first")
    parser.add_argument("--gazetteer", type=Path, help="the pipeline with the whole gazetteer")
    parser.add_argument("--newscorpus", type=Path, default=NEWSCORPUS)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder corpora/free")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    parsers = [spacy.load(path) for path in options.parsers]
    if options.gazetteer is not None:
        whole = spacy.load(options.gazetteer).vocab.vectors
        for nlp in parsers:
            nlp.vocab.vectors = whole
    sentences: list[Sentence] = []
    outcomes: Counter[str] = Counter()
    for kept in read_news_trees(parsers, read_articles(options.newscorpus)):
        sentences += kept.sentences
        outcomes += kept.outcomes
    for outcome, count in outcomes.most_common():
        print(f"{count:6} {outcome}")
    vocab = spacy.blank("en").vocab
    speakers = find_speakers([*training_sentences(options.corpora), *sentences])
    news = news_documents(sentences, speakers, vocab, Random(options.seed))
    treebanks = training_documents(options.corpora, vocab, Random(options.seed))
    write([*treebanks, *news], options.output)


if __name__ == "__main__":
    main()
