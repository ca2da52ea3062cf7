"""Bylines: one name a person, without "By", addresses and job titles."""

from __future__ import annotations

import re
from collections.abc import Iterable

from transforms.extract.rules import rules
from transforms.web.markup import strip_markup

_MAX_LENGTH = 80
_MAX_AUTHORS = 20
_ADDRESS = re.compile(r"\(?<?\S+@\S+\.\w+>?\)?|https?://\S+|www\.\S+|@\w+")
_SEPARATOR = re.compile(
    r"\s*(?:;|\||\band\b|\bund\b|\bet\b|&|\by\b(?=\s[A-Z])|,(?!\s*(?:Jr|Sr|II|III|M\.?D|Ph\.?D)\b))\s*"
)
_PARENTHESIS = re.compile(r"\s*\([^()]*\)\s*$")
_EMAIL_WITH_NAME = re.compile(r"^\S+@\S+\.\w+\s*\(([^()]+)\)$")  # the RSS author element


def clean_authors(bylines: Iterable[str]) -> tuple[str, ...]:
    """Names from bylines in the order of mention, without repeats."""
    names: dict[str, str] = {}
    for byline in bylines:
        for name in _names(strip_markup(byline)):
            names.setdefault(name.casefold(), name)
    people = [name for key, name in names.items() if key not in rules().houses]
    return tuple(people or names.values())[:_MAX_AUTHORS]


def _names(byline: str) -> Iterable[str]:
    named = _EMAIL_WITH_NAME.match(byline)
    byline = named[1] if named else _ADDRESS.sub(" ", byline)
    byline = rules().author_prefixes.sub("", " ".join(byline.split()))
    for part in _SEPARATOR.split(byline):
        if rules().author_titles.match(part.strip()):
            continue
        name = _without_suffix(part)
        name = _PARENTHESIS.sub("", rules().author_prefixes.sub("", name)).strip(" ,.;:-–—|/\"'“”")
        if _is_name(name):
            yield name


def _without_suffix(part: str) -> str:
    """The part without a title or house behind the name, unless that is all there is."""
    name = rules().author_suffixes.sub("", f" {part}").strip()
    return part if name.casefold() in (*rules().nobodies, "") else name


def _is_name(text: str) -> bool:
    if not text or len(text) > _MAX_LENGTH or text.casefold() in rules().nobodies:
        return False
    return text[0].isalpha() and sum(c.isdigit() for c in text) <= 1 and len(text.split()) <= 8
