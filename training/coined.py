"""Makes up words that sound like names of some language, by walks over the letters of real ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

ORDER = 3  # letters that the next one hangs on
LENGTHS = (4, 10)
START, END = "^" * ORDER, "$"


def coin(random: Random, follows: Mapping[str, str]) -> str:
    """Walk from letter to letter, as `letters_after` says, until a word of a fit length is out."""
    while True:
        word, state = "", START
        while (letter := random.choice(follows[state])) != END and len(word) <= LENGTHS[1]:
            word += letter
            state = (state + letter)[-ORDER:]
        if LENGTHS[0] <= len(word) <= LENGTHS[1]:
            return word.capitalize()


def letters_after(sources: Iterable[str]) -> dict[str, str]:
    """Give for each run of letters those that come next, as often as they do."""
    follows: dict[str, list[str]] = {}
    for source in sources:
        for word in source.lower().split():
            if word.isalpha():
                path = START + word + END
                for i in range(ORDER, len(path)):
                    follows.setdefault(path[i - ORDER : i], []).append(path[i])
    return {state: "".join(letters) for state, letters in follows.items()}
