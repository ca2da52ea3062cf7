"""Reading a source phrase: whether it is a name, a pronoun or a description, and of whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from transforms.nlp.knowledge import read_table
from transforms.nlp.name_signs import demonyms
from transforms.nlp.names import Gender, titles_before
from transforms.nlp.role_nouns import find_noun
from transforms.nlp.types import DocMention, MentionType

Determiner = Literal["the", "possessive", "a", "none", "number", "this"]

_WORD = re.compile(r"[^\W_]+(?:[-‐‑'’.&/][^\W_]+)*|[^\w\s]")
_BREAKS = frozenset(
    ("of", "for", "at", "in", "with", "to", "from", "on", "behind", "by", "near", "since", "who",
     "whose", "which", "that", "where", "under", "inside", "within", "close", "familiar", "using",
     "seen", "published", "released", "issued", "shown", "between", "reached", "speaking")
)  # fmt: skip
_DETERMINERS: dict[str, Determiner] = {
    "the": "the", "its": "possessive", "his": "possessive", "her": "possessive",
    "their": "possessive", "our": "possessive", "my": "possessive", "a": "a", "an": "a",
    "one": "a", "another": "a", "some": "a", "any": "a", "this": "this", "that": "this",
    "these": "this", "those": "this", "two": "number", "three": "number", "four": "number",
    "several": "number", "many": "number", "most": "number", "few": "number", "both": "number",
    "all": "number", "other": "number", "others": "number",
}  # fmt: skip
_ASIDE = re.compile(r" \([^()]{1,40}\)(?= [\w“])")  # brackets in the midst of a noun phrase
_AGE = re.compile(r"(\d{1,3})-year-old")
_AFTER_NAME = re.compile(r"\s*(?:$|[,.(–—)]|who\b)")
_BY_GROUP = re.compile(r"\b(?:by|from|of)\s(?:the\s)?$")
_BY_PERSON = re.compile(r"\b(?:by|from)\s(?:(?:Mr|Mrs|Ms|Dr)\.?\s)?$")
_OWNS = re.compile(r"['’]s?$")
MAX_OWNED = 6  # words of a phrase for a document and its owner
_PAST = re.compile(r"(?!retired$)[a-z]+(?:ed|ing)")
_PEOPLES = ("s", "ish", "ese", "ch")  # the Finns, the Irish: not one of them
_CUT = frozenset((",", ";", "–", "—", "who", "whose", "which", "where", "that"))


@dataclass(frozen=True)
class Pronoun:
    """What a pronoun tells."""

    gender: Literal["m", "f", "n", ""]
    number: Literal["s", "p", ""]
    person: int
    is_subject: bool


@dataclass(frozen=True)
class SourcePhrase:
    """What a source phrase says of its speaker."""

    start: int
    end: int
    mention_type: MentionType
    words: tuple[str, ...]  # in lower case, without punctuation
    pronoun: Pronoun | None = None
    determiner: Determiner = "none"
    head: str = ""  # the noun of a description, in lower case
    kind: str = ""  # of the head noun: person, kin, spokes, organization, document, crowd, ""
    kinds: frozenset[str] = frozenset()  # all that fit the head noun
    gender: Gender = ""  # that the head noun says
    is_plural: bool = False
    age: int | None = None
    names: tuple[int, ...] = ()  # positions of mentions that are the speaker's names
    embedded: tuple[int, ...] = ()  # positions of other mentions within


@cache
def pronouns() -> dict[str, Pronoun]:
    """Read the pronouns."""
    table = {}
    for word, gender, number, person, case in read_table("pronouns.tsv"):
        table[word] = Pronoun(
            gender=gender if gender in ("m", "f", "n") else "",  # type: ignore[arg-type]
            number=number if number in ("s", "p") else "",  # type: ignore[arg-type]
            person=int(person),
            is_subject=case == "nom",
        )
    return table


def read_source(
    text: str, start: int, end: int, mentions: Sequence[DocMention], first: int
) -> SourcePhrase:
    """Read the source phrase `text[start:end]`.

    `mentions` are the document's, in order; `first` is the first that may lie within the phrase.
    """
    matches = list(_WORD.finditer(text, start, end))
    words = tuple(m[0].lower() for m in matches if m[0][0].isalnum())
    inside = _mentions_within(mentions, first, start, end)
    acronym = (
        bool(inside and matches) and mentions[inside[0]].start == matches[0].start()
    )  # WHO, IT
    if len(words) == 1 and words[0] in pronouns() and not acronym:
        return SourcePhrase(start, end, "pronoun", words, pronoun=pronouns()[words[0]])
    opening = pronouns().get(words[0]) if words and not acronym else None
    if len(words) > 1 and text.startswith("HE ", matches[0].start()):
        opening = None  # His or Her Excellency
    if opening is not None and opening.is_subject and words[0] not in ("who", "which", "that"):
        return SourcePhrase(start, end, "pronoun", words[:1], pronoun=opening)  # "he himself"
    owner = _owner(text, matches)
    if owner is not None:
        return read_source(text, start, owner, mentions, first)
    names, embedded = _split_names(text, start, end, mentions, inside)
    if names:
        return SourcePhrase(start, end, "name", words, names=tuple(names), embedded=tuple(embedded))
    return _description(text, start, end, matches, words, tuple(embedded))


def _owner(text: str, matches: Sequence[re.Match[str]]) -> int | None:
    """Find where the owner of a document ends: "his caption", "the committee’s statement"."""
    if not 1 < len(matches) <= MAX_OWNED:
        return None
    noun = _head_noun(matches)
    if noun is None or noun[1] != "document" or noun[0] != matches[-1][0].lower():
        return None
    opening = matches[0][0].lower()
    if opening in ("his", "her", "its", "their", "my", "our"):
        return matches[0].end() if not any(_OWNS.search(m[0]) for m in matches) else None
    for match in matches[1:-1]:
        owns = _OWNS.search(match[0])
        if owns is not None and find_noun(match[0][: owns.start()].lower()) is not None:
            return match.start() + owns.start()
    return None


def _mentions_within(mentions: Sequence[DocMention], first: int, start: int, end: int) -> list[int]:
    found = []
    for position in range(first, len(mentions)):
        mention = mentions[position]
        if mention.start >= end:
            break
        if mention.start >= start and mention.end <= end + 1 and mention.mention_type == "name":
            found.append(position)
    return found


def _split_names(
    text: str, start: int, end: int, mentions: Sequence[DocMention], inside: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Tell the names of the speaker from those that only describe it."""
    people = [p for p in inside if mentions[p].label == "PERSON"]
    groups = [p for p in inside if mentions[p].label == "ORG"]
    core_end = _core_end(text, start, end, mentions, inside)
    opens = [p for p in people[:1] if _is_head(text, mentions[p], core_end)]
    heads = _listed(text, people, mentions) if opens else []
    heads = heads or _joined(
        text, [p for p in people if _is_head(text, mentions[p], core_end)], mentions
    )
    if not heads:
        heads = [p for p in people if _ends_title(text, start, end, mentions[p])]
    if not heads:
        heads = _joined(
            text, [p for p in groups if _is_head(text, mentions[p], core_end)], mentions
        )
    if not heads:
        heads = _in_apposition(text, start, end, mentions, [*people, *groups])
    if not heads:
        heads = _author(text, start, end, mentions, [*groups, *people])
    return heads, [p for p in inside if p not in heads]


