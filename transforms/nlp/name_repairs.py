"""What certain words are, whatever the recognizer says: units, feasts, offices, regions, states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from transforms.nlp.knowledge import read_table
from transforms.nlp.name_signs import places
from transforms.nlp.name_spans import NameSpan, holds_organization_word, name_trims, trim
from transforms.nlp.names import company_endings, find_title, fold

NO_NAMES = frozenset(("none", "letters"))  # kinds of fixed names
_OFFICE_OF = re.compile(r"(?:[^\W\d_]+[- ]){0,3}?([^\W\d_a-z][\w-]+) (?:of|for) (?:the )?(?=\w)")
_STATE_OF = re.compile(r"(?:[^\W\d_a-z][\w’'-]* ){0,3}([^\W\d_a-z]\w+) of (?:the )?([^\W\d_].*)")
_TRAILING = re.compile(r" (?:and|of|for|in|at|on|by|to|with|the|de|&)$")
_LEGAL = re.compile(r",? ((?:Sdn |Pte |Pvt )?([^\W\d_][\w./&]{1,6}))(?![\w-])")
_PARTY_OF = re.compile(r"[DRI][-‑–](?=[^\W\d_a-z])")  # "R-Roswell": a member's party
_STOP = re.compile(r"([^\W\d_][^\W\d_A-Z]{2,})\. (?=[^\W\d_a-z])")


@cache
def fixed_names() -> dict[str, str]:
    """Read what certain words are: the words as printed → none, letters, place, office or state."""
    rows = read_table("fixed_names.tsv")
    return {name: kind for kind, names in rows for name in names.split("|")}


def mend(text: str, span: NameSpan) -> Iterator[NameSpan]:
    """Give what is left of a name: all, a part, or nothing where its words are none."""
    if span.label == "ORG" and (stop := _sentence_end(text, span)) is not None:
        span = NameSpan(span.start, stop, span.label)
    if tail := _TRAILING.search(text, max(span.start, span.end - 6), span.end):
        rest = trim(text, span.start, tail.start())
        if rest is None:
            return
        span = NameSpan(*rest, span.label)
    span = _without_letters(text, _with_legal_form(text, span))
    name = text[span.start : span.end]
    kind = fixed_names().get(name)
    if kind in NO_NAMES:
        return
    if (kind == "place" and span.label not in ("GPE", "LOC")) or is_state(name):
        yield NameSpan(span.start, span.end, "GPE")
    else:
        yield from _without_office(text, span)


def is_state(name: str) -> bool:
    """Tell the full name of a state: "Islamic Republic of Iran"."""
    found = _STATE_OF.fullmatch(name)
    if found is None or fixed_names().get(found[1]) != "state":
        return False
    return places().get(fold(found[2])) in ("a", "s")


def is_fixed_place(name: str) -> bool:
    """Tell the names that are places by themselves: "Sahel", "UAE"."""
    return fixed_names().get(name) == "place" or is_state(name)


def _without_office(text: str, span: NameSpan) -> Iterator[NameSpan]:
    """Cut an office off an organization: "Commander of the | Royal Air Force"."""
    found = _OFFICE_OF.match(text, span.start, span.end) if span.label == "ORG" else None
    if found is None or fixed_names().get(found[1].lower()) != "office":
        yield span
        return
    rest = trim(text, found.end(), span.end)
    if rest is not None and holds_organization_word(text[rest[0] : rest[1]]):
        yield NameSpan(*rest, "ORG")


def _with_legal_form(text: str, span: NameSpan) -> NameSpan:
    """Widen a name to the legal form behind it, which makes it a firm: "Corvo | S.p.A."."""
    found = _LEGAL.match(text, span.end, span.end + 16)
    if found is None or span.label not in ("ORG", "PERSON", "GPE", "LOC"):
        return span
    form = found[2]
    word = fold(form).replace(".", "").replace("/", "")
    if (form[0].isupper() or word == "plc") and word in company_endings():
        trimmed = trim(text, span.start, found.end(1))
        if trimmed is not None:
            return NameSpan(*trimmed, "ORG")
    return span


def _without_letters(text: str, span: NameSpan) -> NameSpan:
    """Cut letters of office and party off a place: "Punjab | CM", "R- | Roswell"."""
    if span.label in ("ORG", "PERSON", "GPE") and _PARTY_OF.match(text, span.start, span.end):
        return NameSpan(span.start + 2, span.end, "GPE")
    head, blank, last = text[span.start : span.end].rpartition(" ")
    if not blank or fixed_names().get(last) != "letters" or span.label not in ("ORG", "GPE"):
        return span
    label = "ORG" if head.isupper() or holds_organization_word(head) else "GPE"
    return NameSpan(span.start, span.start + len(head), label)


def _sentence_end(text: str, span: NameSpan) -> int | None:
    """Find the full stop that a name runs over: "School of Law| . Tso"."""
    for found in _STOP.finditer(text, span.start, span.end):
        word = re.split(r"\W", text[span.start : found.end(1)])[-1]
        if fold(word) not in name_trims("dotted") and find_title([word]) is None:
            return found.end(1)
    return None
