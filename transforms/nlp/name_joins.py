"""Mending names that the recognizer cut in pieces or missed beside a title."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from transforms.nlp.name_repairs import NO_NAMES, fixed_names
from transforms.nlp.name_spans import (
    NameSpan,
    asking_length,
    holds_organization_word,
    name_trims,
    trim,
)
from transforms.nlp.names import (
    find_title,
    fold,
    given_names,
    is_acronym_of,
    is_initials_of,
    organization_nouns,
    particles,
)
from transforms.nlp.role_nouns import find_noun

_INITIALS_BEFORE = re.compile(r"(?<![\w.])((?:[^\W\d_a-z]\. ?){1,3})$")
_WORD_BEFORE = re.compile(r"(?<![\w’'-])([\w’'-]+) $")
_AND_ORGANIZATION = re.compile(
    r" (?:and|&) (?:the )?((?:[^\W\d_a-z][\w’'-]*)(?: (?:[^\W\d_a-z][\w’'-]*|of|and|for|the))*)"
)
_THE_X_AND = re.compile(r"\b[Tt]he ([^\W\d_a-z][\w’'-]+(?: [^\W\d_a-z][\w’'-]+)?) (?:and|&) $")
_RUN = re.compile(
    r"(?:[^\W\d_a-z][\w’'‘-]*\.?)(?: (?:[^\W\d_a-z][\w’'‘-]*\.?|"
    r"(?:van|von|de|del|der|den|di|da|dos|du|al|el|bin|binti|ibn|ben|ap|arap|la|le)(?= )))*"
)
_LINKS = (" of ", " of the ", " for ", " for the ", " and ", " & ", " for the ")
_DATELINE = re.compile(
    r"^[ \t]*((?:[^\W\d_a-z][^\W\d_a-z'’.-]+)(?: [^\W\d_a-z][^\W\d_a-z'’.-]+){0,3})"
    r"(?=(?:, [^\W\d_][\w. ]{1,22})?(?: ?\([^()\n]{2,25}\))? ?(?:—|–|--+| - )"
    r"|, [A-Z][a-z]{2,8}\.? \d)",
    re.MULTILINE,
)
_LOOSE_TITLES = frozenset(
    ("general", "major", "chief", "master", "private", "late", "mother", "father", "sister",
     "brother", "deputy", "minister", "officer", "director", "manager", "speaker", "president",
     "secretary", "commissioner", "chair", "marshal", "elder", "dean", "canon", "guru", "don",
     "sun", "san", "m", "u", "me", "sr", "br", "ms", "sp", "di", "ds", "he", "sen", "pan", "tun")
)  # fmt: skip
_TURN = re.compile(r"^([A-Z]{2,4}):(?= )", re.MULTILINE)
_POSSESSED = re.compile(r"['’]s (?:[^\W\d_a-z][\w’'-]* ){0,2}([^\W\d_a-z][\w’'-]*)(?!\w)")
_SHORT_BEFORE = re.compile(r"(?<![\w.’'-])(Mama|[A-Z][a-z]{1,3}\.) $")
_FATHERS = ("s/o", "d/o", "a/l", "a/p", "@")  # son of, daughter of, alias: Malay and Tamil
_FATHER = re.compile(
    rf"(?: (?:{'|'.join(_FATHERS)}) (?:[^\W\d_a-z][\w’'-]*)(?: [^\W\d_a-z][\w’'-]*)?)+"
)
_CONTRACTED = re.compile(r"(?:We|I|You|They|It|That|There|He|She)['’](?:re|m|ll|ve|d|s)$")
_OWN_APOSTROPHE = re.compile(r"['’](?=[\s,.;:)])")
MAX_PERSON_WORDS = 5


def join_pieces(text: str, spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Join the pieces of one name: "Nasr Hamood" + "Al Kiyumi", "Full Court of the" + "…"."""
    joined: list[NameSpan] = []
    for span in sorted(spans):
        if joined and (whole := _join(text, joined[-1], span)) is not None:
            joined[-1] = whole
        else:
            joined.append(span)
    return joined