def _listed(text: str, people: Sequence[int], mentions: Sequence[DocMention]) -> list[int]:
    """Find the people of a list at the phrase's start: "Justices Ann Orr, Ben Lee and Tom Hall"."""
    listed = list(people[:1])
    is_closed = False
    for left, right in pairwise(people):
        title_start, _ = titles_before(text, mentions[right].start)
        between = text[mentions[left].end : max(title_start, mentions[left].end)].strip()
        if between not in (",", "and", "&", ", and"):
            break
        listed.append(right)
        is_closed = is_closed or between != ","
    return listed if is_closed else []


def _core_end(
    text: str, start: int, end: int, mentions: Sequence[DocMention], inside: Sequence[int]
) -> int:
    """Find where the noun phrase ends: at a comma, a preposition or a relative pronoun."""
    covered = [(mentions[p].start, mentions[p].end) for p in inside]
    covered += [m.span() for m in _ASIDE.finditer(text, start, end)]
    for match in _WORD.finditer(text, start, end):
        at = match.start()
        if at == start or any(s <= at < e for s, e in covered):
            continue
        if match[0] in ",;:–—(" or match[0].lower() in _BREAKS:
            return at
    return end


def _is_head(text: str, mention: DocMention, core_end: int) -> bool:
    if mention.end > core_end:
        return False
    behind = text[mention.end : core_end]
    if re.match(r"['’]s?\b", behind) and behind.strip("'’s \t"):
        return False  # "Mayor Kalisch’s office"
    rest = re.sub(r"^\s*(?:and|&)\s.*", "", behind, flags=re.DOTALL)
    rest = rest.strip(" \t\u00a0\"“”'’.")
    if mention.label == "PERSON":
        return True
    return not rest or rest.lower() in ("'s", "’s", "plc", "inc", "ltd")


def _ends_title(text: str, start: int, end: int, mention: DocMention) -> bool:
    """Tell names after a long title: "Minister of Health Walid Haddad"."""
    words = text[start : mention.start].split()
    if not words or not _AFTER_NAME.match(text, mention.end, end):
        return False
    noun = find_noun(words[0].lower())
    is_title = words[0].lower() not in _DETERMINERS and words[-1].lower() not in _BREAKS
    return is_title and (noun is None or noun.kind == "person") and not words[0].endswith("s")


