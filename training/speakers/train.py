"""Learns the weights by which pronouns and descriptions are resolved.

Usage: python -m training.speakers.train MODEL NEWSCORPUS FREE_CORPORA

Each source phrase of the train articles is a choice between the document's people and
organizations and "somebody unnamed": a log-linear model (multinomial logistic regression over
candidates, L2 penalty), trained by full-batch gradient descent, which is deterministic. Articles
count twice, with gold names and with the model's own. The pronouns of the narrative learn from GUM
besides.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import spacy
from spacy.tokens import Doc

from training.newscorpus_reader import NewsArticle, read_articles
from training.speakers.examples import (
    parsed,
    speaker_examples,
    with_gold_names,
    with_own_names,
)
from training.speakers.gum_pronouns import GumPronoun, gum_examples
from transforms.nlp.coref import WEIGHTS, read_phrase, read_weights
from transforms.nlp.coref_features import (
    Features,
    Recent,
    candidate_features,
    candidates,
    group_of,
    unnamed_features,
)
from transforms.nlp.discourse import Discourse
from transforms.nlp.source_phrase import SourcePhrase

PENALTY = {"chain": 2.0, "pronoun": 2.0, "other_pronoun": 1.0, "nominal": 2.0}
STEPS = 800
RATE = 0.05

Example = tuple[list[Features], int]  # signs of the candidates, position of the right one


def collect(docs: Iterable[tuple[NewsArticle, Doc]]) -> dict[str, list[Example]]:
    """Read the train articles' source phrases as choices, by group of weights."""
    examples: dict[str, list[Example]] = defaultdict(list)
    for article, doc in docs:
        if not article.is_dev:
            for named in (with_gold_names(doc, article), with_own_names(doc)):
                _collect_article(article, named, examples)
    return examples


def _collect_article(article: NewsArticle, doc: Doc, examples: dict[str, list[Example]]) -> None:
    recent: list[int | None] = []
    for example in speaker_examples(article, doc):
        if example.start >= 0 and (example.speaker is not None or not example.is_named):
            phrase = read_phrase(doc, example.start, example.end)
            if phrase.mention_type != "name":
                group = group_of(phrase)
                if not _is_reachable(doc._.newsbeam_discourse, phrase, example.speaker):
                    recent.append(example.speaker)
                    continue
                discourse: Discourse = doc._.newsbeam_discourse
                examples[group].append(choice(discourse, phrase, recent, example.speaker))
                if group == "pronoun":
                    examples["chain"].append(choice(discourse, phrase, None, example.speaker))
        recent.append(example.speaker)


def _is_reachable(discourse: Discourse, phrase: SourcePhrase, speaker: int | None) -> bool:
    return speaker is None or any(p.index == speaker for p in candidates(discourse, phrase))


def choice(
    discourse: Discourse, phrase: SourcePhrase, recent: Recent | None, speaker: int | None
) -> Example:
    """Give the signs of all candidates, the unnamed one first."""
    unnamed = unnamed_features(discourse, phrase, recent)
    rows: list[Features] = [{"unnamed." + name: value for name, value in unnamed.items()}]
    right = 0
    for person in candidates(discourse, phrase):
        if person.index == speaker:
            right = len(rows)
        rows.append(candidate_features(discourse, phrase, person, recent))
    return rows, right


def fit(examples: list[Example], penalty: float) -> dict[str, float]:
    """Learn the weights of one group."""
    names = sorted({name for rows, _ in examples for row in rows for name in row})
    column = {name: i for i, name in enumerate(names)}
    blocks = []
    for rows, right in examples:
        matrix = np.zeros((len(rows), len(names)))
        for i, row in enumerate(rows):
            for name, value in row.items():
                matrix[i, column[name]] = value
        blocks.append((matrix, right))
    starts = np.cumsum([0] + [len(m) for m, _ in blocks])[:-1]
    stacked = np.vstack([m for m, _ in blocks])
    rights = starts + np.array([right for _, right in blocks])
    owner = np.repeat(np.arange(len(blocks)), [len(m) for m, _ in blocks])
    weights = np.zeros(len(names))
    first, second = np.zeros(len(names)), np.zeros(len(names))
    for step in range(1, STEPS + 1):
        scores = stacked @ weights
        scores = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        shares = scores / np.add.reduceat(scores, starts)[owner]
        gradient = stacked.T @ shares - stacked[rights].sum(axis=0) + penalty * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return {
        name: round(float(w), 3) for name, w in zip(names, weights, strict=True) if abs(w) > 5e-3
    }


def collect_gum(pronouns: Iterable[GumPronoun]) -> list[Example]:
    """Read GUM's pronouns as choices."""
    rows = []
    for doc, start, end, entity in pronouns:
        phrase = read_phrase(doc, start, end)
        discourse: Discourse = doc._.newsbeam_discourse
        if phrase.pronoun is not None and _is_reachable(discourse, phrase, entity):
            rows.append(choice(discourse, phrase, None, entity))
    return rows


def main(model: str, corpus: str, free: str) -> None:
    nlp = spacy.load(model)
    train(list(parsed(nlp, read_articles(corpus))), list(gum_examples(nlp, Path(free))))


def train(docs: list[tuple[NewsArticle, Doc]], gum: list[GumPronoun]) -> None:
    """Learn twice: the first round links the narrative's pronouns, the second uses the links."""
    for _ in range(2):
        examples = collect(docs)
        examples["chain"] += collect_gum(gum)
        write(examples)
        read_weights.cache_clear()


def write(examples: dict[str, list[Example]]) -> None:
    """Learn the weights of all groups and write them down."""
    weights = {group: fit(rows, PENALTY[group]) for group, rows in sorted(examples.items())}
    counts = {group: len(rows) for group, rows in sorted(examples.items())}
    document = {
        "comment": "Weights of transforms/nlp/coref_features.py, learned from the train part of "
        "the newscorpus by training/speakers/train.py; not to be edited by hand.",
        "examples": counts,
        "weights": weights,
    }
    WEIGHTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {WEIGHTS.name}: {counts}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])
