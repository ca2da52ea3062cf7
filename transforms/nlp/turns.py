"""Turns of speech without quotation marks: dialogue dashes, labelled and bare interviews.

A turn is a paragraph (or its part) that somebody speaks: behind a dash, behind a label
(“Orr: …”, “A: …”), or between the questions of an interview. An interviewer's own questions are
not reported speech and give no turn, unless several people are questioned in turns.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DASHES = "—–―"
OPENING = '“"«„'
_CLOSING = '”"»'
MIN_LABELLED = 3  # turns with a label that make a dialogue
MIN_QUESTIONS = 4  # paragraphs that end in a question mark that make a bare interview
MAX_QUESTION_WORDS = 60
MIN_RUN = 6  # dash turns in a row that are taken for an interview

_LABEL = re.compile(r"(?P<label>[^\W\d_][^\n:“”\"«»‘?!]{0,70}?)\s*:\s+(?=\S)")
_QA = re.compile(r"(?P<label>[QA])\.\s+(?=\S)")
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_DASH = re.compile(rf"[{DASHES}]\s?(?=[^\W_])")
_VERBS = "said|says|told|tells|asked|asks|explained|added|replied|answered|continued|recalled"
_CUT = re.compile(
    rf"[,?!]\s(?P<inset>(?:{_VERBS})\s[^.]*(?:\.(?:\s[^{DASHES}]*)?)?"
    rf"|(?:he|she|they|the|[A-Z][\w’'-]+)\b(?:\s[^\s.,?!:]+){{0,7}}?(?:,[^,.:]{{0,80}},)?"
    rf"\s(?:{_VERBS})\b(?!,? [«“])[^.:]*\.?)(?:\s[{DASHES}]\s?(?P<more>.+))?$"
)
_FIRST_PERSON = re.compile(r"\b(?:I|[Mm]y|me|[Ww]e|[Oo]ur|us)\b")
_SINGULAR = re.compile(r"\b(?:I|[Mm]y|me)\b")
_REPORTED = re.compile(r"[:,] [‘“\"«„]")
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_MARK = re.compile('[“”"«»„]')


@dataclass(frozen=True)
class Turn:
    """What somebody says without marks: characters of the text, in one paragraph."""

    start: int
    end: int
    paragraph: int
    label: tuple[int, int] | None = None  # characters of the speaker's label
    continues: bool = False  # goes on with the turn before
    family: str = "turn"  # turn (labelled, bare) or dash


def find_turns(text: str, paragraphs: Sequence[tuple[int, int]]) -> tuple[Turn, ...]:
    """Find the turns of a text, in order."""
    labels = _labels(text, paragraphs)
    if labels:
        return tuple(_labelled(text, paragraphs, labels))
    dashed = tuple(_dashed(text, paragraphs))
    return dashed or tuple(_interview(text, paragraphs))


# ---- labels ------------------------------------------------------------------------------------


def _labels(text: str, paragraphs: Sequence[tuple[int, int]]) -> dict[int, re.Match[str]]:
    """Paragraphs that open with a speaker's label; none where they make no dialogue."""
    found: dict[int, re.Match[str]] = {}
    for number, (start, end) in enumerate(paragraphs[1:], start=1):
        opens = _behind_mark(text, start)
        match = _LABEL.match(text, opens, end)
        if match is None or not _is_label(match["label"]):
            match = _QA.match(text, start, end)
        elif opens > start and not match["label"].isupper():
            match = None
        if match is not None:
            found[number] = match
    turns = Counter(_speaker_keys([m["label"] for m in found.values()]))
    is_dialogue = len(found) >= MIN_LABELLED and max(turns.values()) >= 2
    return found if is_dialogue else {}


def _behind_mark(text: str, start: int) -> int:
    """Skip the mark with which each paragraph of a quoted transcript opens: “ORR: …”."""
    return start + (text[start] in OPENING)


def _before_mark(text: str, start: int, end: int) -> int:
    return end - 1 if text[start] in OPENING and text[end - 1] in _CLOSING else end


def is_hidden(text: str, turns: Sequence[Turn], start: int, end: int) -> bool:
    """Whether a marked span is no quotation of its own: a part of a turn, or around one.

    In a quoted transcript all spans that no turn holds are remarks: “(APPLAUSE)”.
    """
    index = bisect_right(turns, start, key=lambda turn: turn.start) - 1
    if index >= 0 and end <= turns[index].end:
        return True
    if index + 1 < len(turns) and end > turns[index + 1].start:
        return True
    label = turns[0].label
    quoted = label is not None and text[label[0] - 1] in OPENING
    return quoted and 0 <= index < len(turns) - 1


def _speaker_keys(labels: Sequence[str]) -> Iterator[str]:
    """Yield the surname of every label's speaker; initials are those of a label before them."""
    known: dict[str, str] = {}
    for label in labels:
        name = label.partition(",")[0]
        key = known.get(name, name.split()[-1])
        known.setdefault(initials_of(name), key)
        yield key


def initials_of(name: str) -> str:
    """First letters of the capitalised parts of a name: KNH of Kaisu Nieminen-Hägg."""
    return "".join(part[0] for part in re.split(r"[\s\-.]+", name) if part[:1].isupper())


