"""The nouns that describe a speaker without a name: minister, company, report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from transforms.nlp.knowledge import read_table
from transforms.nlp.names import Gender

_AGENTIVE = re.compile(
    r"[a-z-]+(?:man|woman|person|ologist|ographer|keeper|maker|owner|holder|worker|player|master|"
    r"leader|officer|driver|founder|director|secretary|president|minister|writer|chief|-general)"
)


@dataclass(frozen=True)
class Noun:
    """What a noun for people or organizations tells."""

    kind: str  # person, kin, spokes, organization, document, crowd; the first where several fit
    gender: Gender
    kinds: frozenset[str] = frozenset()  # all that fit: a developer is a person or a firm


@cache
def nouns() -> dict[str, Noun]:
    """Read the nouns that describe a speaker."""
    table: dict[str, Noun] = {}
    for kind, gender, words in read_table("roles.tsv"):
        for word in words.split():
            known = table.get(word)
            if known is not None:
                table[word] = Noun(known.kind, known.gender, known.kinds | {kind})
                continue
            sex: Gender = "f" if gender == "f" else "m" if gender == "m" else ""
            table[word] = Noun(kind, sex, frozenset((kind,)))
    return table


@lru_cache(maxsize=20_000)
def find_noun(word: str) -> Noun | None:
    """Give what a noun tells; hyphenated and compound nouns follow their last part."""
    found = nouns().get(word)
    if found is None and "-" in word:
        found = nouns().get(word.rpartition("-")[2])
    if found is None and _AGENTIVE.fullmatch(word):
        gender: Gender = "f" if word.endswith("woman") else "m" if word.endswith("man") else ""
        found = Noun("person", gender, frozenset(("person",)))
    return found
