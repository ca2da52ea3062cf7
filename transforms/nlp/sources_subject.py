"""The subject of one verb: by the tree, and as the noun phrase that ends right before it."""

from __future__ import annotations

from transforms.nlp.layout import PASSIVE_SUBJECTS, SUBJECTS, Layout
from transforms.nlp.sources_phrases import (
    Source,
    is_free,
    is_nominal,
    is_time,
    phrase_from,
    phrase_to,
    subtree,
)

RELATIVE_CLAUSES = frozenset(["acl:relcl", "relcl", "acl"])
_RELATIVES = frozenset(["who", "which", "that", "whom"])
_PAIRED = frozenset([",", "–", "—", "--"])  # marks around an apposition
_PREPOSITIONS = frozenset(["in", "on", "at", "during", "by", "from", "to", "via", "under"])
MAX_CLAUSE = 120  # tokens before a verb in which its subject is looked for


def agent(layout: Layout, verb: int) -> Source | None:
    """The "by" phrase of a passive; a passive without one has an unknown source."""
    if layout.child(verb, PASSIVE_SUBJECTS) is None:
        by = layout.tag[verb] == "VBN" and layout.lower[verb + 1 : verb + 2] == ["by"]
        passive = by and _is_passive(layout, verb) and verb + 2 < layout.length
        return phrase_from(layout, verb + 2, "agent") if passive else None
    for child in layout.children[verb]:
        dep = layout.dep[child]
        if dep == "agent":
            objects = [c for c in layout.children[child] if layout.dep[c] == "pobj"]
            if objects:
                return subtree(layout, objects[0], "agent")
        if dep in ("obl", "obl:agent") and child > verb:
            case = [c for c in layout.children[child] if layout.dep[c] == "case"]
            if case and layout.lower[case[0]] == "by":
                return subtree(layout, child, "agent")
    return None


def _is_passive(layout: Layout, verb: int) -> bool:
    before = layout.lower[max(0, verb - 3) : verb]
    opens = verb == layout.sentence_start[verb]  # Asked by Orr whether …
    return opens or any(word in ("was", "were", "been", "is", "are", "being") for word in before)


def is_told(layout: Layout, verb: int) -> bool:
    """Whether a passive makes its subject the hearer: "was asked", not "is said to have added"."""
    raising = layout.lower[verb + 1 : verb + 2] == ["to"]
    return layout.tag[verb] == "VBN" and _is_passive(layout, verb) and not raising


def subject_of(layout: Layout, verb: int, quoted: frozenset[int]) -> Source | None:
    """The subject in the tree, the nearest if there are several; behind "who", what that means."""
    subjects = [
        child
        for child in layout.children[verb]
        if layout.dep[child] in SUBJECTS
        and child not in quoted
        and is_free(layout, child)
        and not is_time(layout, child)
    ]
    if not subjects or any(layout.dep[child] in PASSIVE_SUBJECTS for child in subjects):
        return None
    child = min(subjects, key=lambda index: abs(verb - index))
    if layout.lower[child] in _RELATIVES and layout.dep[verb] in RELATIVE_CLAUSES:
        antecedent = layout.head[verb]
        meant = subtree(layout, antecedent, "relative")
        if antecedent < child and meant.first < child:
            meaning = (meant.first, min(meant.stop, child))
            return Source(child, child + 1, child, "relative", meaning)
    if is_nominal(layout, child) or layout.tag[child] in ("DT", "JJ", "WP"):
        return subtree(layout, child, "subject")
    return None


def left_phrase(layout: Layout, verb: int) -> Source | None:
    """`Orr said`: the noun phrase that ends right before the verb and its auxiliaries."""
    if is_told(layout, verb):
        return None
    start = clause_start(layout, verb)
    last = _before_adverbs(layout, verb, start)
    if last >= start and layout.lower[last] == ")":
        last = _before_bracket(layout, last, start)
    if last < start or not is_free(layout, last):
        return None
    if layout.lower[last] in _PAIRED:
        return _before_apposition(layout, last, start)
    phrase = phrase_to(layout, last, start, "left")
    return phrase and (_before_preposition(layout, phrase, start) or phrase)


def _before_adverbs(layout: Layout, verb: int, start: int) -> int:
    """The token before a verb and what may stand before it: "also", "on Friday", "has"."""
    last = verb - 1
    while last >= start and is_free(layout, last):
        on_day = layout.lower[last] == "on" and is_time(layout, last + 1)
        if not (on_day or is_time(layout, last) or _may_stand_between(layout, last)):
            break
        last -= 1
    return last


def _before_preposition(layout: Layout, phrase: Source, start: int) -> Source | None:
    """`Orr in a statement credited`: what stands before a phrase that is no subject."""
    last = phrase.first - 2
    if last < start or layout.lower[last + 1] not in _PREPOSITIONS:
        return None
    if layout.lower[last] == ",":
        last -= 1
    if last < start or not is_free(layout, last):
        return None
    return phrase_to(layout, last, start, "left")


def clause_start(layout: Layout, verb: int) -> int:
    """The sentence's start, or the end of the last quotation before the verb, if that is later."""
    position = verb
    start = max(layout.sentence_start[verb], verb - MAX_CLAUSE)
    while position > start and is_free(layout, position - 1) and not layout.space[position - 1]:
        position -= 1
    return position


def _before_bracket(layout: Layout, closing: int, start: int) -> int:
    for position in range(closing - 1, max(start, closing - 10), -1):
        if layout.lower[position] == "(":
            return position - 1
    return closing


def _may_stand_between(layout: Layout, index: int) -> bool:
    return layout.tag[index] in ("RB", "MD", "VBZ", "VBD", "VBP") and layout.lower[index] in (
        "has", "had", "have", "also", "later", "then", "once", "now", "still", "just", "even",
        "will", "was", "is", "previously", "recently", "earlier", "finally", "again", "further",
    )  # fmt: skip


def _before_apposition(layout: Layout, comma: int, start: int) -> Source | None:
    """`Orr, the minister since 2016, said`: go back over what stands between the commas."""
    mark = layout.lower[comma]
    position = comma - 1
    while position > start and layout.lower[position] != mark and is_free(layout, position):
        position -= 1
    if position <= start or layout.lower[position] != mark:
        return None
    if layout.lower[position + 1] in ("and", "but", "so", "or"):
        return None
    phrase = phrase_to(layout, position - 1, start, "left_apposition")
    if phrase is None or not is_free(layout, phrase.head):
        return None
    return Source(phrase.first, comma, phrase.head, phrase.method)
