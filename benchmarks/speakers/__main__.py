"""Measures names, entities and speakers on the dev part of the newscorpus.

Usage: python -m benchmarks.speakers CORPUS [--model NAME] [--part dev|train]

Three tables. Speakers: given the gold source phrases, is the entity right, wrong, or honestly not
told, by the kind of phrase; with the names that the annotators marked and with the model's own.
Names: the recognizer's spans bare, and newsbeam's after repair. Entities: B³ over people and
organizations (Bagga and Baldwin 1998), with gold names and over the names that were found.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from spacy.tokens import Doc

from training.newscorpus_reader import NewsArticle, read_articles
from training.speakers.examples import (
    SpeakerExample,
    parsed,
    speaker_examples,
    with_gold_names,
    with_own_names,
)
from transforms.nlp.coref import read_phrase, resolve_speaker
from transforms.nlp.entities import ENTITY_TYPES
from transforms.nlp.load import load_pipeline
from transforms.nlp.types import Resolution

TYPE_OF_KIND = {"per": "person", "org": "organization", "gpe": "place", "loc": "place"}
TYPES = ("person", "organization", "place")
PHRASES = ("name", "he/she", "other pronoun", "description", "all")
ANSWERS = ("right", "right null", "wrong", "missed")

Typed = set[tuple[int, int, str]]
Clusters = dict[tuple[int, int], object]


@dataclass
class Counts:
    """What one setting gave."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", help="the newscorpus folder")
    parser.add_argument("--model", default="en_newsbeam_sm", help="a spaCy pipeline")
    parser.add_argument("--part", choices=("dev", "train"), default="dev")
    options = parser.parse_args()
    articles = [a for a in read_articles(options.corpus) if a.is_dev == (options.part == "dev")]
    results = measure(load_pipeline(options.model), articles)
    print_speakers(results)
    print_names(results)
    print_entities(results)


def measure(nlp: object, articles: Iterable[NewsArticle]) -> dict[str, Counts]:
    """Count all settings over the articles."""
    results = {name: Counts() for name in ("bare", "gold names", "own names")}
    for article, doc in parsed(nlp, articles):  # type: ignore[arg-type]
        gold = {
            (e.start, e.end, TYPE_OF_KIND[e.kind])
            for e in article.entities
            if e.kind in TYPE_OF_KIND
        }
        bare = {(e.start_char, e.end_char, ENTITY_TYPES.get(e.label_, "other")) for e in doc.ents}
        count_names(results["bare"], gold, bare)
        count_document(results["gold names"], article, with_gold_names(doc, article), gold)
        count_document(results["own names"], article, with_own_names(doc), gold)
    return results


def count_document(counts: Counts, article: NewsArticle, doc: Doc, gold: Typed) -> None:
    entities = doc._.newsbeam_entities
    names = [m for m in doc._.newsbeam_mentions if m.mention_type == "name"]
    count_names(counts, gold, {(m.start, m.end, entities[m.entity].entity_type) for m in names})
    count_clusters(
        counts,
        {(e.start, e.end): (e.kind, e.id) for e in article.entities if e.kind in ("per", "org")},
        {(m.start, m.end): m.entity for m in names},
    )
    recent: list[int | None] = []
    for example in speaker_examples(article, doc):
        speaker = example.speaker
        if example.start >= 0:
            found = resolve_speaker(doc, example.start, example.end, recent=recent)
            speaker = found.entity
            answer = judge(example, found)
            counts.answers[phrase_kind(doc, example), answer] += 1
            counts.answers["all", answer] += 1
        recent.append(speaker)


def judge(example: SpeakerExample, found: Resolution) -> str:
    if found.entity is None:
        return "missed" if example.is_named else "right null"
    return "right" if example.is_named and found.entity == example.speaker else "wrong"


def phrase_kind(doc: Doc, example: SpeakerExample) -> str:
    phrase = read_phrase(doc, example.start, example.end)
    if phrase.pronoun is not None:
        return "he/she" if phrase.pronoun.gender in ("m", "f") else "other pronoun"
    return "name" if phrase.mention_type == "name" else "description"


def count_names(counts: Counts, gold: Typed, found: Typed) -> None:
    for kind in TYPES:
        wanted = {g for g in gold if g[2] == kind}
        given = {f for f in found if f[2] == kind}
        for key, value in (("right", wanted & given), ("gold", wanted), ("found", given)):
            counts.found[kind, key] += len(value)
            counts.found["all", key] += len(value)


def count_clusters(counts: Counts, gold: Clusters, found: Clusters) -> None:
    """Add B³ precision and recall of each gold name that was found at all."""
    right, given = defaultdict(set), defaultdict(set)
    for place in gold.keys() & found.keys():
        right[gold[place]].add(place)
        given[found[place]].add(place)
    for place in gold.keys() & found.keys():
        both = len(right[gold[place]] & given[found[place]])
        counts.precision.append(both / len(given[found[place]]))
        counts.recall.append(both / len(right[gold[place]]))


def print_speakers(results: dict[str, Counts]) -> None:
    print(f"{'speakers':12} {'phrase':14} {'right':>7} {'wrong':>7} {'missed':>7} {'gold':>6}")
    for setting in ("gold names", "own names"):
        answers = results[setting].answers
        for kind in PHRASES:
            total = max(1, sum(answers[kind, a] for a in ANSWERS))
            right = answers[kind, "right"] + answers[kind, "right null"]
            print(
                f"{setting:12} {kind:14} {100 * right / total:7.1f}"
                f" {100 * answers[kind, 'wrong'] / total:7.1f}"
                f" {100 * answers[kind, 'missed'] / total:7.1f} {total:6}"
            )


def print_names(results: dict[str, Counts]) -> None:
    print(f"\n{'names':12} {'type':14} {'precision':>9} {'recall':>7} {'F1':>6} {'gold':>6}")
    for setting in ("bare", "own names"):
        found = results[setting].found
        for kind in (*TYPES, "all"):
            right, gold, given = (found[kind, k] for k in ("right", "gold", "found"))
            print(
                f"{setting:12} {kind:14} {100 * right / max(1, given):9.1f}"
                f" {100 * right / max(1, gold):7.1f}"
                f" {200 * right / max(1, gold + given):6.1f} {gold:6}"
            )


def print_entities(results: dict[str, Counts]) -> None:
    print(f"\n{'entities':12} {'B³ precision':>13} {'recall':>7} {'F1':>6} {'names':>6}")
    for setting in ("gold names", "own names"):
        counts = results[setting]
        size = max(1, len(counts.precision))
        p, r = sum(counts.precision) / size, sum(counts.recall) / size
        f1 = 2 * p * r / max(1e-9, p + r)
        print(f"{setting:12} {100 * p:13.1f} {100 * r:7.1f} {100 * f1:6.1f} {size:6}")


if __name__ == "__main__":
    main()
