"""What a line break is, in one place: everything `str.splitlines` breaks at."""

import re
from collections.abc import Iterator

LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_BREAK = re.compile(f"[{LINE_BREAKS}]+")


def has_line_break(text: str) -> bool:
    """Tell whether a text holds any line break."""
    return _BREAK.search(text) is not None


def iter_paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every paragraph: a line that holds more than white space.

    The offsets leave white space at both ends out.
    """
    position = 0
    for match in _BREAK.finditer(text):
        yield from _stripped(text, position, match.start())
        position = match.end()
    yield from _stripped(text, position, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    line = text[start:end]
    left = len(line) - len(line.lstrip())
    right = len(line.rstrip())
    if left < right:
        yield start + left, start + right
