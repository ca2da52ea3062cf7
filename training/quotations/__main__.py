"""Trains the models of the quotations' component from the news corpus.

    python -m training.quotations --newscorpus training/newscorpus

Only articles that are not dev are used. Everything is deterministic: folds follow from the
articles' order, the optimizer starts from zero.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.newscorpus_reader import NewsArticle, read_articles
from training.quotations.fit import Instance, fit
from training.quotations.gold import (
    Example,
    attribution_instances,
    clause_instances,
    kind_instances,
    make_example,
)
from training.quotations.parsed import parse_texts
from training.quotations.speakers import confidence_instance, floating_instance
from transforms.nlp.load import BUNDLED, load_pipeline, model_version
from transforms.nlp.logit import WEIGHTS, Models
from transforms.nlp.quotations import QuotationsComponent, attribute_utterances

FOLDS = 5
SEEN_NAMES = 0.35
"""Log-odds taken off every confidence: the recognizer and the resolution of names were trained on
the same articles, so that speakers are right more often here than in articles they have not seen.
The one number of this recipe that was chosen by looking at the dev articles."""
FLOATING_ROUNDS = 1  # in which speakers of floating quotations help to tell the next ones
PENALTIES = {
    "attribution": 6.0,
    "direct": 1.0,
    "indirect": 1.0,
    "indirect_start": 1.0,
    "indirect_end": 3.0,
    "floating": 2.0,
    "confidence": 2.0,
}
Weights = dict[str, dict[str, float]]
Instances = dict[str, list[Instance]]


@dataclass(frozen=True)
class Corpus:
    """The training articles, parsed, with the fold each belongs to."""

    examples: Sequence[Example]

    def fold_of(self, article_id: str) -> int:
        """Number of the fold of an article."""
        ids = sorted(e.article.id for e in self.examples)
        return ids.index(article_id) % FOLDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--newscorpus", type=Path, required=True)
    parser.add_argument("--model", default=BUNDLED)
    parser.add_argument("--output", type=Path, default=Path("transforms/nlp/data") / WEIGHTS)
    options = parser.parse_args()
    nlp = load_pipeline(options.model)
    articles = [a for a in read_articles(options.newscorpus) if not a.is_dev]
    docs = parse_texts(nlp, [a.text for a in articles], ("newsbeam_entities",))
    examples = [make_example(a, d) for a, d in zip(articles, docs, strict=True)]
    weights = train(examples)
    about = {"trained_on": "newscorpus without dev", "model": model_version(nlp)}
    options.output.write_text(
        json.dumps({"about": about, "models": weights}, indent=0, sort_keys=True) + "\n",
        encoding="utf-8",
    )
    for name, model in weights.items():
        print(f"{name}: {len(model)} features")


def train(examples: Sequence[Example]) -> Weights:
    """Train all models; those that need others' answers get them from held-out folds."""
    ids = {e.article.id: i % FOLDS for i, e in enumerate(examples)}
    instances = content_instances(examples)
    weights = {name: _fit(name, own) for name, own in instances.items()}
    held_out = [_without(instances, ids, fold) for fold in range(FOLDS)]
    instances["floating"] = [
        i for e in examples for i in floating_of(e, Models(held_out[ids[e.article.id]]))
    ]
    for _ in range(FLOATING_ROUNDS):
        for fold, own in enumerate(held_out):
            others = [i for i in instances["floating"] if ids[i.group] != fold]
            own["floating"] = _fit("floating", others)
        instances["floating"] = [
            i for e in examples for i in floating_of(e, Models(held_out[ids[e.article.id]]))
        ]
    weights["floating"] = _fit("floating", instances["floating"])
    instances["confidence"] = [
        i for e in examples for i in confidence_of_article(e, held_out[ids[e.article.id]])
    ]
    weights["confidence"] = _fit("confidence", instances["confidence"])
    weights["confidence"]["1"] = round(weights["confidence"].get("1", 0.0) - SEEN_NAMES, 3)
    return weights


def content_instances(examples: Sequence[Example]) -> Instances:
    """Collect the choices of the models that find content and cue."""
    found: Instances = {
        name: [] for name in ("attribution", "direct", "indirect", "indirect_start", "indirect_end")
    }
    for example in examples:
        found["attribution"].extend(attribution_instances(example))
        found["direct"].extend(kind_instances(example))
        clauses = clause_instances(example)
        found["indirect"].extend(clauses.accept)
        found["indirect_start"].extend(clauses.start)
        found["indirect_end"].extend(clauses.end)
    return found


def _fit(name: str, instances: Sequence[Instance]) -> dict[str, float]:
    return fit(instances, PENALTIES[name])


def _without(instances: Instances, ids: dict[str, int], fold: int) -> Weights:
    return {
        name: _fit(name, [i for i in own if ids[i.group] != fold])
        for name, own in instances.items()
    }


def floating_of(example: Example, models: Models) -> Iterator[Instance]:
    """Yield the choices of speakers of an article's floating quotations.

    The speakers before are those that the component finds with models from other articles.
    """
    for scene, _, _ in attribute_utterances(example.layout, models):
        if scene is not None:
            instance = floating_instance(example.article, scene)
            if instance is not None:
                yield instance


def confidence_of_article(example: Example, weights: Weights) -> Iterator[Instance]:
    """Yield for each quotation whether it is right, judged by models that have not seen it."""
    component = QuotationsComponent(Models({k: v for k, v in weights.items() if k != "confidence"}))
    article: NewsArticle = example.article
    entities = example.layout.doc._.newsbeam_entities
    for quotation, evidence in component.attribute(example.layout.doc):
        name = None if quotation.speaker is None else entities[quotation.speaker].canonical_name
        yield confidence_instance(article, evidence, name)


if __name__ == "__main__":
    main()
