"""Reads CoNLL-U treebanks (https://universaldependencies.org/format.html) into frozen rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Token:
    """One syntactic word."""

    form: str
    lemma: str
    upos: str
    xpos: str
    feats: str  # "_" where there are none
    head: int  # 1-based within the sentence; 0 for the root
    dep: str
    space_after: bool
    misc: dict[str, str]


@dataclass(frozen=True)
class Sentence:
    """A sentence, and whether a document or a paragraph starts with it."""

    doc_id: str
    tokens: tuple[Token, ...]
    starts_paragraph: bool


def read_sentences(path: str | Path) -> Iterator[Sentence]:
    """Yield the sentences of one CoNLL-U file in order."""
    with open(path, encoding="utf-8") as lines:
        yield from parse_sentences(lines)


def parse_sentences(lines: Iterable[str]) -> Iterator[Sentence]:
    """Yield the sentences of CoNLL-U lines, without empty nodes and with contractions apart."""
    doc_id, new_paragraph, rows = "", False, list[list[str]]()
    for line in lines:
        line = line.rstrip("\n")
        if line.startswith("# newdoc id"):
            doc_id, new_paragraph = line.partition("=")[2].strip(), True
        elif line.startswith("# newpar") and not line.startswith("# newpar_block"):
            new_paragraph = True
        elif line and not line.startswith("#"):
            rows.append(line.split("\t"))
        elif not line and rows:
            yield Sentence(doc_id, _tokens(rows), new_paragraph)
            new_paragraph, rows = False, []
    if rows:
        yield Sentence(doc_id, _tokens(rows), new_paragraph)


def _tokens(rows: list[list[str]]) -> tuple[Token, ...]:
    tokens: list[Token] = []
    joined_until, space_after_joined = 0, True
    for row in rows:
        misc = _misc(row[9])
        space_after = misc.get("SpaceAfter") != "No"
        if "-" in row[0]:  # a contraction: its parts follow
            joined_until, space_after_joined = int(row[0].split("-")[1]), space_after
            continue
        if "." in row[0]:
            continue
        form, lemma, upos, xpos, feats = row[1:6]
        token = Token(form, lemma, upos, xpos, feats, int(row[6]), row[7], space_after, misc)
        if int(row[0]) < joined_until:
            token = replace(token, space_after=False)
        elif int(row[0]) == joined_until:
            token = replace(token, space_after=space_after_joined)
        tokens.append(token)
    return tuple(tokens)


def _misc(column: str) -> dict[str, str]:
    if column == "_":
        return {}
    return dict(part.split("=", 1) for part in column.split("|") if "=" in part)
