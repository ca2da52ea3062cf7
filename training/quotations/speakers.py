"""Whether a speaker is the one the news corpus names; what the speaker models should say."""

from __future__ import annotations

from collections.abc import Sequence

from training.newscorpus_reader import GoldQuote, NewsArticle
from training.quotations.fit import Instance, binary
from transforms.nlp.confidence import Evidence, confidence_features
from transforms.nlp.floating import Scene, floating_candidates, nobody_features
from transforms.nlp.quotations_types import CharSpan
from transforms.nlp.types import DocEntity

FOUND = 0.5


def quote_overlap(spans: Sequence[CharSpan], gold: Sequence[CharSpan]) -> float:
    """Intersection over union of two lists of spans, in characters."""
    ours = {i for start, end in spans for i in range(start, end)}
    theirs = {i for start, end in gold for i in range(start, end)}
    return len(ours & theirs) / max(1, len(ours | theirs))


def match_quote(article: NewsArticle, spans: Sequence[CharSpan]) -> GoldQuote | None:
    """The gold quotation that spans overlap most, if that is half or more."""
    best = max(article.quotes, key=lambda q: quote_overlap(spans, q.spans), default=None)
    if best is None or quote_overlap(spans, best.spans) < FOUND:
        return None
    return best


def is_speaker(article: NewsArticle, name: str | None, speaker_id: str) -> bool:
    """Whether a name is one of the article's names for a speaker; None for an unnamed one."""
    if speaker_id.startswith("x:"):
        return name is None
    if name is None:
        return False
    fullest = {fold(n) for n in article.names_of(speaker_id)}
    return fold(name) in fullest


def fold(name: str) -> str:
    """Bring a name to what does not matter: case, "the", possessives."""
    name = name.casefold().replace("’", "'").strip()
    return name.removeprefix("the ").removesuffix("'s")


def floating_instance(article: NewsArticle, scene: Scene) -> Instance | None:
    """Who should be chosen for a floating quotation; None where the corpus has none there."""
    quote = match_quote(article, scene.utterance.spans)
    if quote is None:
        return None
    options = floating_candidates(scene)
    entities = scene.layout.doc._.newsbeam_entities
    gold = {
        index
        for index, (entity, _) in enumerate(options)
        if _is_entity(article, entities[entity], quote.speaker_id)
    }
    nobody = nobody_features(scene)
    return Instance(
        [*(f for _, f in options), nobody], frozenset(gold or {len(options)}), article.id
    )


def _is_entity(article: NewsArticle, entity: DocEntity, speaker_id: str) -> bool:
    names = (entity.canonical_name, *entity.aliases)
    return any(is_speaker(article, name, speaker_id) for name in names)


def confidence_instance(article: NewsArticle, evidence: Evidence, name: str | None) -> Instance:
    """Whether content and speaker of a quotation are right."""
    quote = match_quote(article, evidence.utterance.spans)
    right = quote is not None and is_speaker(article, name, quote.speaker_id)
    return binary(confidence_features(evidence), right, article.id)
