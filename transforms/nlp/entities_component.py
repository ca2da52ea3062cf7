"""The spaCy component `newsbeam_entities`: sets the document's entities and mentions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from transforms.nlp.coref import link_phrases
from transforms.nlp.descriptions import best_role
from transforms.nlp.discourse import Discourse
from transforms.nlp.doc_text import read_text
from transforms.nlp.entities import Cluster, cluster_names, read_name
from transforms.nlp.mentions import find_names
from transforms.nlp.types import DocEntity, DocMention, register_extensions

MIN_PRONOUN = 0.7  # probability from which a pronoun of the narrative becomes a mention


def make_entities(nlp: Language, name: str = "newsbeam_entities") -> EntitiesComponent:
    """Make the component; the factory `newsbeam_entities` calls this."""
    return EntitiesComponent()


class EntitiesComponent:
    """Brings the names of a document together (needs `doc.ents`; uses tags and parse)."""

    def __init__(self) -> None:
        register_extensions()

    def __call__(self, doc: Doc) -> Doc:
        """Set `doc._.newsbeam_entities` and `doc._.newsbeam_mentions`."""
        text = read_text(doc)
        spans = find_names(doc, text)
        names = [read_name(text, s.start, s.end, s.label) for s in spans]
        annotate(doc, text, cluster_names(text, names))
        return doc


def annotate(doc: Doc, text: str, clusters: Sequence[Cluster]) -> None:
    """Set a document's entities and mentions from the names that were brought together."""
    discourse = Discourse(doc, text, clusters)
    link_phrases(discourse)
    mentions = sorted(_mentions(clusters, discourse))
    positions: list[list[int]] = [[] for _ in clusters]
    for position, mention in enumerate(mentions):
        positions[mention.entity].append(position)
    doc._.newsbeam_discourse = discourse
    doc._.newsbeam_mentions = tuple(mentions)
    doc._.newsbeam_entities = tuple(
        _entity(index, cluster, tuple(positions[index]), discourse)
        for index, cluster in enumerate(clusters)
    )


def _mentions(clusters: Sequence[Cluster], discourse: Discourse) -> Iterator[DocMention]:
    for index, cluster in enumerate(clusters):
        for name in cluster.names:
            yield DocMention(name.start, name.end, name.label, "name", index)
    for linked in discourse.links:
        if linked.is_pronoun and linked.entity is not None and linked.probability >= MIN_PRONOUN:
            label = clusters[linked.entity].label
            yield DocMention(linked.start, linked.end, label, "pronoun", linked.entity)


def _entity(
    index: int, cluster: Cluster, positions: tuple[int, ...], discourse: Discourse
) -> DocEntity:
    canonical = cluster.canonical_name
    return DocEntity(
        index=index,
        canonical_name=canonical,
        entity_type=cluster.entity_type,
        label=cluster.label,
        aliases=tuple(form for form in cluster.forms if form != canonical),
        role=best_role(discourse.text, discourse.people[index].descriptions),
        mentions=positions,
    )
