"""Reads the data files of the language knowledge: lists and tables with comments."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


def read_lines(name: str) -> Iterator[str]:
    """Yield the lines of a data file without comments ("# …") and empty lines."""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.rstrip("\n")


def read_table(name: str) -> Iterator[list[str]]:
    """Yield the rows of a tab-separated data file, comments left out."""
    for line in read_lines(name):
        yield line.split("\t")


@lru_cache
def word_groups(name: str) -> dict[str, frozenset[str]]:
    """Read a data file whose rows are a group's name and its words, parted by blanks."""
    return {group: frozenset(words.split()) for group, words in read_table(name)}
