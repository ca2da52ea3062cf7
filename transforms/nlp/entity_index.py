"""Finding the entities that a name may fit without looking at all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from transforms.nlp.names import fold, name_words, organization_words

T = TypeVar("T")


class Index(Generic[T]):
    """Things under several keys each; found again in the order in which they were added."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[int, None]] = {}
        self._things: list[T] = []
        self._number_of: dict[int, int] = {}

    def add(self, thing: T, keys: Iterable[str]) -> None:
        """Put a thing under keys, besides those it has."""
        number = self._number_of.setdefault(id(thing), len(self._things))
        if number == len(self._things):
            self._things.append(thing)
        for key in keys:
            self._numbers.setdefault(key, {})[number] = None

    def find(self, keys: Iterable[str]) -> list[T]:
        """Give the things under any of the keys."""
        numbers = sorted({n for key in keys for n in self._numbers.get(key, ())})
        return [self._things[number] for number in numbers]


def person_keys(name: str) -> set[str]:
    """Give the keys under which a person's name is found: words, a clipped given name, initials."""
    words = name_words(name)
    keys = set(words) | {word.partition("-")[0] for word in words}
    if words:
        keys.add("^" + words[0][:3])
        keys.add("~" + "".join(word[0] for word in words))
        keys.add("~" + "".join(p[0] for word in words for p in word.split("-") if p))
    keys.add("~" + fold(name.replace(".", "").replace(" ", "")))
    return keys


def organization_keys(name: str) -> set[str]:
    """Give the keys under which an organization's name is found: words, and first letters."""
    words = organization_words(name)
    letters = {word[0] for word in words[:2]}
    return set(words) | {"~" + letter for letter in letters}
