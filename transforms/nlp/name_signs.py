"""The signs by which a name's type is told: its own words and what stands around it.

`name_types.py` adds them up with the weights of `data/name_weights.json`, which
`training/speakers/train_types.py` learns.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from transforms.nlp.knowledge import read_lines, read_table
from transforms.nlp.names import (
    fold,
    given_names,
    name_words,
    organization_nouns,
    titles_before,
)
from transforms.nlp.role_nouns import find_noun

_AGE_BEHIND = re.compile(r",? \(?(?:aged )?\d{1,2}\b(?![\d:%./-])")
_SAYS = re.compile(r" (?:said|says|told|added|asked|replied|wrote|tweeted|joked|recalled)\b")
_SAID_BEFORE = re.compile(r"\b(?:said|says|added|replied|asked|recalled) $")
_ACRONYM_BEHIND = re.compile(r" \([A-Z][\w.]{1,9}\)")
_DASH_BEHIND = re.compile(r"(?:, [\w. ]{2,20})? ?(?:\([^)]{2,20}\) ?)?[—–-]{1,2} ")
_AGENCY_BEFORE = re.compile(r"\n[^\W\d_a-z][^\n()]{1,38} \($")  # "OSLO, Norway (Reuters) —"
_AGENCY_BEHIND = re.compile(r"\) ?[—–-]")
_SCORE_BEHIND = re.compile(r" \d+(?:[-–:]\d+)? |(?: \d+[-–:]\d+|, \d+[-–]\d+)(?!\w)")
_SCORE_BEFORE = re.compile(r"\d+[-–:]\d+ $| v $| vs\.? $")
_REFERRING = re.compile(  # the first letter stands alone, so that the search leaps to it
    r"[HhSsIiTt](?<!\w[HhSsIiTt])(?:((?<=[Hh])(?:e|is|er|im)|(?<=[Ss])he)|((?<=[Ii])ts?)"
    r"|(?<=[Tt])he ([a-z]+))\b"
)
MAX_REFERRING = 140  # characters behind a name in which it is referred to, within its line
_TOKEN = re.compile(r"\w[\w’'-]*|[^\w\s]|\n")
_TOKENS_BEHIND = re.compile(4 * rf"(?:[^\S\n]*({_TOKEN.pattern}))?")
_ENDS = frozenset("dsv.")  # how a word that _SAID_BEFORE or _SCORE_BEFORE finds ends; or a digit


@cache
def places() -> dict[str, str]:
    """Read the gazetteer: folded name → a (country), s (state), c (town)."""
    return {name: kind for kind, name in read_table("places.tsv")}


@cache
def place_words() -> dict[str, str]:
    """Read the words that mark the name of a place: word → loc or fac."""
    return {row[0]: row[1] for row in read_table("place_words.tsv")}


@cache
def demonyms() -> frozenset[str]:
    """Read the adjectives of nations and creeds: "Spanish", "Sikh"."""
    return frozenset(fold(w) for line in read_lines("demonyms.txt") for w in line.split())


@cache
def known_organizations() -> dict[str, str]:
    """Read well-known organizations: folded name → sure or loose (it names something else, too)."""
    table: dict[str, str] = {}
    for kind, names in read_table("organizations.tsv"):
        for name in names.split("|"):
            plain = fold(name)
            table[plain.removeprefix("the ")] = kind
    return table


@lru_cache(maxsize=20_000)
def form_signs(name: str) -> tuple[str, ...]:
    """Give the signs of a name's own words."""
    words = [fold(w).strip(".,'") for w in name.split()]
    words = [w for w in words if w] or [""]
    size = min(len(words), 4)
    first, last = words[0], words[-1]
    signs = ["bias", f"size_{size}", f"last_{last}", f"ending_{last[-3:]}_{size > 1}"]
    signs += [
        f"end_{last[-4:]}",
        f"end_{last[-2:]}",
        f"begins_{first[:3]}",
        f"first_end_{first[-3:]}",
    ]
    if size > 1:
        signs += [f"first_{first}", *(f"holds_{w}" for w in words)]
    signs += _shape_signs(name, words)
    kind = places().get(fold(name))
    if kind:
        signs.append(f"place_{kind}")
    if fold(name) in demonyms():
        signs.append("demonym")
    known = known_organizations().get(fold(name))
    if known:
        signs.append(f"known_{known}_{size > 1}")
    signs += _given_signs(words)
    nouns = organization_nouns()
    if size > 1 and any(w in nouns and nouns[w][0] == "any" for w in words):
        signs.append("organization_word")
    if size > 1 and words[-1] in nouns:
        signs.append("organization_last")
    if size > 1 and words[-1] in place_words():
        signs.append(f"place_word_{place_words()[words[-1]]}")
    if size > 1 and words[0] in place_words():
        signs.append(f"place_first_{place_words()[words[0]]}")
    return tuple(signs)


