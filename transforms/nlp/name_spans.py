"""Where a name begins and ends: repairing the spans that the recognizer gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from transforms.nlp.knowledge import read_table
from transforms.nlp.lines import LINE_BREAKS
from transforms.nlp.names import (
    fold,
    given_names,
    leading_titles,
    organization_nouns,
    particles,
)
from transforms.nlp.role_nouns import find_noun

_OPENING = " \t\u00a0\"'“”„‘’«»‹›([{<–—-.,;:!?*•|/\\…_#@&" + LINE_BREAKS
_CLOSING = " \t\u00a0\"'“”„‘’«»‹›([{<>)]}–—-,;:!?*•|/\\…_#@&" + LINE_BREAKS
_HYPHENS = "-‐‑–"
_POSSESSIVE = re.compile(r"(?:['’]s|(?<=s)['’])$", re.IGNORECASE)
_BREAK = re.compile(f"[{LINE_BREAKS}]+")
_DOTTED = re.compile(r"(?:^|[\s.])(?:[^\W\d_]\.)*[^\W\d_]$")
_TAIL_WORD = re.compile(r"([^\s.]+(?:\.[^\s.]+)*)$")
_WORD_END = re.compile(r"[\w'’!]*")
_QUESTION = re.compile(r" [a-z][^.!?\n]{0,200}\?")
_WITH_THE = frozenset(("Hague",))  # places whose name has an article
MAX_NAME = 120  # characters: nothing longer is a name


@dataclass(frozen=True, order=True)
class NameSpan:
    """A name's place in the text, with its label of spaCy's English set."""

    start: int
    end: int
    label: str


@cache
def name_trims(place: str) -> frozenset[str]:
    """Read the words that are cut off a name at one place."""
    return frozenset(
        word
        for where, words in read_table("name_trims.tsv")
        if where == place
        for word in words.split()
    )


def repair_span(text: str, start: int, end: int, label: str) -> Iterator[NameSpan]:
    """Give the name (or names) that stand in a span of the recognizer, with sound ends."""
    for piece_start, piece_end in _pieces(text, start, end, label):
        cut = _behind_role(text, piece_start, piece_end, label)
        if cut is not None:
            piece_start, label = cut, "PERSON"
        piece_start, piece_end = complete_word(text, piece_start, piece_end, label)
        if label == "PERSON":
            piece_start, piece_end = _trim_person(text, piece_start, piece_end)
        span = trim(text, piece_start, piece_end)
        if span is not None:
            yield NameSpan(*span, label)


def _behind_role(text: str, start: int, end: int, label: str) -> int | None:
    """Find where a person begins behind a role: "NEB Chairperson | Mahashram Neupane"."""
    if label not in ("PERSON", "ORG"):
        return None
    words = list(re.finditer(r"\S+", text[start:end]))
    opens_with_given = bool(words) and fold(words[0][0]) in given_names()
    for i in range(len(words) - 2, -1, -1):
        word = words[i][0]
        if i > 0 and opens_with_given and label == "PERSON":
            continue  # "Hassan Sheikh Mohamud"
        noun = find_noun(word.lower())
        if not word[0].isupper() or noun is None or "person" not in noun.kinds:
            continue
        rest = [w[0] for w in words[i + 1 :]]
        if len(rest) < 2 and (label == "ORG" or i == 0):
            continue
        if not rest[0][0].isupper() or holds_organization_word("x " + " ".join(rest)):
            return None
        is_person = fold(rest[0]) in given_names()
        if is_person or (label == "PERSON" and i > 0):
            return start + words[i + 1].start()
        return None
    return None


def trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Cut articles, marks, possessives and stray punctuation; None where no name is left."""
    before = None
    while before != (start, end):
        before = (start, end)
        while start < end and (text[start] in _OPENING or text[start].isspace()):
            start += 1
        while end > start and (text[end - 1] in _CLOSING or text[end - 1].isspace()):
            end -= 1
        if possessive := _POSSESSIVE.search(text, max(start, end - 3), end):
            end = possessive.start()
        first, _, rest = text[start:end].partition(" ")
        if rest and first.lower() in name_trims("article") and rest not in _WITH_THE:
            start += len(first) + 1
        if end > start and text[end - 1] == "." and not _keeps_stop(text, start, end - 1):
            end -= 1
    if text[end : end + 1] == "." and end > start and _keeps_stop(text, start, end):
        end += 1
    if end - start > MAX_NAME or not any(c.isalnum() for c in text[start:end]):
        return None
    return start, end


