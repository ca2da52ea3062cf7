"""Parsing names: titles, genders, short forms, initials and acronyms. Plain strings, no spaCy."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from transforms.nlp.knowledge import read_lines, read_table

Gender = Literal["f", "m", ""]

MAX_TITLE_WORDS = 3  # of one title: "Detective Chief Inspector"
MAX_TITLES = 5  # in a row: "Senior General Sir Dr"

_UNDECOMPOSED = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ø": "o",
        "Ø": "O",
        "ı": "i",
        "ß": "ss",
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "’": "'",
        "‘": "'",
        "ʻ": "'",
        "ʼ": "'",
        "‐": "-",
        "‑": "-",
    }
)
_WORD = re.compile(r"[^\s,;:()\[\]{}“”„\"«»/]+")
_BLANKS = " \u00a0"
MAX_TITLE_WORD = 40  # characters
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "esq", "kc", "qc", "sc", "mp", "obe", "cbe"))
_LOWER_IN_ORGANIZATION = frozenset(
    (
        "of",
        "and",
        "for",
        "the",
        "in",
        "on",
        "de",
        "du",
        "des",
        "la",
        "le",
        "&",
        "to",
        "y",
        "e",
        "da",
    )
)


@dataclass(frozen=True)
class Title:
    """A title that stands before a person's name."""

    gender: Gender
    role: str | None  # the role it says: "senator" for "Sen."


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Give a text in lower case without diacritics, with straight apostrophes and hyphens."""
    plain = text.translate(_UNDECOMPOSED)
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return plain.lower()


@lru_cache(maxsize=20_000)
def name_words(name: str) -> tuple[str, ...]:
    """Split a name into folded words, without dots at their ends and without "Jr", "III", "MP"."""
    words = tuple(fold(w).strip(".'‚") for w in _WORD.findall(name))
    kept = tuple(w for w in words if w)
    while len(kept) > 1 and kept[-1] in _SUFFIXES:
        kept = kept[:-1]
    return kept


@cache
def titles() -> dict[str, Title]:
    """Read the titles: folded, without dots; those written in capitals are kept so."""
    table: dict[str, Title] = {}
    for forms, gender, role in read_table("titles.tsv"):
        title = Title(_gender(gender), None if role == "-" else role)
        for form in forms.split("|"):
            table.setdefault(_title_key(form), title)
    return table


@cache
def particles() -> frozenset[str]:
    """Read the words in lower case that may stand inside a person's name ("van", "de")."""
    return frozenset(fold(line) for line in read_lines("particles.txt"))


@cache
def given_names() -> dict[str, int]:
    """Read the given names with how many in a hundred of their bearers are women."""
    return {name: int(share) for name, share in read_table("given_names.tsv")}


@cache
def _title_ends() -> frozenset[str]:
    return frozenset(key.lower().rpartition(" ")[2] for key in titles())


def _gender(text: str) -> Gender:
    return "f" if text == "f" else "m" if text == "m" else ""


def _title_key(text: str) -> str:
    plain = text.replace(".", "").replace("’", "'")
    return plain if plain.isupper() and len(plain) > 1 else plain.lower()


def find_title(words: list[str]) -> Title | None:
    """Give the title that these words are, all of them ("Prime", "Minister")."""
    if not words or not words[0][:1].isupper():
        return None
    return _find_title(" ".join(words))


@lru_cache(maxsize=20_000)
def _find_title(text: str) -> Title | None:
    table = titles()
    found = table.get(_title_key(text))
    if found is None and text.isupper() and len(text) > 3:  # a headline in capitals
        found = table.get(text.replace(".", "").lower())
    return found


@lru_cache(maxsize=1024)
def titles_before(text: str, start: int) -> tuple[int, tuple[Title, ...]]:
    """Find the titles that end just before `start`: where they begin, the nearest one first."""
    found: list[Title] = []
    at = start
    while len(found) < MAX_TITLES:
        longest = _longest_title_before(text, at)
        if longest is None:
            break
        at, title = longest
        found.append(title)
    return at, tuple(found)


