"""Coarse looks at characters, tags and gaps, for the features of attribution."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.nlp.layout import Layout


def char_class(char: str) -> str:
    """Name the kind of a character: w for letters and digits, itself for , . : ;"""
    if not char:
        return "^"
    if char.isalnum():
        return "w"
    if char in ",.:;":
        return char
    if char in "?!…":
        return "?"
    if char in "-–—―":
        return "-"
    return "o"


def coarse(tag: str) -> str:
    """Draw the tags of verbs, of names and of nouns together."""
    if tag.startswith("V") or tag == "MD":
        return "V"
    if tag.startswith("N"):
        return "NNP" if tag.startswith("NNP") else "N"
    return tag


def pattern(layout: Layout, gap: Sequence[int]) -> str:
    """Coarse tags of what stands between a span and its cue, noun phrases drawn together."""
    names: list[str] = []
    for index in gap[:14]:
        tag = layout.tag[index]
        if tag in ("DT", "JJ", "NN", "NNS", "NNP", "NNPS", "PRP$", "CD", "POS", "HYPH", "PRP"):
            name = "P" if tag == "PRP" else "N"
        elif tag in ("RB", "MD", "TO"):
            name = "R"
        elif tag.startswith("V"):
            name = "V"
        elif tag in ("IN", "WDT", "WP"):
            name = layout.lower[index] if layout.lower[index] in ("that", "as") else "I"
        else:
            name = layout.lower[index][:1]
        if not names or names[-1] != name:
            names.append(name)
    return " ".join(names[:6]) + ("+" if len(names) > 6 else "")
