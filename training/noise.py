"""Makes treebank sentences look like the news: curly marks, headlines in title case.

Web treebanks have straight marks almost only; newspapers have curly, single and guillemet ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from training.conllu import Sentence, Token
from training.speaker_phrases import Speakers
from training.speech import mark_fragment, may_be_quoted, quote

APOSTROPHES = ("'", "’")
OPENING_TAG, CLOSING_TAG = "``", "''"
SMALL_WORDS = frozenset(
    (
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "nor",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "by",
        "from",
        "with",
        "as",
        "is",
    )
)


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


@dataclass(frozen=True)
class Shares:
    """Which share of the sentences is changed how."""

    headlines: float = 0.04
    quotations: float = 0.25
    fragments: float = 0.08


def vary(
    sentences: Sequence[Sentence],
    speakers: Speakers,
    random: Random,
    shares: Shares = Shares(),
) -> tuple[Sentence, ...]:
    """Give a run of sentences one style of marks; make quotations and headlines of some."""
    style = random.choices([s for _, s in STYLES], [weight for weight, _ in STYLES])[0]
    bare_titles = random.random() < 0.5
    varied: list[Sentence] = []
    for sentence in sentences:
        if random.random() < shares.quotations and may_be_quoted(sentence):
            sentence = quote(sentence, speakers, random)
        elif random.random() < shares.fragments and not _has_marks(sentence):
            sentence = mark_fragment(sentence, random)
        if bare_titles:
            sentence = drop_title_stops(sentence)
        varied.append(restyle_marks(sentence, style))
    for index, sentence in enumerate(varied):
        if random.random() < shares.headlines and 3 < len(sentence.tokens) < 18:
            varied[index] = as_headline(sentence)
            if index + 1 < len(varied):
                varied[index + 1] = replace(varied[index + 1], starts_paragraph=True)
    return tuple(varied)


def _has_marks(sentence: Sentence) -> bool:
    return any(token.xpos in (OPENING_TAG, CLOSING_TAG) for token in sentence.tokens)


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


def drop_title_stops(sentence: Sentence) -> Sentence:
    """Print Mr. and Dr. without the full stop, as British papers do."""
    tokens = (
        replace(t, form=t.form[:-1]) if t.form in ("Mr.", "Mrs.", "Ms.", "Dr.", "St.") else t
        for t in sentence.tokens
    )
    return replace(sentence, tokens=tuple(tokens))


def as_headline(sentence: Sentence) -> Sentence:
    """Print a sentence in title case and as a paragraph of its own, as headlines are."""
    tokens = sentence.tokens
    starts_word = [True, *(token.space_after for token in tokens)]
    titled = tuple(
        _title(token, first=not index) if starts else token
        for index, (token, starts) in enumerate(zip(tokens, starts_word, strict=False))
    )
    if tokens[-1].form == "." and tokens[-1].dep == "punct":
        titled = titled[:-1]
    return replace(sentence, tokens=titled, starts_paragraph=True)


def _title(token: Token, first: bool) -> Token:
    if token.form[:1].islower() and (first or token.form not in SMALL_WORDS):
        return replace(token, form=token.form[:1].upper() + token.form[1:])
    return token