def _keeps_stop(text: str, start: int, end: int) -> bool:
    tail = text[max(start, end - 12) : end]
    if re.search(r"(?:^|[\s.])[^\W\d_]\. ?[^\W\d_]$", tail):  # U.S, S.A
        return True
    word = _TAIL_WORD.search(tail)
    return word is not None and fold(word[1]) in name_trims("dotted")


def _pieces(text: str, start: int, end: int, label: str) -> Iterator[tuple[int, int]]:
    """Split a span at line breaks, and a person's at "of" and commas."""
    at = start
    for found in _BREAK.finditer(text, start, end):
        yield at, found.start()
        at = found.end()
    if label == "PERSON":
        cut = re.compile(r",| of | \(").search(text, at, end)
        if cut is not None and cut.start() > at:
            end = cut.start()
    if end > at:
        yield at, end


def complete_word(text: str, start: int, end: int, label: str) -> tuple[int, int]:
    """Widen a span that ends within a word ("Tu Kuo-" of "Tu Kuo-hsiung").

    Capital words on both sides of a hyphen may be two names ("Dhaka-Tashkent"); only people's
    are taken for one ("Abbott-Reyes"), where the recognizer ends at the hyphen.
    """
    if not start < end < len(text):
        return start, end
    if text[end - 1] in "-‐‑" and (text[end].islower() or label == "PERSON"):
        end = _hyphenated_end(text, end)
    elif text[end] in "-‐‑" and label == "PERSON" and _goes_on(text, start, end):
        end = _hyphenated_end(text, end + 1)
    return start, end


def _goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether a single word goes on behind a hyphen with a capital."""
    return text[end + 1 : end + 2].isupper() and " " not in text[start:end]


def _hyphenated_end(text: str, at: int) -> int:
    """Find the end of a hyphenated word whose next part starts at `at`, without "-based"."""
    part = _WORD_END.match(text, at)
    end = part.end() if part else at
    if text[at].islower() and fold(text[at:end]) in name_trims("compound"):
        return at - 1
    while text[end : end + 1] in tuple("-‐‑") and text[end + 1 : end + 2].isalpha():
        part = _WORD_END.match(text, end + 1)
        if part is None or (text[end + 1].islower() and part[0] in name_trims("compound")):
            break
        end = part.end()
    return end


def _trim_person(text: str, start: int, end: int) -> tuple[int, int]:
    """Cut titles and lower-case words before a person's name, and letters behind it."""
    at = start
    while True:
        first, _, rest = text[at:end].partition(" ")
        if not rest or not first or not first[0].islower() or fold(first) in particles():
            break
        if _is_prefixed(first):
            break
        at += len(first) + 1
    start = at + leading_titles(text[at:end])
    start += asking_length(text, start, end)
    start += _day_length(text[start:end])
    while True:
        head, _, last = text[start:end].rpartition(" ")
        if not head or last.strip(".,").lower() not in name_trims("after") or not last.isupper():
            return start, end
        end = start + len(head.rstrip(" ,"))


def _day_length(name: str) -> int:
    """Length of the day of the week before a name: "on | Tuesday Amina Orr"."""
    first, blank, rest = name.partition(" ")
    is_day = first.lower().endswith("day") and first.lower() in name_trims("calendar")
    return len(first + blank) if is_day and " " in rest else 0


def asking_length(text: str, start: int, end: int) -> int:
    """Length of a "Will" or "May" that asks something of who is named behind it."""
    first, blank, rest = text[start:end].partition(" ")
    opens = start == 0 or text[start - 2 : start].strip(" \"“‘'")[-1:] in ("", ".", "!", "?", "\n")
    if not rest or first.lower() not in name_trims("asking") or not opens:
        return 0
    return len(first + blank) if _QUESTION.match(text, end) else 0


def _is_prefixed(word: str) -> bool:
    """Tell names such as "al-Masri", "d'Arcy" and "!Naruseb" from common words."""
    return any(c.isupper() for c in word)


def holds_organization_word(name: str) -> bool:
    """Tell whether a name of several words holds a word that organizations bear."""
    words = [fold(w).strip(".,'") for w in name.split()]
    if len(words) < 2:
        return False
    nouns = organization_nouns()
    return any(
        w in nouns and (nouns[w][0] == "any" or i == len(words) - 1) for i, w in enumerate(words)
    )