def _longest_title_before(text: str, end: int) -> tuple[int, Title] | None:
    best: tuple[int, Title] | None = None
    words: list[str] = []
    at = end
    for _ in range(MAX_TITLE_WORDS):
        stop = at
        while stop > 0 and text[stop - 1] in _BLANKS:
            stop -= 1
        first = stop
        while first > 0 and stop - first < MAX_TITLE_WORD and not text[first - 1].isspace():
            first -= 1
        if stop == at or first == stop:
            break
        words.insert(0, text[first:stop].lstrip("“”‘\"'(«"))
        if len(words) == 1 and _title_key(words[0]).lower() not in _title_ends():
            break
        at = stop - len(words[0])
        title = find_title(words)
        if title is not None:
            best = (at, title)
        if at != first:
            break
    return best


@lru_cache(maxsize=20_000)
def leading_titles(name: str) -> int:
    """Count the characters of the titles (and blanks) at the start of a name; something remains."""
    at = 0
    for _ in range(MAX_TITLES):
        words = list(re.finditer(r"\S+", name[at:]))
        for size in range(min(MAX_TITLE_WORDS, len(words) - 1), 0, -1):
            if find_title([w[0] for w in words[:size]]) is not None:
                at += words[size].start()
                break
        else:
            break
    return at


@lru_cache(maxsize=5_000)
def given_name_gender(name: str) -> float | None:
    """Estimate how likely a person of this full name is a woman; None where the lists are silent.

    Looks at the first word, then at the others but the last, as many cultures put the surname
    first. Source: transforms/nlp/data/given_names.tsv.
    """
    if name.startswith("Ma. "):
        return 1.0  # Maria, as it is written in the Philippines
    words = name_words(name)
    table = given_names()
    shares: list[float] = []
    for word in words[: max(1, len(words) - 1)]:
        share = table.get(word)
        if share is None and "-" in word:
            share = table.get(word.replace("-", "")) or table.get(word.partition("-")[0])
        if share is not None:
            shares.append(share / 100)
    if not shares:
        return None
    first = shares[0]
    if 0.2 < first < 0.8 and len(shares) > 1:
        return sum(shares) / len(shares)
    return first


def match_person(short: str, full: str) -> float:
    """Say how well a short form fits a full name: 0 not at all, 1 the same name."""
    return _match_person_words(name_words(short), name_words(full))


@lru_cache(maxsize=50_000)
def _match_person_words(short: tuple[str, ...], full: tuple[str, ...]) -> float:
    if not short or not full:
        return 0.0
    if short == full:
        return 1.0
    if len(short) > len(full):
        return 0.0
    at = 0
    initials = 0
    positions = []
    for word in short:
        while at < len(full) and not _same_word(word, full[at]):
            at += 1
        if at == len(full):
            return 0.0
        initials += len(word) == 1 or len(full[at]) == 1
        positions.append(at)
        at += 1
    if initials == len(short):
        return 0.0
    if initials and positions[-1] != len(full) - 1:
        return 0.0
    if all(word in particles() for word in short):
        return 0.0
    if positions[-1] == len(full) - 1:
        return 0.95
    return 0.9 if positions[0] == 0 else 0.8


def _same_word(word: str, other: str) -> bool:
    if word == other:
        return True
    if len(word) == 1 or len(other) == 1:
        return word[0] == other[0]
    if "-" in other and "-" not in word and len(word) > 2:
        return word == other.partition("-")[0]
    return False


@lru_cache(maxsize=20_000)
def organization_words(name: str) -> tuple[str, ...]:
    """Split an organization's name into folded words without "the" and possessive endings."""
    words = [fold(w).strip(".'") for w in _WORD.findall(name)]
    words = [w[:-2] if w.endswith("'s") else w for w in words]
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return tuple(w for w in words if w)


