"""Say a sentence in other words, roughly as a sub-editor would: for made-up copies only."""

import random
import re

# What may stand for what; a sub-editor's everyday swaps.
SWAPS = {
    "said": ("told reporters", "added", "stated"),
    "says": ("adds", "states"),
    "people": ("persons", "residents"),
    "but": ("however,", "yet"),
    "because": ("since", "as"),
    "about": ("roughly", "around"),
    "more than": ("over", "upwards of"),
    "after": ("following",),
    "before": ("ahead of",),
    "will": ("is set to", "is due to"),
    "would": ("was set to",),
    "which": ("that",),
    "also": ("in addition",),
    "new": ("fresh",),
    "big": ("large",),
    "began": ("started",),
    "last year": ("a year ago",),
    "on Tuesday": ("this week",),
    "on Monday": ("this week",),
    "on Wednesday": ("this week",),
    "on Thursday": ("this week",),
    "on Friday": ("this week",),
    "many": ("a lot of",),
    "between": ("from",),
    "the": ("that", "the said"),
    "a": ("one",),
    "has": ("has now",),
    "was": ("had been",),
    "were": ("had been",),
}
OPENERS = ("Meanwhile, ", "Earlier, ", "In a development, ", "As it turned out, ", "")
DROPPED = re.compile(r",[^,]{5,60}(?=,)")


def paraphrase(sentence: str, chance: random.Random) -> str:
    """Return the sentence with words swapped, an aside dropped, halves turned or joined anew."""
    words = sentence
    for old, new in SWAPS.items():
        if chance.random() < 0.75:
            words = re.sub(rf"\b{old}\b", chance.choice(new), words)
    if chance.random() < 0.4:
        words = DROPPED.sub("", words, count=1)
    if chance.random() < 0.4 and ", " in words:
        first, _, rest = words.partition(", ")
        words = f"{rest.rstrip('.')}, {first}."
    return chance.choice(OPENERS) + words
