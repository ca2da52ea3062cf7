"""Finding the names of a document: the recognizer's spans, repaired and made consistent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from spacy.tokens import Doc

from transforms.nlp.lines import LINE_BREAKS
from transforms.nlp.name_guesses import guess_names, without_doubtful
from transforms.nlp.name_joins import (
    dateline_places,
    join_pieces,
    speaker_labels,
    titled_people,
    widen,
)
from transforms.nlp.name_repairs import mend
from transforms.nlp.name_spans import NameSpan, name_trims, repair_span
from transforms.nlp.name_types import settle_labels
from transforms.nlp.names import find_title, fold, given_names

NAME_LABELS = frozenset(
    ("PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "PRODUCT", "WORK_OF_ART", "LAW")
)
_SENTENCE_ENDS = frozenset('.!?:;"“”‘«»•*–—' + LINE_BREAKS)
_WORD = re.compile(r"[^\W_]+(?:[-‐‑'’.&/][^\W_]+)*")


class Word(NamedTuple):
    """A word of the text."""

    start: int
    end: int
    text: str
    opens_sentence: bool = False

    @property
    def is_capital(self) -> bool:
        """Whether it starts with a capital letter, or holds one after a prefix ("al-Masri")."""
        return self.text[0].isupper() or (not self.text.islower() and self.text[0].isalpha())


def text_words(text: str) -> list[Word]:
    """Split a text into words; hyphens and apostrophes inside belong to them, 's does not."""
    words: list[Word] = []
    last = -1
    for start, end in map(re.Match.span, _WORD.finditer(text)):
        if text[end - 1] in "sS" and text[end - 2] in "'’" and end - start > 2:
            end -= 2
        before = text[last:start] if last >= 0 else "."
        opens = before != " " and not _SENTENCE_ENDS.isdisjoint(before)
        words.append(Word(start, end, text[start:end], opens))
        last = end
    return words


def recognized_names(doc: Doc, text: str) -> list[NameSpan]:
    """Give the recognizer's names with repaired ends, in order, none overlapping another."""
    found = [
        span
        for ent in doc.ents
        if ent.label_ in NAME_LABELS
        for repaired in repair_span(text, ent.start_char, ent.end_char, ent.label_)
        for span in mend(text, repaired)
        if not _is_title(text, span)
    ]
    return without_overlaps(found)


def _is_title(text: str, span: NameSpan) -> bool:
    """Tell whether the recognizer took a title for a name: "the Taoiseach", "Tan Sri"."""
    words = text[span.start : span.end].split()
    may_be = span.label == "PERSON" or (span.label == "ORG" and len(words) > 1)
    return may_be and find_title(words) is not None


def without_overlaps(spans: Iterable[NameSpan]) -> list[NameSpan]:
    """Keep the longest of overlapping spans; the result is in order."""
    kept: list[NameSpan] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if kept and span.start < kept[-1].end:
            if span.end - span.start > kept[-1].end - kept[-1].start:
                kept[-1] = span
            continue
        kept.append(span)
    return kept


def find_known(
    words: list[Word], forms: dict[tuple[str, ...], str], taken: Iterable[NameSpan]
) -> Iterator[NameSpan]:
    """Find further places of known names; `forms` maps folded words to labels.

    A place counts where the words start with capitals and no taken span overlaps it.
    """
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for form in sorted(forms, key=len, reverse=True):
        by_first.setdefault(form[0], []).append(form)
    in_lower_case = {text for w in words if (text := w.text).islower()}
    covered = [False] * len(words)
    for span in taken:
        for i in _word_range(words, span):
            covered[i] = True
    at = 0
    while at < len(words):
        if covered[at] or words[at].text in in_lower_case:
            at += 1
            continue
        size = _known_at(words, at, by_first, covered)
        if size == 1 and _may_be_common(words, at, in_lower_case):
            size = 0
        if size:
            form = _folded(words[at : at + size])
            whole = _whole_name(words, at, at + size, covered, forms[form])
            if whole is not None:
                yield NameSpan(words[whole.start].start, words[whole.stop - 1].end, forms[form])
        at += max(1, size)


