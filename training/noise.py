"""Makes treebank sentences look like the news: curly marks, headlines in title case.

Web treebanks have straight marks almost only; newspapers have curly, single and guillemet ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from training.conllu import Sentence, Token

APOSTROPHES = ("'", "’")
OPENING_TAG, CLOSING_TAG = "``", "''"
SMALL_WORDS = frozenset("a an the and or but nor of in on at to for by from with as is".split())


@dataclass(frozen=True)
class MarkStyle:
    """How one outlet prints its quotation marks and apostrophes."""

    opening: str
    closing: str
    apostrophe: str


STYLES = (
    (0.30, MarkStyle('"', '"', "'")),
    (0.42, MarkStyle("“", "”", "’")),
    (0.12, MarkStyle("‘", "’", "’")),
    (0.06, MarkStyle("'", "'", "'")),
    (0.05, MarkStyle("“", "”", "'")),
    (0.05, MarkStyle("«", "»", "’")),
)


def vary(
    sentences: Sequence[Sentence], random: Random, headlines: float = 0.04
) -> tuple[Sentence, ...]:
    """Give a run of sentences one style of marks, and turn a share of them into headlines."""
    style = random.choices([s for _, s in STYLES], [weight for weight, _ in STYLES])[0]
    varied = [restyle_marks(sentence, style) for sentence in sentences]
    for index, sentence in enumerate(varied):
        if random.random() < headlines and 3 < len(sentence.tokens) < 18:
            varied[index] = as_headline(sentence)
            if index + 1 < len(varied):
                varied[index + 1] = replace(varied[index + 1], starts_paragraph=True)
    return tuple(varied)


def restyle_marks(sentence: Sentence, style: MarkStyle) -> Sentence:
    """Print a sentence's quotation marks and apostrophes in another style."""
    return replace(sentence, tokens=tuple(_restyle(token, style) for token in sentence.tokens))


def _restyle(token: Token, style: MarkStyle) -> Token:
    if token.xpos == OPENING_TAG:
        return replace(token, form=style.opening)
    if token.xpos == CLOSING_TAG:
        return replace(token, form=style.closing)
    form = token.form
    for apostrophe in APOSTROPHES:
        if apostrophe in form and len(form) > 1:
            form = form.replace(apostrophe, style.apostrophe)
    if form in APOSTROPHES and token.xpos == "POS":
        form = style.apostrophe
    return replace(token, form=form) if form != token.form else token


def as_headline(sentence: Sentence) -> Sentence:
    """Print a sentence in title case and as a paragraph of its own, as headlines are."""
    tokens = tuple(_title(token, first=not index) for index, token in enumerate(sentence.tokens))
    if tokens[-1].form == "." and tokens[-1].dep == "punct":
        tokens = tokens[:-1]
    return replace(sentence, tokens=tokens, starts_paragraph=True)


def _title(token: Token, first: bool) -> Token:
    if token.form[:1].islower() and (first or token.form not in SMALL_WORDS):
        return replace(token, form=token.form[:1].upper() + token.form[1:])
    return token