def _shape_signs(name: str, words: list[str]) -> list[str]:
    signs = []
    if name.isupper():
        signs.append("capitals_short" if len(name) < 7 else "capitals_long")
    if any(c.isdigit() for c in name):
        signs.append("digit")
    if "-" in name:
        signs.append("hyphen")
    if "." in name and len(words[0]) == 1:
        signs.append("initial")
    if any(c.isupper() for w in name.split() for c in w[1:]) and not name.isupper():
        signs.append("inner_capital")
    return signs


def _given_signs(words: list[str]) -> list[str]:
    given = given_names()
    if len(words) == 1:
        return [f"is_given_{words[0] in given}"]
    known = sum(w in given for w in words)
    return [f"given_first_{words[0] in given}", f"given_share_{round(2 * known / len(words))}"]


@lru_cache(maxsize=1024)
def context_signs(text: str, start: int, end: int) -> tuple[str, ...]:
    """Give the signs around one place of a name."""
    before, behind = text[max(0, start - 40) : start], text[end : end + 40]
    left = [fold(w) for w in _TOKEN.findall(before)[-3:]]
    right = [fold(w) for w in _TOKENS_BEHIND.match(behind).groups() if w]  # type: ignore[union-attr]
    signs = ["context"]
    if left:
        signs += [f"left_{left[-1]}", f"left2_{' '.join(left[-2:])}"]
    else:
        signs.append("opens_text")
    if right:
        signs += [f"right_{right[0]}", f"right2_{' '.join(right[:2])}"]
    title_start, titles = titles_before(text, start)
    if titles and title_start < start:
        signs.append("title")
    last = before[-2:-1]
    may_follow = last in _ENDS or last.isdigit() or before[-1:] == "\n"
    if _AGE_BEHIND.match(behind):
        signs.append("age")
    if _SAYS.match(behind) or (may_follow and _SAID_BEFORE.search(before)):
        signs.append("speaks")
    if behind[:1] == ")" and _AGENCY_BEHIND.match(behind) and _AGENCY_BEFORE.search(before):
        signs.append("agency")
    if _SCORE_BEHIND.match(behind) or (may_follow and _SCORE_BEFORE.search(before)):
        signs.append("score")
    if _ACRONYM_BEHIND.match(behind):
        signs.append("acronym_behind")
    if left[-1:] in ([], ["\n"]) and _DASH_BEHIND.match(behind):
        signs.append("dateline")
    signs += _noun_signs(left, right)
    signs += _referring_signs(text, end)
    return tuple(signs)


def _referring_signs(text: str, end: int) -> list[str]:
    """Give what the nearest words behind a name may say of it: he, it, the company."""
    line_end = text.find("\n", end, end + MAX_REFERRING)
    high = end + MAX_REFERRING if line_end < 0 else line_end
    signs: list[str] = []
    for person, thing, noun in map(re.Match.groups, _REFERRING.finditer(text, end, high)):
        if person or thing:
            signs.append("he_behind" if person else "it_behind")
            break
        known = find_noun(noun)
        if known is not None:
            signs.append(f"the_{known.kind}_behind")
    return signs


def _noun_signs(left: list[str], right: list[str]) -> list[str]:
    signs = []
    for where, words in (("left", left[::-1]), ("right", right)):
        for word in words:
            if word in (",", "the", "a", "'s", "s", "its", "his", "her"):
                continue
            noun = find_noun(word)
            if noun is not None:
                signs.append(f"{where}_noun_{noun.kind}")
            break
    return signs


def form_key(name: str) -> tuple[str, ...]:
    """Give what names of the same words share."""
    return name_words(name)
