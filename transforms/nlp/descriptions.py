"""What a document says that its people and organizations are: offices, trades, kin, ages."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from spacy.tokens import Doc

from transforms.nlp.entities import Name
from transforms.nlp.knowledge import read_table
from transforms.nlp.names import titles_before
from transforms.nlp.role_nouns import find_noun, nouns

_COLUMNS: list[int | str] = ["IDX", "LENGTH", "POS", "DEP", "SENT_START", "HEAD"]
_NO_TOKENS = np.zeros((0, 6), dtype="uint64")
MAX_TOKENS = 14  # of one description
_PREPOSITIONS = frozenset(
    ("of", "for", "at", "in", "with", "to", "from", "on", "behind", "by", "near", "since", "under")
)
_RELATIVES = frozenset(("who", "whose", "which", "that", "where", "and", "but", "or", "when"))
_STOPS = frozenset(',.;:!?()[]“”"«»‘—–…')
_DETERMINERS = frozenset(
    ("the", "a", "an", "its", "his", "her", "their", "our", "my", "this", "another", "one")
)
_COPULAS = frozenset(("is", "was", "became", "becomes", "remains"))
_AGE = re.compile(r"\d{1,3}")
_AGE_NOUN = re.compile(r"(\d{1,3})-year-old")
_NOMINAL_TAGS = frozenset(("NOUN", "PROPN", "ADJ", "NUM", ""))
_KINDS = {
    "PERSON": frozenset(("person", "kin", "spokes")),
    "ORG": frozenset(("organization",)),
}
_VERBAL_TAGS = frozenset(("VERB", "AUX"))


@dataclass(frozen=True)
class Description:
    """A phrase that says what an entity is."""

    start: int  # first character
    end: int  # one past the last
    head: str  # the noun, in lower case: "minister"
    words: frozenset[str]  # all its words in lower case
    place: str  # title, before, apposition, relative, copula


@cache
def role_verbs(file: str) -> dict[str, tuple[str, ...]]:
    """Read which roles a verb says of its subject: chairs → chair."""
    table: dict[str, tuple[str, ...]] = {}
    for role, verbs in read_table(file):
        for verb in verbs.split():
            table[verb] = (*table.get(verb, ()), role)
    return table


class Tokens:
    """The words of a document as plain lists, for quick looking around."""

    def __init__(self, doc: Doc, text: str) -> None:
        strings = doc.vocab.strings
        columns = doc.to_array(_COLUMNS) if len(doc) else _NO_TOKENS
        starts, lengths, tags, deps, opens, heads = columns.astype("int64").T.tolist()
        names = {tag: strings[tag % 2**64] if tag else "" for tag in {*tags, *deps}}
        self.starts: list[int] = starts
        self.texts = [text[i : i + n] for i, n in zip(starts, lengths, strict=True)]
        self.lower = [word.lower() for word in self.texts]
        self.tags = [names[tag] for tag in tags]
        self.deps = [names[dep] for dep in deps]
        self.opens_sentence = [value == 1 for value in opens]
        self.heads = [i + offset for i, offset in enumerate(heads)]

    def __len__(self) -> int:
        return len(self.starts)

    def index_at(self, char: int) -> int:
        """Give the index of the first token that starts at `char` or behind it."""
        return bisect_left(self.starts, char)

    def end(self, index: int) -> int:
        """Give one past the last character of a token."""
        return self.starts[index] + len(self.texts[index])

    def stops(self, index: int) -> bool:
        """Tell whether a token ends a phrase: punctuation, a line break, a quotation mark."""
        return (
            not 0 <= index < len(self.starts)
            or self.texts[index] in _STOPS
            or (self.texts[index].isspace())
        )


def describe(text: str, tokens: Tokens, name: Name) -> tuple[list[Description], int | None]:
    """Find the descriptions around one place of a name, and the age it gives."""
    first = tokens.index_at(name.start)
    last = tokens.index_at(name.end)  # the token behind the name
    title_start, _ = titles_before(text, name.start) if name.label == "PERSON" else (name.start, ())
    found = [
        Description(title_start, name.start, role, frozenset(role.split()), "title")
        for role in name.roles
    ]
    found += _before(text, tokens, _before_titles(tokens, title_start, first))
    age, behind = _age_behind(tokens, last)
    found += _behind(text, tokens, behind)
    if age is None:
        ages = (_AGE_NOUN.search(text[d.start : d.end]) for d in found if d.place != "title")
        age = next((int(match[1]) for match in ages if match), None)
    return found, age


def _before_titles(tokens: Tokens, title_start: int, first: int) -> int:
    """Give the token where a name begins with its titles: "the moderator, | the Rev. Amina Orr"."""
    at = min(first, tokens.index_at(title_start))
    return at - 1 if at < first and at > 1 and tokens.lower[at - 1] == "the" else at


def _before(text: str, tokens: Tokens, first: int) -> Iterator[Description]:
    """Read "coach" of "coach Orr", and "its secretary" of "its secretary, Amina Orr"."""
    if first <= 0:
        return
    if tokens.texts[first - 1] == ",":
        at = first - 2
        place = "apposition"
    else:
        at = first - 1
        place = "before"
    low = at
    while low >= max(0, at - MAX_TOKENS) and not tokens.stops(low):
        if place == "before" and tokens.lower[low] in _PREPOSITIONS:
            break
        if tokens.tags[low] in _VERBAL_TAGS or tokens.lower[low] in _RELATIVES:
            joins = place == "apposition" and tokens.lower[low] == "and"
            if not (joins and tokens.texts[low + 1][0].isupper()):
                break  # "the minister for Livestock and Fisheries, Amina Orr"
        if tokens.lower[low] in _DETERMINERS:
            low -= 1
            if tokens.lower[low + 1] == "the" or place == "before":
                inner = _has_preposition(tokens, low - 1, low)
                if not (inner and place == "apposition"):
                    break
                continue
            break
        low -= 1
    description = _phrase(text, tokens, low + 1, at + 1, place)
    if description is not None:
        yield description


def _has_preposition(tokens: Tokens, low: int, high: int) -> bool:
    return any(
        0 <= i < len(tokens) and tokens.lower[i] in _PREPOSITIONS for i in range(low, high + 1)
    )


def _phrase(text: str, tokens: Tokens, low: int, high: int, place: str) -> Description | None:
    """Make a description of the tokens low to high where their head is a noun for a speaker."""
    while low < high and (
        tokens.lower[low] in _PREPOSITIONS
        or tokens.lower[low] in ("'s", "’s")
        or not tokens.lower[low][0].isalnum()
    ):
        low += 1
    if low >= high:
        return None
    head = _head(tokens, low, high)
    if head is None:
        return None
    start, end = tokens.starts[low], tokens.end(high - 1)
    words = frozenset(w for w in tokens.lower[low:high] if w[0].isalnum())
    return Description(start, end, _head_text(tokens, head, low), words, place)


def _head(tokens: Tokens, low: int, high: int) -> int | None:
    """Give the token of the head noun: the last known noun before the first preposition."""
    limit = high
    for i in range(low + 1, high):
        if tokens.lower[i] in _PREPOSITIONS or tokens.lower[i] in _RELATIVES:
            limit = i
            break
    for i in range(limit - 1, max(low, limit - 4) - 1, -1):
        if find_noun(tokens.lower[i]) is not None:
            return i
        if tokens.tags[i] not in _NOMINAL_TAGS and tokens.texts[i] != "-":
            return None
    return None


def _head_text(tokens: Tokens, head: int, low: int) -> str:
    text = tokens.lower[head]
    if head - 2 >= low and tokens.texts[head - 1] == "-":
        whole = tokens.lower[head - 2] + "-" + text
        if whole in nouns():
            return whole
    return text


def _age_behind(tokens: Tokens, at: int) -> tuple[int | None, int]:
    """Read "54" of "Orr, 54," and give the token behind it."""
    if at + 1 < len(tokens) and tokens.texts[at] in (",", "(", "-"):
        after = at + 1
        if tokens.lower[after] in ("aged", "now"):
            after += 1
        if after < len(tokens) and _AGE.fullmatch(tokens.texts[after]):
            closes = after + 1 >= len(tokens) or tokens.texts[after + 1] in (
                ",",
                ")",
                ".",
                ";",
                "”",
            )
            if closes:
                return int(tokens.texts[after]), after + 1
    return None, at


def _behind(text: str, tokens: Tokens, at: int) -> Iterator[Description]:
    """Read what stands behind a name: ", the minister", ", who chairs …", "is a farmer"."""
    if at + 1 >= len(tokens):
        return
    if tokens.texts[at] == ",":
        after = at + 1
        if tokens.lower[after] == "who":
            yield from _relative(tokens, after + 1)
            return
        yield from _noun_phrase_behind(text, tokens, after, "apposition")
    elif tokens.lower[at] in _COPULAS and tokens.lower[at + 1] in _DETERMINERS:
        yield from _noun_phrase_behind(text, tokens, at + 1, "copula")
    elif tokens.lower[at] == "who":
        yield from _relative(tokens, at + 1)
    elif tokens.tags[at] in _VERBAL_TAGS:
        after = at + 1 if tokens.tags[at] == "AUX" else at
        for role in role_verbs("subject_verbs.tsv").get(tokens.lower[after], ()):
            start, end = tokens.starts[after], tokens.end(after)
            yield Description(start, end, role, frozenset((role,)), "verb")


def _relative(tokens: Tokens, at: int) -> Iterator[Description]:
    for i in range(at, min(at + 4, len(tokens))):
        for role in role_verbs("relative_verbs.tsv").get(tokens.lower[i], ()):
            high = i + 1
            while high < min(i + MAX_TOKENS, len(tokens)) and not tokens.stops(high):
                high += 1
            words = frozenset(w for w in tokens.lower[i:high] if w[0].isalnum()) | {role}
            yield Description(tokens.starts[i], tokens.end(high - 1), role, words, "relative")


def _noun_phrase_behind(text: str, tokens: Tokens, low: int, place: str) -> Iterator[Description]:
    high = low
    while high < min(low + MAX_TOKENS, len(tokens)) and not tokens.stops(high):
        if tokens.lower[high] in _RELATIVES or tokens.tags[high] in _VERBAL_TAGS:
            break
        high += 1
    description = _phrase(text, tokens, low, high, place)
    if description is not None and high - low > 0:
        yield description


def describe_entities(
    text: str, tokens: Tokens, groups: Sequence[Sequence[Name]]
) -> list[tuple[tuple[Description, ...], frozenset[int]]]:
    """Give the descriptions and ages of each entity, from all places of its names."""
    result = []
    for names in groups:
        descriptions: list[Description] = []
        ages: set[int] = set()
        for name in names:
            if name.label in _KINDS:
                found, age = describe(text, tokens, name)
                descriptions += [d for d in found if _fits(d, name.label)]
                if age is not None:
                    ages.add(age)
        result.append((tuple(descriptions), frozenset(ages)))
    return result


def _fits(description: Description, label: str) -> bool:
    noun = find_noun(description.head)
    kinds = noun.kinds if noun is not None else frozenset(("person",))
    return bool(kinds & _KINDS[label])


def best_role(text: str, descriptions: Sequence[Description]) -> str | None:
    """Choose the phrase that says best what an entity is: "the harbour minister"."""
    order = {"apposition": 0, "before": 1, "copula": 2}
    usable = [d for d in descriptions if d.place in order]
    if usable:
        best = min(usable, key=lambda d: (order[d.place], d.start))
        return " ".join(text[best.start : best.end].split())
    for description in descriptions:
        if description.place == "title" and description.head != "doctor":
            return " ".join(text[description.start : description.end].split())
    return None
