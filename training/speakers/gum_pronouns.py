"""GUM's coreference as choices for "he" and "she": who of the named people is meant.

Only what newsbeam's own discourse can hold: names (see `training/gum_names.py`) with GUM's
entity numbers, and the third person's singular pronouns. Format of the `Entity=` item:
https://gucorpling.org/gum/tagging.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from training.conllu import Sentence, read_sentences
from training.gum_names import Phrase, name_run
from training.quotations.parsed import parse_texts
from training.tree_corpus import gum_files
from transforms.nlp.entities import Cluster, read_name
from transforms.nlp.entities_component import annotate
from transforms.nlp.source_phrase import pronouns
from transforms.nlp.types import register_extensions

GumPronoun = tuple[Doc, int, int, int | None]  # document, start, end, index of the entity

_ENTITY = re.compile(r"\(([^()]+)(\))?|(\d+)\)")
_LABELS = {"person": "PERSON", "organization": "ORG", "place": "GPE"}


@dataclass
class GumDocument:
    """A document's text, its names by entity number, and its pronouns with theirs."""

    text: str = ""
    names: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)
    pronouns: list[tuple[int, int, str]] = field(default_factory=list)


def read_gum_document(path: Path) -> GumDocument:
    """Read one GUM file."""
    document = GumDocument()
    open_phrases: dict[str, tuple[int, str]] = {}
    for sentence in read_sentences(path):
        if document.text:
            document.text += "\n" if sentence.starts_paragraph else " "
        spans = _print(document, sentence)
        open_phrases.clear()
        for index, token in enumerate(sentence.tokens):
            for opening, closed, closing in _ENTITY.findall(token.misc.get("Entity", "")):
                if opening:
                    group, kind, *_ = opening.split("-")
                    open_phrases[group] = (index, kind)
                key = opening.split("-")[0] if closed else closing
                if key in open_phrases:
                    first, kind = open_phrases.pop(key)
                    _take(document, sentence, spans, Phrase(first, index, kind), key)
    return document


def _take(
    document: GumDocument,
    sentence: Sentence,
    spans: list[tuple[int, int]],
    phrase: Phrase,
    group: str,
) -> None:
    word = sentence.tokens[phrase.first].form.lower()
    pronoun = pronouns().get(word)
    if phrase.first == phrase.last and pronoun is not None and pronoun.gender in ("m", "f"):
        document.pronouns.append((*spans[phrase.first], group))
    elif phrase.kind in _LABELS:
        run = name_run(sentence, phrase)
        if run is not None:
            place = (spans[run[0]][0], spans[run[-1]][1], _LABELS[phrase.kind])
            document.names.setdefault(group, []).append(place)


def _print(document: GumDocument, sentence: Sentence) -> list[tuple[int, int]]:
    spans = []
    for token in sentence.tokens:
        start = len(document.text)
        document.text += token.form
        spans.append((start, len(document.text)))
        document.text += " " if token.space_after else ""
    document.text = document.text.rstrip()
    return spans


def gum_examples(nlp: Language, corpora: Path) -> Iterator[GumPronoun]:
    """Yield the pronouns of GUM's train files outside quotation marks."""
    register_extensions()
    documents = [read_gum_document(path) for path in gum_files(corpora, "train")]
    documents = [d for d in documents if d.pronouns and d.names]
    docs = parse_texts(nlp, [d.text for d in documents], ())
    for document, doc in zip(documents, docs, strict=True):
        clusters = []
        for group, places in document.names.items():
            cluster = Cluster(places[0][2])
            for start, end, label in sorted(places):
                cluster.add(read_name(document.text, start, end, label))
            clusters.append((group, cluster))
        annotate(doc, document.text, [cluster for _, cluster in clusters])
        index = {group: i for i, (group, _) in enumerate(clusters)}
        for start, end, group in document.pronouns:
            if not doc._.newsbeam_discourse.is_quoted(start):
                yield doc, start, end, index.get(group)
