"""Learns the weights by which pronouns and descriptions are resolved.

Usage: python -m training.speakers.train MODEL NEWSCORPUS FREE_CORPORA

Each source phrase of the train articles is a choice between the document's people and
organizations and "somebody unnamed": a log-linear model (multinomial logistic regression over
candidates, L2 penalty), trained by L-BFGS from zero, which is deterministic. Articles
count twice, with gold names and with the model's own; for the pronouns that speak twice more, with
errors put into the names, so that where the right one was missed the answer is nobody. The pronouns
of the narrative learn from GUM besides.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from spacy.tokens import Doc

from training.newscorpus_reader import NewsArticle, read_articles
from training.quotations.parsed import parse_texts
from training.speakers.examples import (
    speaker_examples,
    with_gold_names,
    with_noisy_names,
    with_own_names,
)
from training.speakers.gum_pronouns import GumPronoun, gum_examples
from transforms.nlp.coref import WEIGHTS, chain_group, read_phrase, read_weights
from transforms.nlp.coref_descriptions import Features
from transforms.nlp.coref_features import Recent, candidates, group_of, options
from transforms.nlp.discourse import Discourse
from transforms.nlp.load import load_pipeline
from transforms.nlp.source_phrase import SourcePhrase

PENALTY = {
    "chain": 2.0,
    "chain_nominal": 2.0,
    "pronoun": 2.0,
    "other_pronoun": 1.0,
    "nominal": 4.0,
}
NOISY_COPIES = 2
MIN_COUNT = 3  # signs that are rarer are left out
SMALL = 5e-3  # weights below are left out

Example = tuple[list[Features], int]  # signs of the candidates, position of the right one


def collect(docs: Iterable[tuple[NewsArticle, Doc]]) -> dict[str, list[Example]]:
    """Read the train articles' source phrases as choices, by group of weights."""
    examples: dict[str, list[Example]] = defaultdict(list)
    for article, doc in docs:
        if not article.is_dev:
            for named in (with_gold_names(doc, article), with_own_names(doc)):
                _collect_article(article, named, examples)
            for seed in range(NOISY_COPIES):
                noisy: dict[str, list[Example]] = defaultdict(list)
                _collect_article(article, with_noisy_names(doc, article, seed), noisy, missed=True)
                examples["pronoun"] += noisy["pronoun"]
    return examples


def _collect_article(
    article: NewsArticle, doc: Doc, examples: dict[str, list[Example]], missed: bool = False
) -> None:
    """Add an article's choices; speakers whose names were missed only where that is asked for."""
    discourse: Discourse = doc._.newsbeam_discourse
    recent: list[int | None] = []
    for example in speaker_examples(article, doc):
        known = example.speaker is not None or not example.is_named or missed
        if example.start >= 0 and known:
            phrase = read_phrase(doc, example.start, example.end)
            if phrase.mention_type != "name":
                group = group_of(phrase)
                reachable = _is_reachable(discourse, phrase, example.speaker)
                if not reachable and not missed:
                    recent.append(example.speaker)
                    continue
                examples[group].append(choice(discourse, phrase, recent, example.speaker))
                if group in ("pronoun", "nominal"):
                    narrative = choice(discourse, phrase, None, example.speaker)
                    examples[chain_group(phrase)].append(narrative)
        recent.append(example.speaker)


def _is_reachable(discourse: Discourse, phrase: SourcePhrase, speaker: int | None) -> bool:
    return speaker is None or any(p.index == speaker for p in candidates(discourse, phrase))


def choice(
    discourse: Discourse, phrase: SourcePhrase, recent: Recent | None, speaker: int | None
) -> Example:
    """Give the signs of all candidates, the unnamed one first."""
    found = options(discourse, phrase, recent)
    right = [i for i, (person, _) in enumerate(found) if person and person.index == speaker]
    return [signs for _, signs in found], right[0] if right else 0


def fit(examples: list[Example], penalty: float) -> dict[str, float]:
    """Learn the weights of one group (L-BFGS from zero: deterministic)."""
    counts = Counter(name for rows, _ in examples for row in rows for name in row)
    column = {name: i for i, name in enumerate(sorted(n for n in counts if counts[n] >= MIN_COUNT))}
    cells = [
        (number, column[name], value)
        for number, row in enumerate(row for rows, _ in examples for row in rows)
        for name, value in row.items()
        if name in column and value
    ]
    numbers, columns, values = zip(*cells, strict=True)
    sizes = [len(rows) for rows, _ in examples]
    starts = np.cumsum([0, *sizes])[:-1]
    rights = starts + np.array([right for _, right in examples])
    owner = np.repeat(np.arange(len(examples)), sizes)
    matrix = csr_matrix((values, (numbers, columns)), shape=(len(owner), len(column)))
    gold = np.zeros(len(owner))
    gold[rights] = 1.0

    def loss(weights: Any) -> tuple[float, Any]:
        scores = matrix @ weights
        scores -= np.maximum.reduceat(scores, starts)[owner]
        powers = np.exp(scores)
        totals = np.add.reduceat(powers, starts)
        value = float(np.log(totals).sum() - scores[rights].sum())
        slope = matrix.T @ (powers / totals[owner] - gold)
        return value + 0.5 * penalty * float(weights @ weights), slope + penalty * weights

    found = minimize(loss, np.zeros(len(column)), jac=True, method="L-BFGS-B")
    weights = {name: round(float(found.x[i]), 3) for name, i in column.items()}
    return {name: weight for name, weight in weights.items() if abs(weight) > SMALL}


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
    nlp = load_pipeline(model)
    articles = list(read_articles(corpus))
    docs = parse_texts(nlp, [a.text for a in articles], ())
    gum = list(gum_examples(nlp, Path(free)))
    train(list(zip(articles, docs, strict=True)), gum)


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
