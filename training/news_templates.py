"""Fills the news templates with made-up names: short texts whose context tells the class."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random

from training.name_pools import Namer, cities
from training.names import Name, NamedText, join

TEMPLATES = Path(__file__).with_name("news_templates.txt")
WORDS = Path(__file__).with_name("template_words.json")
KNOWN = 0.25  # share of the firms that are well-known organisations of any kind
HOLE = re.compile(r"\{(\w+)\}")
KINDS = {
    "team": "teams",
    "party": "parties",
    "agency": "agencies",
    "court": "courts",
    "university": "universities",
    "media": "media",
    "group": "groups",
}


UPPER = {"upper_person": "p", "upper_surname": "s", "upper_town": "t"}
UNLABELLED = {"language": "languages", "money": "money", "title": "titles", "feast": "feasts"}


def read_templates() -> tuple[str, ...]:
    """Read the templates, without comments."""
    lines = TEMPLATES.read_text(encoding="utf-8").splitlines()
    return tuple(line.replace("|", "\n") for line in lines if line and not line.startswith("#"))


@cache
def template_words() -> dict[str, tuple[str, ...]]:
    """Read the words and patterns that fill holes."""
    table = json.loads(WORDS.read_text(encoding="utf-8"))
    return {key: tuple(values) for key, values in table.items() if key != "comment"}


def made_up_news(random: Random, nationalities: Sequence[str], copies: int) -> Iterator[NamedText]:
    """Yield texts of one to four filled templates; each template is used `copies` times."""
    templates = list(read_templates()) * copies
    random.shuffle(templates)
    while templates:
        size = random.randint(1, 4)
        filler = Filler(random, Namer(random, nationalities))
        filled = [filler.fill(template) for template in templates[:size]]
        yield join(filled, random.choice((" ", "\n")))
        templates = templates[size:]


class Filler:
    """Fills the templates of one text: people named in full come back by surname."""

    def __init__(self, random: Random, namer: Namer) -> None:
        self._random = random
        self._namer = namer
        self._surnames: list[str] = []

    def fill(self, template: str) -> NamedText:
        """Fill every hole of a template."""
        text, names, position = "", list[Name](), 0
        for hole in HOLE.finditer(template):
            text += template[position : hole.start()]
            words, label = self._words(hole.group(1))
            start = len(text) + (4 if words.startswith("the ") else 0)
            text += words
            if label:
                names.append(Name(start, len(text), label))
            position = hole.end()
        return NamedText(text + template[position:], tuple(names))

    def _words(self, hole: str) -> tuple[str, str]:
        """Give the words for a hole and their label; no label for what is no name to the model."""
        if hole in UPPER:
            words, label = self._words(UPPER[hole])
            return words.upper(), label
        if hole in KINDS:
            return self._namer.organisation(KINDS[hole]), "ORG"
        if hole in UNLABELLED:
            return self._random.choice(template_words()[UNLABELLED[hole]]), ""
        return self._person(hole) or self._place(hole) or self._other(hole)

    def _person(self, hole: str) -> tuple[str, str] | None:
        match hole:
            case "p":
                first, last = self._namer.person()
                self._surnames.append(last)
                middle = self._random.choice(("", "", "", f"{self._namer.person()[0]} "))
                return f"{first} {middle}{last}", "PERSON"
            case "s" if self._surnames and self._random.random() < 0.5:
                return self._random.choice(self._surnames), "PERSON"
            case "s":
                return self._namer.person()[1], "PERSON"
            case "f":
                return self._namer.person()[0], "PERSON"
            case "i":
                return self._namer.acronym()[: self._random.choice((2, 2, 3))], "PERSON"
        return None

    def _place(self, hole: str) -> tuple[str, str] | None:
        match hole:
            case "t":
                return self._random.choice(cities()), "GPE"
            case "c":
                return self._namer.country(), "GPE"
            case "g":
                return self._namer.place(), "GPE"
            case "l":
                return self._pattern("places"), "LOC"
            case "b":
                return self._pattern("buildings"), "FAC"
        return None

    def _other(self, hole: str) -> tuple[str, str]:
        match hole:
            case "n":
                return self._namer.nationality(), "NORP"
            case "e":
                return self._pattern("events"), "EVENT"
            case "storm":
                kind = self._random.choice(template_words()["storms"])
                return f"{kind} {self._namer.person()[0]}", "EVENT"
            case "firm" if self._random.random() < KNOWN:
                return self._namer.known_organisation(), "ORG"
            case "firm":
                return self._pattern("firms"), "ORG"
            case "surnamefirm":
                return self._namer.person()[1], "ORG"
            case "brand":
                return self._namer.brand(), "ORG"
            case "townteam":
                return self._random.choice(cities()), "ORG"
            case "letters":
                return self._namer.acronym(), "ORG"
            case "orchestra":
                return self._pattern("orchestras"), "ORG"
        raise ValueError(f"no such hole: {{{hole}}}; the holes are listed in {TEMPLATES.name}")

    def _pattern(self, kind: str) -> str:
        """Fill a pattern of the tables; {x} is a surname or a town."""
        return HOLE.sub(lambda hole: self._part(hole.group(1)), self._draw(kind))

    def _part(self, hole: str) -> str:
        match hole:
            case "x":
                return self._random.choice((self._namer.person()[1], self._random.choice(cities())))
            case "surname":
                return self._namer.person()[1]
            case "first":
                return self._namer.person()[0]
            case "town":
                return self._random.choice(cities())
            case "country":
                return self._namer.country()
            case "brand":
                return self._namer.brand()
            case "kind":
                return self._draw("kinds")
        return self._draw(hole)

    def _draw(self, kind: str) -> str:
        return self._random.choice(template_words()[kind])
