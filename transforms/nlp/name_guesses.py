"""Names that the recognizer missed and that their own words give away."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.nlp.name_signs import places
from transforms.nlp.name_spans import NameSpan, holds_organization_word, trim
from transforms.nlp.names import fold
from transforms.nlp.role_nouns import find_noun

_RUN = re.compile(
    r"[^\W\d_a-z][\w’'‘-]*"
    r"(?: (?:[^\W\d_a-z][\w’'‘-]*|(?:of|for|and|&|de|del|du|van|der|al)(?= [^\W\d_a-z])))*"
)


def guess_names(text: str, spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Find runs of capital words, away from sentence starts, that are surely names."""
    ordered = sorted(spans)
    found: list[NameSpan] = []
    next_span = 0
    for match in _RUN.finditer(text):
        while next_span < len(ordered) and ordered[next_span].end <= match.start():
            next_span += 1
        if next_span < len(ordered) and ordered[next_span].start < match.end():
            continue
        guess = _guess(text, match.start(), match.end())
        if guess is not None:
            found.append(guess)
    return found


def _guess(text: str, start: int, end: int) -> NameSpan | None:
    opens = _opens_sentence(text, start)
    trimmed = trim(text, start, end)
    if trimmed is None or (text[start:end].isupper() and " " in text[start:end]):
        return None
    name = text[trimmed[0] : trimmed[1]]
    words = name.split()
    if places().get(fold(name)) and not (opens and len(words) == 1):
        return NameSpan(*trimmed, "GPE")
    if len(words) < 2:
        return None
    if holds_organization_word(name) and not opens and not _holds_role(words):
        return NameSpan(*trimmed, "ORG")
    return None


def _holds_role(words: Sequence[str]) -> bool:
    """Tell whether an office stands among the words: "CEO of Mauritius Telecom"."""
    return any((n := find_noun(fold(w).strip("."))) and "person" in n.kinds for w in words)


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 3) : start].rstrip(" \t\u00a0")
    return not before or before[-1] in '.!?:;\n\r"“”‘«»•*–—-('
