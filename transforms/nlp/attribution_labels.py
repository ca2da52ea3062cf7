"""Speakers without a word of saying: `Orr: “…”` and `“…” – Orr`."""

from __future__ import annotations

from transforms.nlp.layout import FINITE, OUTSIDE, Layout
from transforms.nlp.sources import Source

MAX_LABEL = 15  # tokens of Orr, the minister: “…”
MAX_SIGNATURE = 14  # tokens of “…” – Orr, the minister
_LABEL_ENDS = frozenset(["on", "to", "via", "in", "at", "by"])  # Orr on X: “…”


def behind_dash(layout: Layout, dash: int) -> Source | None:
    """`“…” – Orr, the minister`: what stands between the dash and the paragraph's end."""
    stop = dash + 1
    paragraph = layout.paragraph[dash]
    while stop < layout.length and layout.paragraph[stop] == paragraph:
        if layout.space[stop] and layout.lower[stop] != " ":
            break
        stop += 1
    if not 1 < stop - dash <= MAX_SIGNATURE or layout.inside[dash + 1] != OUTSIDE:
        return None
    if any(layout.tag[i] in FINITE for i in range(dash + 1, stop)):
        return None
    first = dash + 1
    while first < stop and not layout.lower[first][:1].isalnum():
        first += 1
    while stop > first and not layout.lower[stop - 1][:1].isalnum():
        stop -= 1
    return Source(first, stop, first, "dash") if first < stop else None


def before_colon(layout: Layout, colon: int) -> Source | None:
    """`Orr: “…”`: the noun phrase that the sentence before the colon consists of."""
    start = colon
    while start > 0 and layout.inside[start - 1] == OUTSIDE and not layout.space[start - 1]:
        if layout.lower[start - 1] in (".", "!", "?", ";", "|"):
            break
        start -= 1
    words = [i for i in range(start, colon) if layout.lower[i][:1].isalnum()]
    if [layout.word(i) for i in words] in (["A"], ["Q"]):
        return None
    stop = next((i for i in range(start + 1, colon) if layout.lower[i] in _LABEL_ENDS), colon)
    named = all(layout.word(i)[:1].isupper() for i in words)
    if not words or colon - start > MAX_LABEL:
        return None
    if not named and any(layout.tag[i] in FINITE for i in words):
        return None
    heads = words if named else [i for i in words if layout.tag[i].startswith(("NN", "PRP"))]
    heads = [i for i in heads if i < stop] or heads[:1]
    while start < stop and not layout.lower[start][:1].isalpha():
        start += 1
    return Source(start, stop, heads[0], "colon") if heads and start < stop else None