def _join(text: str, left: NameSpan, right: NameSpan) -> NameSpan | None:
    between = text[left.end : right.start]
    if len(between) > 9 or "\n" in between:
        return None
    if left.label == right.label == "PERSON":
        of_father = between in [f" {word} " for word in _FATHERS]
        if of_father or (between == ". " and _is_short(text[left.start : left.end])):
            return NameSpan(left.start, right.end, "PERSON")
        if between == " " or (
            between.strip(" ") in ("”", "’", '"', ")")
            and (text[left.start : left.end].count("“") == 1)
        ):
            return NameSpan(left.start, right.end, "PERSON")
        return None
    if (
        right.label == "ORG"
        and between in ("’s ", "'s ")
        and (text[left.start : left.start + 3] in ("St ", "St."))
    ):
        return NameSpan(left.start, right.end, "ORG")
    if left.label != "ORG" or between not in _LINKS:
        return None
    words = fold(text[left.start : left.end]).split()
    if (
        right.label in ("ORG", "GPE", "LOC")
        and words
        and words[0] in _heads()
        and ("of" in between or "for" in between)
    ):
        return NameSpan(left.start, right.end, "ORG")
    last = fold(text[right.start : right.end]).split()[-1]
    is_half = not any(w in organization_nouns() for w in words)
    if right.label == "ORG" and is_half and between in (" and ", " & ") and last in _heads():
        return NameSpan(left.start, right.end, "ORG")
    return None


@cache
def _heads() -> frozenset[str]:
    """Give the nouns that organizations' names begin or end with, such as Ministry."""
    return frozenset(word for word, (place, _) in organization_nouns().items() if place == "any")