def _whole_name(
    words: list[Word], first: int, stop: int, covered: list[bool], label: str
) -> range | None:
    """Widen a known name to the capital words around it: "Orr" to "Tariq Orr".

    None where these make another name of it: "Orr Street", "Orr Marine".
    """
    low, high = first, stop
    while low > 0 and _joins(words[low - 1], words[low]) and not covered[low - 1]:
        word = words[low - 1].text
        if not word[0].isupper() or find_title([word]) is not None:
            break
        if word.lower() in name_trims("calendar"):
            break
        low -= 1
    while high < len(words) and _joins(words[high - 1], words[high]) and not covered[high]:
        if not words[high].text[0].isupper():
            break
        high += 1
    if stop - first > 1 and high == stop:
        return range(first, stop)
    if (low, high) == (first, stop):
        return range(first, stop)
    opens = low < first and words[low].opens_sentence
    opening = fold(words[low].text)
    if opens and (opening not in given_names() or opening in name_trims("asking")):
        low += 1
    if (low, high) == (first, stop):
        return range(first, stop)
    if label != "PERSON" or high > stop:
        return None
    return range(low, high) if fold(words[low].text) in given_names() else None


def _joins(left: Word, right: Word) -> bool:
    return right.start - left.end == 1


def _may_be_common(words: list[Word], at: int, in_lower_case: set[str]) -> bool:
    """Tell whether a word is capital for its place alone: "Long" that opens a sentence."""
    word = words[at]
    if not word.opens_sentence:
        return False
    return len(word.text) < 4 or word.text.lower() in in_lower_case


def _known_at(
    words: list[Word], at: int, by_first: dict[str, list[tuple[str, ...]]], covered: list[bool]
) -> int:
    if not words[at].is_capital:
        return 0
    for form in by_first.get(fold(words[at].text), ()):
        size = len(form)
        window = words[at : at + size]
        if (
            len(window) == size
            and not any(covered[at : at + size])
            and all(fold(w.text) == f for w, f in zip(window, form, strict=True))
            and window[-1].is_capital
            and all(b.start - a.end <= 2 for a, b in pairwise(window))
        ):
            return size
    return 0


def _word_range(words: list[Word], span: NameSpan) -> range:
    low, high = 0, len(words)
    while low < high:
        middle = (low + high) // 2
        if words[middle].end <= span.start:
            low = middle + 1
        else:
            high = middle
    first = low
    while low < len(words) and words[low].start < span.end:
        low += 1
    return range(first, low)


def find_names(doc: Doc, text: str) -> list[NameSpan]:
    """Find all names of a document with this text, in order, none overlapping another."""
    words = text_words(text)
    spans = widen(text, join_pieces(text, recognized_names(doc, text)))
    datelines = dateline_places(text, spans)
    spans = without_overlaps([*datelines, *spans])
    spans = without_overlaps([*spans, *titled_people(text, spans)])
    spans += guess_names(text, spans)
    spans = settle_labels(text, without_doubtful(text, spans))
    spans = without_overlaps([*speaker_labels(text, spans), *spans, *datelines])
    spans += find_known(words, known_forms(text, spans), spans)
    return sorted(spans)


def known_forms(text: str, spans: Iterable[NameSpan]) -> dict[tuple[str, ...], str]:
    """Give the forms under which the names may stand elsewhere: themselves, and surnames."""
    votes: dict[tuple[str, ...], Counter[str]] = {}
    for span in spans:
        form = _form(text[span.start : span.end])
        if not form or (len(form) == 1 and len(form[0]) < 2):
            continue
        votes.setdefault(form, Counter())[span.label] += 1
        if span.label == "PERSON" and len(form) > 1 and len(form[-1]) > 2:
            votes.setdefault(form[-1:], Counter())["PERSON"] += 1
    return {form: counts.most_common(1)[0][0] for form, counts in votes.items()}


@lru_cache(maxsize=20_000)
def _form(name: str) -> tuple[str, ...]:
    return _folded(text_words(name))


def _folded(words: list[Word]) -> tuple[str, ...]:
    return tuple(fold(w.text) for w in words)
