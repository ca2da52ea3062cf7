"""Prints an annotated article as another outlet would: marks, headline case, dateline."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from training.name_pools import cities, countries
from training.names import Name, NamedText, join

STRAIGHT = str.maketrans("“”‘’«»", '""\'\'""')
SINGLE = str.maketrans("“”", "‘’")
AGENCIES = ("Reuters", "AP", "AFP", "Xinhua", "ANA", "IPS", "PTI", "dpa", "UPI", "APA")
SMALL_WORDS = frozenset(("a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "for", "by"))


def reprint(named: NamedText, random: Random) -> NamedText:
    """Change marks, the headline's case and the dateline, each in a share of the articles."""
    draw = random.random()
    if draw < 0.35:
        named = _translated(named, STRAIGHT)
    elif draw < 0.45:
        named = _translated(named, SINGLE)
    draw = random.random()
    if draw < 0.25:
        named = with_headline(named, title_case)
    elif draw < 0.32:
        named = with_headline(named, str.upper)
    if random.random() < 0.15:
        named = with_dateline(named, random)
    return named


def with_headline(named: NamedText, change: Callable[[str], str]) -> NamedText:
    """Change the first line's case; left as it is where that would move the names."""
    head, line_break, rest = named.text.partition("\n")
    changed = change(head)
    if len(changed) != len(head):
        return named
    return NamedText(changed + line_break + rest, named.names)


def title_case(line: str) -> str:
    """Capitalise the words of a headline, but for small ones."""
    words = line.split(" ")
    return " ".join(
        word if index and word in SMALL_WORDS else word[:1].upper() + word[1:]
        for index, word in enumerate(words)
    )


def with_dateline(named: NamedText, random: Random) -> NamedText:
    """Put a town, sometimes a country and an agency, before the first paragraph."""
    head, line_break, rest = named.text.partition("\n")
    if not line_break:
        return named
    cut = len(head) + 1
    title = NamedText(head, tuple(n for n in named.names if n.end <= len(head)))
    body = NamedText(
        rest,
        tuple(Name(n.start - cut, n.end - cut, n.label) for n in named.names if n.start >= cut),
    )
    return join([title, join([_dateline(random), body], " ")], "\n")


def _dateline(random: Random) -> NamedText:
    town = random.choice(cities())
    town = town.upper() if random.random() < 0.6 else town
    text, names = town, [Name(0, len(town), "GPE")]
    if random.random() < 0.4:
        country = random.choice(countries())
        names.append(Name(len(text) + 2, len(text) + 2 + len(country), "GPE"))
        text += f", {country}"
    if random.random() < 0.5:
        agency = random.choice(AGENCIES)
        names.append(Name(len(text) + 2, len(text) + 2 + len(agency), "ORG"))
        text += f" ({agency})"
    return NamedText(text + random.choice((" —", " -", ":", " –", ", 12 May —")), tuple(names))


def _translated(named: NamedText, table: dict[int, int]) -> NamedText:
    text = named.text.translate(table)
    return NamedText(text, named.names) if len(text) == len(named.text) else named