def widen(text: str, spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Widen names to their parts that the recognizer left out, where no other name stands."""
    result: list[NameSpan] = []
    ordered = sorted(spans)
    for i, span in enumerate(ordered):
        floor = result[-1].end if result else 0
        ceiling = ordered[i + 1].start if i + 1 < len(ordered) else len(text)
        if span.label == "PERSON":
            span = _widen_person(text, span, floor)
            span = _widen_to_the_right(text, span, ceiling)
            span = _widen_possessor(text, span, ceiling)
        elif span.label == "ORG":
            span = _widen_possessor(text, span, ceiling)
            span = _widen_organization(text, span, floor, ceiling)
        result.append(span)
    return result


def _is_day(word: str) -> bool:
    return word.endswith("day") and word.lower() in name_trims("calendar")


def _is_short(word: str) -> bool:
    """Tell a given name that is written short: "Ma." for Maria, "Md." for Mohammed."""
    return word[:1].isupper() and word.rstrip(".").lower() in name_trims("given")


def _widen_to_the_right(text: str, span: NameSpan, ceiling: int) -> NameSpan:
    """Widen "Ravindran" to "Ravindran s/o Muthusamy", and "Ojwang" to "Ojwang’"."""
    match = _FATHER.match(text, span.end, min(ceiling, span.end + 40))
    end = match.end() if match is not None else span.end
    if text[end - 2 : end] == "ng" and _OWN_APOSTROPHE.match(text, end):
        line = text.rfind("\n", 0, span.start) + 1
        if "‘" not in text[line:end] and " '" not in text[line:end]:
            end += 1
    return NameSpan(span.start, end, span.label)


def _widen_person(text: str, span: NameSpan, floor: int) -> NameSpan:
    start = span.start
    match = _SHORT_BEFORE.search(text, max(floor, start - 8), start)
    if match is not None and (
        _is_short(match[1]) or (match[1] == "Mama" and " " not in text[start : span.end])
    ):
        return NameSpan(match.start(1), span.end, span.label)
    if match := _INITIALS_BEFORE.search(text, max(floor, start - 12), start):
        return NameSpan(match.start(1), span.end, span.label)
    match = _WORD_BEFORE.search(text, max(floor, start - 25), start)
    if match is None or not match[1][0].isupper() or match.start(1) < floor:
        return span
    word = match[1]
    if fold(word) not in given_names() or find_title([word]) is not None or _is_day(word):
        return span
    before = text[max(0, match.start(1) - 2) : match.start(1)].strip(" ")
    opens = before in ("", ".", "\n", "!", "?") or before.endswith("\n")
    if opens and " " in text[span.start : span.end]:
        return span
    if asking_length(text, match.start(1), span.end):
        return span
    return NameSpan(match.start(1), span.end, span.label)


def _widen_possessor(text: str, span: NameSpan, ceiling: int) -> NameSpan:
    """Widen "Republican People" to "Republican People’s Party"."""
    words = fold(text[span.start : span.end]).split()
    if not words or (span.label == "PERSON" and (len(words) < 2 or words[0] in given_names())):
        return span
    match = _POSSESSED.match(text, span.end, min(ceiling, span.end + 40))
    if match is None or fold(match[1]) not in _heads():
        return span
    return NameSpan(span.start, match.end(1), "ORG")


def _widen_organization(text: str, span: NameSpan, floor: int, ceiling: int) -> NameSpan:
    start, end = span.start, span.end
    words = fold(text[start:end]).split() or [""]
    if match := _THE_X_AND.search(text, max(floor, start - 40), start):
        is_free = match.start(1) >= floor
        if is_free and words[-1] in organization_nouns() and len(words) > 1:
            start = match.start(1)
    if words[0] in _heads() and len(words) > 2 and words[1] in ("of", "for"):
        match = _AND_ORGANIZATION.match(text, end, min(ceiling, end + 60))
        if match is not None and match.end(1) <= ceiling:
            widened = trim(text, start, match.end(1))
            if widened is not None and not text[end : match.end(1)].endswith(
                (" of", " and", " for")
            ):
                end = widened[1]
    return NameSpan(start, end, span.label)


def titled_people(text: str, spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Find the people that stand behind a title and that the recognizer missed."""
    ordered = sorted(spans)
    found: list[NameSpan] = []
    next_span = 0
    for match in _RUN.finditer(text):
        while next_span < len(ordered) and ordered[next_span].end <= match.start():
            next_span += 1
        ceiling = ordered[next_span].start if next_span < len(ordered) else len(text)
        person = _titled(text, match.start(), min(match.end(), ceiling))
        if person is not None:
            found.append(person)
    return found


def _titled(text: str, start: int, end: int) -> NameSpan | None:
    """Read a run of capital words that holds a title: "Prof. Yoshiko Hatakeda"."""
    words = list(re.finditer(r"\S+", text[start:end]))
    if not 2 <= len(words) <= MAX_PERSON_WORDS + 4:
        return None
    at = 0
    for i in range(min(len(words) - 1, 4)):
        if find_title([words[i][0]]) is not None or _is_role(words[i][0], len(words) - i - 1):
            at = i + 1
    if at == 0:
        return None
    rest = [w[0] for w in words[at:]]
    if any(find_title([word]) is not None for word in rest):
        return None
    if len(rest) == 1 and find_noun(rest[0].lower()) is not None:
        return None
    if _CONTRACTED.match(rest[0]):
        return None
    title = fold(words[at - 1][0]).strip(".")
    if title in _LOOSE_TITLES and fold(rest[0]) not in given_names():
        return None
    if len(rest) > MAX_PERSON_WORDS or holds_organization_word("x " + " ".join(rest)):
        return None
    if rest[-1].lower() in particles() or not rest[0][0].isupper():
        return None
    trimmed = trim(text, start + words[at].start(), start + words[-1].end())
    return None if trimmed is None else NameSpan(*trimmed, "PERSON")


def _is_role(word: str, words_behind: int) -> bool:
    """Tell a trade before a full name: "Economist Nazneen Sultana"."""
    noun = find_noun(word.lower())
    return words_behind >= 2 and noun is not None and noun.kinds == {"person"}


def speaker_labels(text: str, spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Find the initials that open the turns of an interview: "KNH: There are eight."."""
    counts = Counter(match[1] for match in _TURN.finditer(text))
    people = [text[s.start : s.end] for s in spans if s.label == "PERSON"]
    groups = [text[s.start : s.end] for s in spans if s.label == "ORG"]
    labels: dict[str, str] = {}
    for initials, count in counts.items():
        if len(counts) + count > 2 and any(is_initials_of(initials, person) for person in people):
            labels[initials] = "PERSON"
        elif count > 1 and any(is_acronym_of(initials, group) for group in groups):
            labels[initials] = "ORG"
    return [
        NameSpan(match.start(1), match.end(1), labels[match[1]])
        for match in _TURN.finditer(text)
        if match[1] in labels
    ]


def dateline_places(text: str, spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Find the towns in capitals that open an article: "KARAK, Oct. 6 (JNS) —"."""
    found = []
    for match in _DATELINE.finditer(text):
        place = match.span(1)
        if fixed_names().get(match[1]) not in NO_NAMES and not any(
            s.start < place[1] and place[0] < s.end and (s.end > place[1] or s.start < place[0])
            for s in spans
        ):
            found.append(NameSpan(*place, "GPE"))
    return found