@cache
def organization_nouns() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Read which word of an organization's name says what kind it is: word → place, nouns."""
    table: dict[str, tuple[str, tuple[str, ...]]] = {}
    for place, nouns, words in read_table("organization_words.tsv"):
        place = "last" if place == "ending" else place
        for word in words.split():
            known = table.get(word, (place, ()))
            table[word] = (known[0], tuple(dict.fromkeys(known[1] + tuple(nouns.split()))))
    return table


@cache
def company_endings() -> frozenset[str]:
    """Read the legal forms of companies, such as Ltd and GmbH, in lower case without dots."""
    return frozenset(
        word
        for place, _, words in read_table("organization_words.tsv")
        if place == "ending"
        for word in words.split()
    )


def _without_ending(words: tuple[str, ...]) -> tuple[str, ...]:
    while len(words) > 1 and words[-1] in company_endings():
        words = words[:-1]
    return words


def match_organization(short: str, full: str) -> float:
    """Say how well a short form fits an organization's full name: 0 not at all, 1 the same."""
    a, b = organization_words(short), organization_words(full)
    if not a or not b:
        return 0.0
    if a == b or _without_ending(a) == _without_ending(b):
        return 1.0
    a, b = _without_ending(a), _without_ending(b)
    if _content(a) == _content(b):
        return 0.95 if len(_content(a)) > 1 else 0.0
    if len(a) < len(b):
        return _match_shorter_organization(a, b, short)
    return 0.0


def _match_shorter_organization(a: tuple[str, ...], b: tuple[str, ...], short: str) -> float:
    generic = organization_nouns()
    if all(w in generic or w in _LOWER_IN_ORGANIZATION for w in a):
        return 0.0
    rest = b[len(a) :]
    if b[: len(a)] == a:
        if any(w in generic for w in a) and any(w in generic for w in rest):
            return 0.0  # "National Assembly" is not its "Standing Committee"
        return 0.9
    if b[-len(a) :] == a:
        return 0.8
    if len(a) == 1 and is_acronym_of(short, " ".join(b)):
        return 0.85
    return 0.7 if len(a) > 1 and _is_subsequence(a, b) else 0.0


def _content(words: tuple[str, ...]) -> frozenset[str]:
    """Give the words that tell: "Ministry of Finance" is the "Finance Ministry"."""
    return frozenset(words) - _LOWER_IN_ORGANIZATION


def _is_subsequence(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    rest = iter(b)
    return all(word in rest for word in a)


def is_acronym_of(short: str, full: str) -> bool:
    """Tell whether a word in capitals is made of the first letters of a name's words."""
    letters = re.sub(r"[^A-Za-z]", "", short.translate(_UNDECOMPOSED))
    if not 2 <= len(letters) <= 8 or sum(c.isupper() for c in letters) < len(letters) - 1:
        return False
    words = [part for w in organization_words(full) for part in w.split("-") if part]
    content = "".join(w[0] for w in words if w not in _LOWER_IN_ORGANIZATION)
    everything = "".join(w[0] for w in words)
    wanted = letters.lower()
    if wanted in (content, everything):
        return True
    return len(wanted) >= 3 and len(words) > 1 and _spells(wanted, words)


def _spells(letters: str, words: list[str]) -> bool:
    """Tell whether the letters are first letters of words, in order, skipping only small ones."""
    at = 0
    for word in words:
        if at < len(letters) and word[0] == letters[at]:
            at += 1
        elif word not in _LOWER_IN_ORGANIZATION:
            return False
    return at == len(letters)


def is_initials_of(short: str, full: str) -> bool:
    """Tell whether capitals are a person's initials ("KNH" for Kaisu Nieminen-Hägg)."""
    letters = fold(short.replace(".", "").replace(" ", ""))
    if not 2 <= len(letters) <= 4 or not short.replace(".", "").replace(" ", "").isupper():
        return False
    words = name_words(full)
    parts = [p for w in words for p in w.split("-") if p]
    return letters in ("".join(w[0] for w in words), "".join(p[0] for p in parts))
