"""Quotation marks of a text: which mark opens, which closes, which is no quotation mark at all.

Each paragraph is read on its own, so that one odd mark never swallows the rest. Every mark may
open, close, open or close a nested quotation, or be something else (an apostrophe, inches); a
Viterbi search takes the reading of the paragraph with the least cost. Time is linear in length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from transforms.nlp.knowledge import read_lines, read_table
from transforms.nlp.lines import iter_paragraphs
from transforms.nlp.turns import Turn, find_turns, is_hidden

MAX_SEARCHED_MARKS = 400  # of one paragraph; above, marks are paired in turn
MAX_TEXT_MARKS = 20_000  # of the whole text; above, every paragraph is paired in turn
MAX_FORGOTTEN_PARAGRAPHS = 4  # without any mark inside a quotation that runs on

_MARK = re.compile(
    r"(?P<noise>[\"“”„‟«»'‘’`´]{5,}|(?<=\w=)\"[^\"\n]{0,200}\")"  # id="3" is markup
    r"|‘‘|’’|``|''|,,(?=\w)|[\"“”„‟«»＂〝〞〟「」『』″'‘’‚‛`´‹›]"
)
_OPENING = frozenset("([{<-–—―/|:…¿¡")
_CLOSING = frozenset(".,;:!?)]}>-–—―/|…")
_SENTENCE_END = frozenset(".,!?…;")
_BEFORE_UTTERANCE = frozenset(["", ":", ",", ".", "!", "?"])


@dataclass(frozen=True)
class MarkedSpan:
    """What stands between two outer quotation marks of one paragraph, without the marks."""

    start: int  # first character of the content
    end: int  # one past its last
    outer_start: int  # first character of the opening mark
    outer_end: int  # one past the closing mark; `end` where there is none
    paragraph: int  # number of the paragraph, from 0
    family: str  # "curly", "straight", "single", "guillemet" …
    is_closed: bool  # has its closing mark
    continues: bool = False  # goes on with the utterance of the span before


@dataclass(frozen=True)
class _Mark:
    start: int
    end: int
    text: str
    left: str  # nearest character before that is no mark; "" at the paragraph's start
    right: str  # nearest character behind that is no mark; "" at the paragraph's end


class _State(NamedTuple):
    """Reading of the marks so far: families of the open quotations, and how it was reached."""

    cost: float
    outer: str | None = None
    inner: str | None = None
    opener: int = -1  # index of the mark that opened `outer`
    spans: tuple[object, ...] = ()  # linked list: (opener, closer, rest)


def find_marked_spans(text: str) -> tuple[MarkedSpan, ...]:
    """Find the outermost marked spans of a text, in order; none holds a line break."""
    paragraphs = tuple(iter_paragraphs(text))
    marks = [_marks_of(text, start, end) for start, end in paragraphs]
    in_turn = sum(map(len, marks)) > MAX_TEXT_MARKS
    found: list[MarkedSpan] = []
    stray: dict[int, _Mark] = {}
    for number, own in enumerate(marks):
        if not own:
            continue
        following = marks[number + 1] if number + 1 < len(marks) else []
        next_start = paragraphs[number + 1][0] if number + 1 < len(marks) else -1
        opener = following[0] if following and following[0].start == next_start else None
        if in_turn or len(own) > MAX_SEARCHED_MARKS:
            pairs = _pair_in_turn(own)
        else:
            pairs = _search(text, own, paragraphs[number], opener)
        for pair in pairs:
            found.append(_span_of(own, pair, number, paragraphs[number][1]))
        if not pairs and len(own) < MAX_SEARCHED_MARKS:
            stray.update(_stray_closer(own, number))
    joined = _close_forgotten(text, found, paragraphs, marks, stray)
    spans = tuple(_mark_continuations(_trimmed(text, joined)))
    turns = () if in_turn else find_turns(text, paragraphs)
    return _with_turns(text, spans, turns) if turns else spans


def _with_turns(
    text: str, spans: Sequence[MarkedSpan], turns: Sequence[Turn]
) -> tuple[MarkedSpan, ...]:
    """Add turns of speech; a marked span inside a turn belongs to that turn."""
    kept = [span for span in spans if not is_hidden(text, turns, span.start, span.end)]
    spoken = [
        MarkedSpan(t.start, t.end, t.start, t.end, t.paragraph, t.family, True, t.continues)
        for t in turns
        if any(map(str.isalpha, text[t.start : t.end]))  # Orr: 547. is a score
    ]
    return tuple(sorted([*kept, *spoken], key=lambda span: span.start))


@lru_cache(maxsize=1)
def _knowledge() -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    opens: dict[str, dict[str, float]] = {}
    closes: dict[str, dict[str, float]] = {}
    for mark, role, family, cost in read_table("marks.tsv"):
        table = opens if role == "open" else closes
        table.setdefault(mark, {})[family] = float(cost)
    return opens, closes


@lru_cache(maxsize=1)
def _elisions() -> frozenset[str]:
    return frozenset(read_lines("elisions.txt"))


def _marks_of(text: str, start: int, end: int) -> list[_Mark]:
    spans = [m.span() for m in _MARK.finditer(text, start, end) if m.lastgroup != "noise"]
    rights = []
    right, following = "", -1
    for mark_start, mark_end in reversed(spans):
        if mark_end != following:
            right = text[mark_end] if mark_end < end else ""
        rights.append(right)
        following = mark_start
    marks = []
    left, before = "", -1
    for mark_start, mark_end in spans:
        if mark_start != before:
            left = text[mark_start - 1] if mark_start > start else ""
        marks.append(_Mark(mark_start, mark_end, text[mark_start:mark_end], left, rights.pop()))
        before = mark_end
    return marks


def _pair_in_turn(marks: Sequence[_Mark]) -> list[tuple[int, int | None]]:
    opens, _ = _knowledge()
    doubles = [
        i for i, m in enumerate(marks) if not _is_single(m) and (m.text in opens or m.text == "”")
    ]
    return list(zip(doubles[::2], doubles[1::2], strict=False))


def _is_single(mark: _Mark) -> bool:
    return mark.text in "'‘’‚‛`´‹›"


def _search(
    text: str, marks: Sequence[_Mark], paragraph: tuple[int, int], next_opener: _Mark | None
) -> list[tuple[int, int | None]]:
    states: dict[tuple[str | None, str | None], _State] = {(None, None): _State(0.0)}
    for index, mark in enumerate(marks):
        reached: dict[tuple[str | None, str | None], _State] = {}
        for state in states.values():
            for new in _readings(text, index, mark, state, paragraph):
                key = (new.outer, new.inner)
                if key not in reached or new.cost < reached[key].cost:
                    reached[key] = new
        states = reached
    best = min(
        (_finished(text, marks, s, paragraph, next_opener) for s in states.values()),
        key=lambda s: s.cost,
    )
    return _unlinked(best.spans)


def _readings(
    text: str, index: int, mark: _Mark, state: _State, paragraph: tuple[int, int]
) -> Iterator[_State]:
    opens, closes = _knowledge()
    single = _is_single(mark)
    yield state._replace(cost=state.cost + _cost_of_nothing(text, mark, state, paragraph))
    opening = _cost_of_opening(text, mark, paragraph)
    closing = _cost_of_closing(text, mark)
    for family, cost in opens.get(mark.text, {}).items():
        if state.outer is None:
            yield _State(state.cost + cost + opening, family, None, index, state.spans)
        elif state.inner is None and not (family == state.outer and (single or cost > 0)):
            same = family == state.outer
            nested = 2.5 if same else 0.3
            if same and family == "straight":
                continue
            yield state._replace(cost=state.cost + cost + opening + nested, inner=family)
    for family, cost in closes.get(mark.text, {}).items():
        if state.inner == family:
            yield state._replace(cost=state.cost + cost + closing, inner=None)
        elif state.outer == family:
            dropped = 1.5 if state.inner else 0.0
            yield _State(
                state.cost + cost + closing + dropped,
                spans=(state.opener, index, state.spans),
            )


def _cost_of_opening(text: str, mark: _Mark, paragraph: tuple[int, int]) -> float:
    cost = 0.0
    guillemet = mark.text in "«»‹›"
    if mark.left.isalnum():
        cost += 6.0 if _is_single(mark) else 3.0
    elif mark.left and not (mark.left.isspace() or mark.left in _OPENING):
        cost += 1.0
    if not mark.right:
        cost += 4.0
    elif mark.right.isspace():
        cost += 0.0 if guillemet else 2.0
    elif mark.right in ",.;:!?)" and not text.startswith("..", mark.end):
        cost += 2.5
    if _is_single(mark) and _is_elision(text, mark, paragraph):
        cost += 3.0
    return cost


def _cost_of_closing(text: str, mark: _Mark) -> float:
    cost = 0.0
    single = _is_single(mark)
    if not mark.left:
        cost += 5.0
    elif mark.left.isspace():
        cost += 0.0 if mark.text in "«»‹›" else 2.0
    elif mark.left in "([{":
        cost += 2.0
    elif mark.left in _SENTENCE_END:
        cost -= 0.5
    if mark.right.isalnum():
        cost += 6.0 if single and mark.left.isalnum() else 2.5
    if single and mark.left in "sxz" and _lower_word_follows(text, mark):
        cost += 1.2
    return cost


def _lower_word_follows(text: str, mark: _Mark) -> bool:
    return mark.right == " " and text[mark.end + 1 : mark.end + 2].islower()


def _is_elision(text: str, mark: _Mark, paragraph: tuple[int, int]) -> bool:
    if mark.right.isdigit():
        return re.match(r"\d\ds?\b", text[mark.end : min(mark.end + 4, paragraph[1])]) is not None
    word = re.match(r"\w+", text[mark.end : min(mark.end + 12, paragraph[1])])
    return word is not None and word.group().lower() in _elisions()


def _cost_of_nothing(text: str, mark: _Mark, state: _State, paragraph: tuple[int, int]) -> float:
    """What it costs to read the mark as no quotation mark."""
    after_digit = mark.left.isdigit()
    if not _is_single(mark):
        if mark.text in "\"″''" and after_digit:
            feet = text[max(paragraph[0], mark.start - 4) : mark.start]
            if re.search(r"\d['’′] ?\d{1,2}(\.5|½)?$", feet):
                return 0.1
            return 0.7 if state.outer is None else 2.5
        return 4.0
    if mark.left.isalnum():
        if mark.right.isalnum():
            return 0.0
        if mark.left in "sxzn" or after_digit:
            return 0.5
        return 2.0
    if mark.right.isalnum():
        if mark.text == "’":
            return 0.5
        return 0.1 if _is_elision(text, mark, paragraph) else 3.5
    return 4.0


def _finished(
    text: str,
    marks: Sequence[_Mark],
    state: _State,
    paragraph: tuple[int, int],
    next_opener: _Mark | None,
) -> _State:
    """Bring a reading to the paragraph's end: what is open there is cut there, at a cost."""
    if state.outer is None:
        return state
    opens, _ = _knowledge()
    opener = marks[state.opener]
    before = text[paragraph[0] : opener.start].rstrip()[-1:]
    if next_opener is not None and state.outer in opens.get(next_opener.text, {}):
        cost = 0.5
    elif before in _BEFORE_UTTERANCE:
        cost = 3.0
    else:
        cost = 4.5
    if _is_single(opener):
        cost += 1.5
    if state.inner:
        cost += 1.0
    return _State(state.cost + cost, spans=(state.opener, None, state.spans))


