"""Reads PolNeAR (brat standoff) and sorts its attributions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.quotations.rows import Attribution, Span, Text, trimmed

SPEECH_CUES = frozenset(
    (Path(__file__).parent / "speech_cues.txt").read_text(encoding="utf-8").split()
)
_MARK = re.compile("[“”\"]|''|``")


def read_polnear(folder: Path, annotator: int = 0) -> Iterator[Text]:
    """Yield the texts of a part (train, dev) with their first (or second) annotation."""
    by_text: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((folder / "attributions").glob("*.ann")):
        by_text[path.stem.rpartition("_")[0]].append(path)
    for name, paths in by_text.items():
        if annotator < len(paths):
            text = (folder / "text" / f"{name}.txt").read_bytes().decode("utf-8")
            yield Text(name, text, tuple(_attributions(paths[annotator], text)))


def _attributions(path: Path, text: str) -> Iterator[Attribution]:
    parts: dict[str, tuple[str, tuple[Span, ...]]] = {}
    events: list[dict[str, list[str]]] = []
    for line in path.read_bytes().decode("utf-8").split("\n"):
        fields = line.split("\t")
        if len(fields) < 2:
            continue
        if line.startswith("T"):
            kind, _, offsets = fields[1].partition(" ")
            spans = tuple(_span(part) for part in offsets.split(";"))
            parts[fields[0]] = (kind, spans)
        elif line.startswith("E"):
            event: dict[str, list[str]] = defaultdict(list)
            for item in fields[1].split():
                role, _, target = item.partition(":")
                event[role.rstrip("0123456789")].append(target)
            events.append(event)
    for event in events:
        content = _joined(parts, event["Content"])
        if content:
            cue = _joined(parts, event["Cue"])
            yield sort_attribution(text, content, cue, _joined(parts, event["Source"]))


def _span(words: str) -> Span:
    start, end = words.split()
    return int(start), int(end)


def _joined(parts: dict[str, tuple[str, tuple[Span, ...]]], ids: list[str]) -> tuple[Span, ...]:
    return tuple(sorted(span for i in ids for span in parts[i][1]))


def sort_attribution(
    text: str, content: tuple[Span, ...], cue: tuple[Span, ...], source: tuple[Span, ...]
) -> Attribution:
    """Say whether an attribution has marks (its content is then what they enclose) or is speech."""
    low = text.rfind("\n", 0, content[0][0]) + 1
    high = text.find("\n", content[-1][1])
    enclosed = list(inside_marks(text, low, high if high >= 0 else len(text)))
    inside = tuple(
        span
        for start, end in content
        for first, last in enclosed
        for span in _nonempty(text, max(start, first), min(end, last))
    )
    if inside:
        return Attribution(inside, source, "marked")
    words = {w.strip(".,:;").lower() for start, end in cue for w in text[start:end].split()}
    kind = "speech" if words & SPEECH_CUES else "other"
    return Attribution(tuple(trimmed(text, s) for s in content), source, kind)


def inside_marks(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield what stands inside double marks, paragraph by paragraph: marks taken in turn."""
    position = start
    for line in text[start:end].splitlines(keepends=True):
        opened: int | None = None
        for match in _MARK.finditer(line):
            if opened is None and match.group() != "”":
                opened = match.end()
            elif opened is not None and match.group() not in ("“", "``"):
                yield position + opened, position + match.start()
                opened = None
        if opened is not None:
            yield position + opened, position + len(line.rstrip())
        position += len(line)


def _nonempty(text: str, start: int, end: int) -> Iterator[Span]:
    start, end = trimmed(text, (start, end)) if start < end else (0, 0)
    if start < end:
        yield start, end
