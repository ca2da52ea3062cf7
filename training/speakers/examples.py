"""The newscorpus as a test of speakers: source phrases and the entities they stand for."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from training.newscorpus_reader import GoldQuote, NewsArticle
from transforms.nlp.entities import cluster_names, read_name
from transforms.nlp.entities_component import EntitiesComponent, annotate
from transforms.nlp.types import register_extensions

LABELS = {
    "per": "PERSON",
    "org": "ORG",
    "gpe": "GPE",
    "loc": "LOC",
    "fac": "FAC",
    "norp": "NORP",
    "event": "EVENT",
}


MISSED, HALF_MISSED, FLIPPED = 0.055, 0.05, 0.04  # entities; single names; people taken for groups
FLIPS = {"PERSON": "ORG", "ORG": "PERSON"}


@dataclass(frozen=True)
class SpeakerExample:
    """A gold source phrase with its speaker."""

    article: NewsArticle
    doc: Doc
    quote: GoldQuote
    start: int  # of the source phrase
    end: int
    speaker: int | None  # index of the DocEntity; None: unnamed, or not found by the recognizer
    is_named: bool  # the article names the speaker


def with_gold_names(doc: Doc, article: NewsArticle) -> Doc:
    """Give a document the names that the annotators marked, instead of the recognizer's."""
    register_extensions()
    names = [read_name(article.text, e.start, e.end, LABELS[e.kind]) for e in article.entities]
    annotate(doc, article.text, cluster_names(article.text, names))
    return doc


def with_noisy_names(doc: Doc, article: NewsArticle, seed: int) -> Doc:
    """Give a document the annotators' names with about the errors of the recognizer on new text.

    On the articles that it has learned from it makes too few. The seed and the article's id say
    which names are missed, and which are taken for another type.
    """
    register_extensions()
    chance = random.Random(f"{article.id}{seed}")
    names, fates = [], dict[str | int, float]()
    for entity in article.entities:
        fate = fates.setdefault(entity.id or entity.start, chance.random())
        if fate < MISSED or chance.random() < HALF_MISSED:
            continue
        label = LABELS[entity.kind]
        if fate < MISSED + FLIPPED:
            label = FLIPS.get(label, label)
        names.append(read_name(article.text, entity.start, entity.end, label))
    annotate(doc, article.text, cluster_names(article.text, names))
    return doc


def parsed(nlp: Language, articles: Iterable[NewsArticle]) -> Iterator[tuple[NewsArticle, Doc]]:
    """Run the pipeline over articles."""
    listed = list(articles)
    yield from zip(listed, nlp.pipe(a.text for a in listed), strict=True)


def with_own_names(doc: Doc) -> Doc:
    """Give a document the names that the recognizer found, repaired and brought together."""
    return EntitiesComponent()(doc)


def entities_of_gold(article: NewsArticle, doc: Doc) -> dict[str, int]:
    """Map gold ids to the entities of a document that share most names with them."""
    votes: dict[str, Counter[int]] = {}
    mentions = [m for m in doc._.newsbeam_mentions if m.mention_type == "name"]
    for gold in article.entities:
        if gold.id is None or gold.kind not in ("per", "org"):
            continue
        for mention in mentions:
            if mention.start < gold.end and mention.end > gold.start:
                exact = mention.start == gold.start and mention.end == gold.end
                votes.setdefault(gold.id, Counter())[mention.entity] += 2 if exact else 1
    return {gold_id: counts.most_common(1)[0][0] for gold_id, counts in votes.items()}


def speaker_examples(article: NewsArticle, doc: Doc) -> Iterator[SpeakerExample]:
    """Yield the gold quotations that have a source phrase, in the text's order."""
    known = entities_of_gold(article, doc)
    for quote in sorted(article.quotes, key=_place):
        named = not quote.speaker_id.startswith("x:")
        start, end = quote.source_spans[0] if quote.source_spans else (-1, -1)
        yield SpeakerExample(article, doc, quote, start, end, known.get(quote.speaker_id), named)


def _place(quote: GoldQuote) -> int:
    return quote.source_spans[0][0] if quote.source_spans else quote.spans[0][0]