def _unlinked(spans: tuple[object, ...]) -> list[tuple[int, int | None]]:
    pairs: list[tuple[int, int | None]] = []
    while spans:
        opener, closer, spans = spans  # type: ignore[assignment]
        pairs.append((opener, closer))  # type: ignore[arg-type]
    return pairs[::-1]


def _span_of(
    marks: Sequence[_Mark], pair: tuple[int, int | None], number: int, paragraph_end: int
) -> MarkedSpan:
    opens, _ = _knowledge()
    opener = marks[pair[0]]
    closer = marks[pair[1]] if pair[1] is not None else None
    family = next(iter(opens.get(opener.text, {"curly": 0.0})))
    return MarkedSpan(
        start=opener.end,
        end=closer.start if closer else paragraph_end,
        outer_start=opener.start,
        outer_end=closer.end if closer else paragraph_end,
        paragraph=number,
        family=family,
        is_closed=closer is not None,
    )


def _stray_closer(marks: Sequence[_Mark], number: int) -> Iterator[tuple[int, _Mark]]:
    """Yield a paragraph's only double mark if it closes something opened further up."""
    _, closes = _knowledge()
    doubles = [m for m in marks if not _is_single(m)]
    if len(doubles) == 1 and doubles[0].text in closes and not doubles[0].right.isalnum():
        yield number, doubles[0]


