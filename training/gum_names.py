"""Finds the named entities among GUM's entities (every noun phrase is one there).

GUM marks whole noun phrases ("English captain Harry Kane, who…"): the name is the capitalised
run around the phrase's head, without titles.
Format: https://gucorpling.org/gum/tagging.html (the `Entity=` item of the MISC column).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.conllu import Sentence, read_sentences
from training.names import UNKNOWN, Name, NamedText, join
from training.places import place_label

ENTITY_LABELS = {"person": "PERSON", "organization": "ORG", "place": "PLACE", "event": "EVENT"}
LINKING_WORDS = frozenset(
    (
        "of",
        "the",
        "and",
        "&",
        "for",
        "de",
        "la",
        "du",
        "van",
        "von",
        "der",
        "al",
        "bin",
        "ibn",
        "del",
        "da",
        "dos",
        "di",
        "y",
        "-",
        "'",
        "’",
        "'s",
    )
)
INSIDE = frozenset(("flat", "compound", "amod", "goeswith", "nummod", "nmod:unmarked"))
MAX_WORDS = 12


@dataclass(frozen=True)
class Phrase:
    """An entity phrase of one sentence: word positions, first and last."""

    first: int
    last: int
    kind: str


def read_gum_names(path: Path) -> list[NamedText]:
    """Read one GUM document as its sentences, in order, each with its names."""
    texts = [sentence_names(sentence) for sentence in read_sentences(path)]
    pieces = [texts[i : i + 8] for i in range(0, len(texts), 8)]
    return [join(piece, " ") for piece in pieces]


def sentence_names(sentence: Sentence) -> NamedText:
    """Give a sentence's text and its named entities; outer names win over those inside them."""
    text, spans = _print(sentence)
    names: list[Name] = []
    taken: set[int] = set()
    for phrase in sorted(find_phrases(sentence), key=lambda p: p.first - p.last):
        run = name_run(sentence, phrase)
        if run is None or taken & set(run):
            continue
        words = text[spans[run[0]][0] : spans[run[-1]][1]]
        taken |= set(run)
        names.append(Name(spans[run[0]][0], spans[run[-1]][1], _label(phrase.kind, words)))
    for index, token in enumerate(sentence.tokens):
        if index not in taken and _may_be_a_name(token.upos, token.xpos, token.form):
            names.append(Name(*spans[index], UNKNOWN))
    return NamedText(text, tuple(sorted(names, key=lambda name: name.start)))


def find_phrases(sentence: Sentence) -> Iterator[Phrase]:
    """Yield the entity phrases of the kinds that names are made of."""
    open_phrases: dict[str, tuple[int, str]] = {}
    for index, token in enumerate(sentence.tokens):
        for opening, closed, closing in re.findall(
            r"\(([^()]+)(\))?|(\d+)\)", token.misc.get("Entity", "")
        ):
            if opening:
                group, kind, *_ = opening.split("-")
                if closed:
                    yield from _phrase(index, index, kind)
                else:
                    open_phrases[group] = (index, kind)
            elif closing in open_phrases:
                first, kind = open_phrases.pop(closing)
                yield from _phrase(first, index, kind)


def _phrase(first: int, last: int, kind: str) -> Iterator[Phrase]:
    if kind in ENTITY_LABELS:
        yield Phrase(first, last, kind)


def name_run(sentence: Sentence, phrase: Phrase) -> list[int] | None:
    """Give the positions of the name in a phrase, or None where its head is no proper noun."""
    tokens = sentence.tokens
    inside = range(phrase.first, phrase.last + 1)
    heads = [i for i in inside if tokens[i].head - 1 not in inside]
    if not heads or tokens[heads[0]].upos != "PROPN":
        return None
    first = last = heads[0]
    while first - 1 >= phrase.first and _extends(sentence, first - 1, heads[0]):
        first -= 1
    while last + 1 <= phrase.last and _extends(sentence, last + 1, heads[0]):
        last += 1
    while first < last and tokens[first].form.lower() in LINKING_WORDS:
        first += 1
    while (
        first < last and not tokens[last].form[:1].isupper() and not tokens[last].form[:1].isdigit()
    ):
        last -= 1
    run = list(range(first, last + 1))
    return run if len(run) <= MAX_WORDS and tokens[first].form[:1].isupper() else None


def _extends(sentence: Sentence, index: int, head: int) -> bool:
    token = sentence.tokens[index]
    if token.form.lower() in LINKING_WORDS:
        return True
    if not token.form[:1].isupper() or token.dep in (
        "nmod:desc",
        "det",
        "appos",
        "conj",
        "nmod:poss",
    ):
        return False
    return token.upos in ("PROPN", "NOUN", "ADJ", "NUM") or token.dep in INSIDE


def _label(kind: str, words: str) -> str:
    label = ENTITY_LABELS[kind]
    if label == "PLACE":
        return place_label(words) or ("GPE" if " " not in words else UNKNOWN)
    if label == "ORG" and place_label(words) == "GPE":
        return UNKNOWN  # a national team: the news corpus calls it by either class
    return label


def _may_be_a_name(upos: str, xpos: str, form: str) -> bool:
    return upos == "PROPN" or (upos == "ADJ" and form[:1].isupper() and xpos in ("NNP", "JJ"))


def _print(sentence: Sentence) -> tuple[str, list[tuple[int, int]]]:
    text, spans = "", list[tuple[int, int]]()
    for token in sentence.tokens:
        spans.append((len(text), len(text) + len(token.form)))
        text += token.form + (" " if token.space_after else "")
    return text.rstrip(), spans
