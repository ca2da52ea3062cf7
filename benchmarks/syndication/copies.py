"""Pairs of articles for judging: copies as outlets make them of agency texts, and other articles.

A copy gets a new headline, may lose paragraphs (mostly from its end), gets some sentences
paraphrased, another dateline or credit, and quotation marks of the house.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.syndication.paraphrase import paraphrase

_SENTENCE = re.compile(r"(?<=[.!?”\"])\s+(?=[A-Z“\"])")
HEADLINES = (
    "What to know about {}",
    "{}: the latest",
    "Officials weigh in on {}",
    "Update on {}",
)
DATELINES = ("LONDON (Reuters) - ", "WASHINGTON (AP) — ", "PARIS (AFP) — ", "")
TAILS = (
    "Follow our live coverage and sign up for the newsletter.",
    "© 2026 The Associated Press. All rights reserved.",
    "Additional reporting by staff writers.",
    "",
)


@dataclass(frozen=True)
class Changes:
    """How strongly a copy differs."""

    name: str
    keep: float  # share of the paragraphs that stays, from the top
    paraphrased: float  # share of the sentences


LEVELS = (
    Changes("re-headed", 1.0, 0.0),
    Changes("some sentences paraphrased", 1.0, 0.2),
    Changes("cut to two thirds", 0.67, 0.0),
    Changes("cut to a third", 0.34, 0.0),
    Changes("cut to half, some sentences paraphrased", 0.5, 0.2),
    Changes("two sentences in five paraphrased", 1.0, 0.4),
    Changes("cut to half, two in five paraphrased", 0.5, 0.4),
    Changes("three sentences in five paraphrased", 1.0, 0.6),
)


def copy_of(paragraphs: Sequence[str], changes: Changes, chance: random.Random) -> list[str]:
    """Return a headline and paragraphs as another outlet prints them."""
    body = list(paragraphs[1:])
    kept = body[: max(2, round(len(body) * changes.keep))]
    kept = [_edited(paragraph, changes.paraphrased, chance) for paragraph in kept]
    subject = " ".join(paragraphs[0].split()[:3])
    kept[0] = chance.choice(DATELINES) + kept[0]
    tail = chance.choice(TAILS)
    return [chance.choice(HEADLINES).format(subject), *kept, *([tail] if tail else [])]


def _edited(paragraph: str, share: float, chance: random.Random) -> str:
    sentences = _SENTENCE.split(paragraph)
    return _house_marks(
        " ".join(paraphrase(s, chance) if chance.random() < share else s for s in sentences)
    )


def _house_marks(text: str) -> str:
    return text.replace("“", '"').replace("”", '"').replace("’", "'")