def _labelled(
    text: str, paragraphs: Sequence[tuple[int, int]], labels: dict[int, re.Match[str]]
) -> Iterator[Turn]:
    open_turn = asked = False
    quoted = all(text[match.start() - 1] in OPENING for match in labels.values())
    for number in range(min(labels), min(max(labels) + 2, len(paragraphs))):
        start, end = paragraphs[number]
        match = labels.get(number)
        if match is not None:
            open_turn = text[match.end()] not in "“\"«„‘'"
            asked = text[end - 1] == "?" and match["label"] != "Q"
            if open_turn and match["label"] != "Q":
                stop = _before_mark(text, start, end)
                yield Turn(match.end(), stop, number, label=match.span("label"))
            continue
        if quoted:
            start, end = _behind_mark(text, start), _before_mark(text, start, end)
        goes_on = open_turn and _is_spoken(text[start:end]) and (asked or number < max(labels))
        if goes_on:
            yield Turn(start, end, number, continues=not asked)
            asked = False


def _is_spoken(body: str) -> bool:
    """Whether a paragraph without a label is spoken: about "I" or "you", no marks."""
    if _MARK.search(body[:1]) or body.startswith("(") or _REPORTED.search(body):
        return False
    if body.startswith(("She ", "He ")) and not _SINGULAR.search(body):
        return False
    return bool(_FIRST_PERSON.search(body) or _SECOND_PERSON.search(body))


def _is_label(label: str) -> bool:
    """Whether words before a colon may be a speaker: a short name, or one capitalised word."""
    name = _BRACKETS.sub("", label.partition(",")[0])
    words = name.split()
    capitals = sum(word[:1].isupper() for word in words)
    return (
        bool(words)
        and words[0][:1].isupper()
        and len(words) <= 6
        and 2 * capitals >= len(words) + (len(words) > 1)
        and "(" not in name
        and not any(word in ("for", "and", "to", "in") for word in words)
    )


# ---- dashes ------------------------------------------------------------------------------------


def _dashed(text: str, paragraphs: Sequence[tuple[int, int]]) -> Iterator[Turn]:
    starts = {
        number: match.end()
        for number, (start, end) in enumerate(paragraphs)
        if (match := _DASH.match(text, start, end))
    }
    if len(starts) < 2:
        return
    questions = _asked_by_dash(text, paragraphs, starts)
    for number, start in starts.items():
        if number in questions:
            continue
        end = paragraphs[number][1]
        cut = _CUT.search(text, start, end)
        if cut is None:
            yield Turn(start, end, number, family="dash")
            continue
        stop = cut.start("inset") - 1
        yield Turn(start, stop - (text[stop - 1] == ","), number, family="dash")
        if cut["more"]:
            yield Turn(cut.start("more"), cut.end("more"), number, family="dash")


def _asked_by_dash(
    text: str, paragraphs: Sequence[tuple[int, int]], starts: dict[int, int]
) -> set[int]:
    """Numbers of the dash paragraphs that are an interviewer's, in runs of turns."""
    found: set[int] = set()
    run: list[int] = []
    for number in [*starts, -1]:
        if run and number != run[-1] + 1:
            if len(run) >= MIN_RUN:
                found.update(_asking_half(text, paragraphs, run))
            run = []
        run.append(number)
    return found


def _asking_half(
    text: str, paragraphs: Sequence[tuple[int, int]], run: Sequence[int]
) -> Sequence[int]:
    halves = (run[::2], run[1::2])
    asked = [
        sum(text[: paragraphs[n][1]].endswith("?") for n in half) / len(half) for half in halves
    ]
    if max(asked) < 0.4 or asked[0] == asked[1]:
        return ()
    return halves[asked.index(max(asked))]


# ---- bare interviews ---------------------------------------------------------------------------


def _interview(text: str, paragraphs: Sequence[tuple[int, int]]) -> Iterator[Turn]:
    bodies = [text[start:end] for start, end in paragraphs]
    asked = _questions(bodies)
    answers = [n + 1 for n in sorted(asked) if n + 1 < len(bodies) and n + 1 not in asked]
    answers = [n for n in answers if not _MARK.search(bodies[n][:1])]
    personal = sum(bool(_FIRST_PERSON.search(bodies[n])) for n in answers)
    if len(answers) < MIN_QUESTIONS or personal < 0.5 * len(answers):
        return
    for number in answers:
        yield Turn(*paragraphs[number], number)
        following = number + 1
        while following < max(asked) and following not in asked:
            if not _is_spoken(bodies[following]) or not _FIRST_PERSON.search(bodies[following]):
                break
            yield Turn(*paragraphs[following], following, continues=True)
            following += 1


def _questions(bodies: Sequence[str]) -> set[int]:
    """Numbers of the interviewer's paragraphs: questions, and what is addressed to the other."""
    plain = [n for n, body in enumerate(bodies) if n and body.endswith("?")]
    if sum(1 for n in plain if len(bodies[n].split()) <= MAX_QUESTION_WORDS) < MIN_QUESTIONS:
        return set()
    found: set[int] = set()
    for number, body in enumerate(bodies):
        if number == 0 or number - 1 in found or _MARK.search(body[:1]):
            continue
        if len(body.split()) > MAX_QUESTION_WORDS or number < plain[0]:
            continue
        addressed = _SECOND_PERSON.search(body) and not _FIRST_PERSON.search(body)
        if body.endswith("?") or (addressed and not body.startswith("(")):
            found.add(number)
    return found