def _close_forgotten(
    text: str,
    found: Sequence[MarkedSpan],
    paragraphs: Sequence[tuple[int, int]],
    marks: Sequence[Sequence[_Mark]],
    stray: dict[int, _Mark],
) -> Iterator[MarkedSpan]:
    """Follow a quotation whose later paragraphs are not opened again to its closing mark."""
    for index, span in enumerate(found):
        yield span
        last = index + 1 == len(found) or found[index + 1].paragraph > span.paragraph
        if span.is_closed or not last:
            continue
        end = min(span.paragraph + 2 + MAX_FORGOTTEN_PARAGRAPHS, len(paragraphs))
        for number in range(span.paragraph + 1, end):
            if number in stray:
                yield from _filled(span, paragraphs, number, stray[number])
                break
            if any(not _is_single(m) for m in marks[number]):
                break


def _filled(
    span: MarkedSpan, paragraphs: Sequence[tuple[int, int]], last: int, closer: _Mark
) -> Iterator[MarkedSpan]:
    for number in range(span.paragraph + 1, last + 1):
        start, end = paragraphs[number]
        closes = number == last
        yield MarkedSpan(
            start=start,
            end=closer.start if closes else end,
            outer_start=start,
            outer_end=closer.end if closes else end,
            paragraph=number,
            family=span.family,
            is_closed=closes,
            continues=True,
        )


def _trimmed(text: str, spans: Iterable[MarkedSpan]) -> Iterator[MarkedSpan]:
    """Take white space off both ends; leave out what holds no letter or digit."""
    for span in spans:
        content = text[span.start : span.end]
        if not any(map(str.isalnum, content)):
            continue
        start = span.start + len(content) - len(content.lstrip())
        end = span.end - (len(content) - len(content.rstrip()))
        yield replace(span, start=start, end=end)


def _mark_continuations(spans: Iterable[MarkedSpan]) -> Iterator[MarkedSpan]:
    """Tell which spans go on where an unclosed one of the paragraph before stopped."""
    before: MarkedSpan | None = None
    for span in spans:
        goes_on = (
            before is not None
            and not before.is_closed
            and span.paragraph == before.paragraph + 1
            and span.family == before.family
        )
        before = replace(span, continues=True) if goes_on else span
        yield before
