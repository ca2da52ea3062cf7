"""Noun phrases in tokens: by the tree where it holds, by tags where it does not."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.nlp.knowledge import word_groups
from transforms.nlp.layout import OUTSIDE, Layout

NOMINAL_TAGS = frozenset(["NN", "NNS", "NNP", "NNPS", "PRP", "CD", "FW"])
PHRASE_TAGS = NOMINAL_TAGS | frozenset(
    ["DT", "JJ", "JJR", "JJS", "PRP$", "POS", "HYPH", "PDT", "$", "AFX", "NFP"]
)
_CUT = frozenset(["acl:relcl", "relcl"])
_DASHES = frozenset(["–", "—", "-", "―", ":"])
_NOT_LAST = frozenset([",", "and", "–", "—", "-", ":", ";"])
_NOT_FIRST = frozenset([",", "and", "but", ";", ":", "that", "—", "–"])
_TIME = word_groups("cue_words.tsv")["time"]
_BEFORE_TIME = frozenset(["on", "later", "late", "early", "earlier"])
MAX_PHRASE = 40  # tokens
MAX_DATELINE = 16  # tokens


@dataclass(frozen=True)
class Source:
    """The words that say whose saying it is: tokens from `first` to before `stop`."""

    first: int
    stop: int
    head: int  # the token that stands for the phrase
    method: str  # the rule that found it
    meaning: tuple[int, int] | None = None  # tokens of what a "who" stands for


def is_nominal(layout: Layout, index: int) -> bool:
    """Whether a token may end a noun phrase: by its tag, or a capital in mid-sentence."""
    if layout.tag[index] in NOMINAL_TAGS:
        return True
    return layout.word(index)[:1].isupper() and index > layout.sentence_start[index]


def is_free(layout: Layout, index: int) -> bool:
    """Whether a token stands outside of quotation marks."""
    return layout.inside[index] == OUTSIDE


def is_time(layout: Layout, index: int) -> bool:
    """Whether a token is a day, or a part of one: "said Sunday"."""
    return layout.lower[index] in _TIME and layout.tag[index] != "POS"


def phrase_to(layout: Layout, last: int, start: int, method: str) -> Source | None:
    """The noun phrase that ends at a token, "of" and "for" phrases included."""
    good = layout.tag[last] in PHRASE_TAGS and layout.tag[last] not in ("POS", "PRP$", "DT")
    if not good and not (is_nominal(layout, last) and layout.tag[last] != "DT"):
        return None
    first = head = last
    while first - 1 >= start:
        if in_phrase(layout, first - 1):
            first -= 1
        elif (
            layout.lower[first - 1] in ("of", "for", "at", "from", "with")
            and first - 2 >= start
            and layout.tag[first - 2] in NOMINAL_TAGS
            and is_free(layout, first - 2)
        ):
            first = head = first - 2
        else:
            break
    return Source(first, last + 1, head, method)


def in_phrase(layout: Layout, index: int) -> bool:
    """Whether a token may stand within a noun phrase."""
    return is_free(layout, index) and (
        layout.tag[index] in PHRASE_TAGS or is_nominal(layout, index)
    )


def subtree(layout: Layout, head: int, method: str) -> Source:
    """The noun phrase of a head: its subtree, cut at relative clauses, datelines and marks."""
    first, stop = _subtree_edges(layout, head)
    first = _free_run(layout, head, first, -1)
    stop = _free_run(layout, head, stop - 1, 1) + 1
    stop = _name_run(layout, stop - 1, 1) + 1
    first = _name_run(layout, first, -1)
    dash = _dateline_end(layout, first, stop)
    if dash is not None and first <= dash < stop - 1:
        first = dash + 1
        head = head if head > dash else _first_noun(layout, first, stop)
    while stop - 1 > head and _is_loose(layout, stop - 1):
        stop -= 1
    while first < head and layout.lower[first] in _NOT_FIRST:
        first += 1
    return Source(first, stop, head, method)


def _is_loose(layout: Layout, index: int) -> bool:
    """Whether a token at a phrase's end is no part of it: a mark, "on Friday", "later Friday"."""
    if layout.lower[index] in _NOT_LAST or is_time(layout, index):
        return True
    following = index + 1 < layout.length and is_time(layout, index + 1)
    return layout.lower[index] in _BEFORE_TIME and following


def _dateline_end(layout: Layout, first: int, stop: int) -> int | None:
    """The dash behind a dateline at the paragraph's start: LEITH (Agency) – The mayor …"""
    start, _ = layout.paragraph_tokens(layout.paragraph[first])
    for index in range(start + 1, min(start + MAX_DATELINE, stop)):
        if layout.lower[index] in _DASHES and layout.space_before(index):
            return index
    return None


def _first_noun(layout: Layout, first: int, stop: int) -> int:
    return next((i for i in range(first, stop) if layout.tag[i] in NOMINAL_TAGS), first)


def _subtree_edges(layout: Layout, head: int) -> tuple[int, int]:
    first, last = layout.edges(head)
    first, stop = max(first, head - MAX_PHRASE), min(last + 1, head + MAX_PHRASE)
    for child in layout.children[head]:
        left, right = layout.edges(child)
        dep = layout.dep[child]
        if child < head and dep in ("case", "punct", "cc", "mark") and left <= first:
            first = right + 1
        if child > head and (dep in _CUT or dep in ("parataxis", "ccomp", "advcl")):
            stop = min(stop, left)
    return first, stop


def _free_run(layout: Layout, head: int, limit: int, step: int) -> int:
    """Go from a head as far as the limit, not over marks and line breaks."""
    position = head
    while position != limit:
        following = position + step
        if not is_free(layout, following) or layout.space[following]:
            break
        position = following
    return position


def _name_run(layout: Layout, position: int, step: int) -> int:
    """Go on over proper nouns: a name whose parts the tree has torn apart."""
    while 0 <= position + step < layout.length and layout.tag[position].startswith("NNP"):
        if layout.tag[position + step] != "NNP" or not is_free(layout, position + step):
            break
        position += step
    return position


def phrase_from(layout: Layout, first: int, method: str) -> Source | None:
    """The noun phrase that begins at a token: the largest subtree that begins there."""
    if not is_free(layout, first) or layout.space[first]:
        return None
    stop_at = layout.sentence_end[first]
    head = first
    while head + 1 < stop_at and in_phrase(layout, head + 1) and in_phrase(layout, head):
        head += 1
    if not is_nominal(layout, head) and layout.tag[head] not in ("DT", "JJ"):
        return None
    best = head
    for index in range(first, head + 1):
        left, _ = layout.edges(index)
        if (
            left >= first - 2
            and layout.tag[index] in NOMINAL_TAGS
            and layout.head[index] not in (range(first, head + 1))
        ):
            best = index
            break
    phrase = subtree(layout, best, method)
    return Source(first, max(phrase.stop, head + 1) if best <= head else head + 1, best, method)