def _joined(text: str, heads: Sequence[int], mentions: Sequence[DocMention]) -> list[int]:
    """Keep the last of several organizations ("union Verdi"), all of those joined by "and"."""
    kept = list(heads[-1:])
    for left, right in zip(heads[-2::-1], heads[:0:-1], strict=True):
        between = text[mentions[left].end : mentions[right].start].strip()
        if between not in ("and", "&", ",", "and the"):
            break
        kept.insert(0, left)
    return kept


def _in_apposition(
    text: str, start: int, end: int, mentions: Sequence[DocMention], candidates: Sequence[int]
) -> list[int]:
    """Find the name in apposition: "its secretary, Harjit Dhanoa", "the developer, Enseada SA"."""
    noun = _head_noun(list(_WORD.finditer(text, start, end)))
    wants = "" if noun is None else noun[1]
    for position in candidates:
        mention = mentions[position]
        comma = max(text.rfind(mark, start, mention.start) for mark in (",", "–", "—"))
        if comma < 0:
            continue
        between = text[comma + 1 : mention.start]
        words = between.split()
        if len(words) > 6 or any(w.islower() and w.lower() in _BREAKS for w in words):
            continue
        if any(_PAST.fullmatch(w) for w in words[:1]):
            continue
        is_all = not words and not text[mention.end : end].strip(" ,.()")
        if mention.label == "ORG" and not (
            (wants in ("organization", "document") and "and" not in words)
            or (wants == "person" and is_all)
        ):
            continue
        return [position]
    return []


def _author(
    text: str, start: int, end: int, mentions: Sequence[DocMention], groups: Sequence[int]
) -> list[int]:
    """Find whose statement, survey or web site speaks: "a survey by Yeouido Infomax"."""
    noun = _head_noun(list(_WORD.finditer(text, start, end)))
    if noun is None or noun[1] != "document":
        return []
    for position in groups:
        mention = mentions[position]
        before = text[max(start, mention.start - 12) : mention.start]
        is_possessor = re.match(r"['’]s?\s", text[mention.end : mention.end + 3]) is not None
        giver = _BY_PERSON if mention.label == "PERSON" else _BY_GROUP
        if is_possessor or giver.search(before):
            return [position]
    return []


def _core_words(matches: Sequence[re.Match[str]]) -> tuple[str, ...]:
    """Give the words before a comma or a relative clause."""
    core: list[str] = []
    for match in matches:
        if core and match[0].lower() in _CUT:
            break
        if match[0][0].isalnum():
            core.append(match[0].lower())
    return tuple(core)


def _head_noun(matches: Sequence[re.Match[str]]) -> tuple[str, str, Gender] | None:
    """Give the head noun of a description with its kind and gender."""
    core: list[str] = []
    for match in matches:
        word = match[0]
        if core and (word in ",;:–—(" or word.lower() in _BREAKS):
            break
        if word[0].isalnum():
            core.append(word.lower())
    for word in reversed(core[-3:]):
        noun = find_noun(word)
        if noun is not None:
            return word, noun.kind, noun.gender
    if not core:
        return None
    last = core[-1]
    if core[0] in ("the", "a") and last in demonyms() and not last.endswith(_PEOPLES):
        return last, "person", ""
    if last.endswith("s") and find_noun(last[:-1]) is not None:
        return last, "crowd", ""
    return last, "", ""


def _description(
    text: str,
    start: int,
    end: int,
    matches: Sequence[re.Match[str]],
    words: tuple[str, ...],
    embedded: tuple[int, ...],
) -> SourcePhrase:
    noun = _head_noun(matches)
    head, kind, gender = noun if noun is not None else ("", "", "")
    words = _core_words(matches) or words
    age = next((int(m[1]) for w in words if (m := _AGE.fullmatch(w))), None)
    determiner = _DETERMINERS.get(words[0], "none") if words else "none"
    if determiner == "none" and words and re.search(r"['’]s?$", words[0]):
        determiner = "possessive"
    if determiner == "none" and any(w.endswith(("'s", "’s")) for w in words):
        determiner = "possessive"
    if determiner == "none" and embedded and text[start : start + 1].isupper():
        determiner = "none"
    known = find_noun(head)
    return SourcePhrase(
        start, end, "nominal", words,
        determiner=determiner, head=head, kind=kind, gender=gender,
        kinds=known.kinds if known is not None and known.kind == kind else frozenset((kind,)),
        is_plural=kind == "crowd" or determiner == "number", age=age, embedded=embedded,
    )  # fmt: skip
