"""Reads the corpora that names are judged on: person, organization, place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from training.gum_names import read_gum_names
from training.name_sources import parse_columns, parse_iob2, read_newscorpus
from training.names import NamedText, detokenize, from_words, join
from training.tree_corpus import gum_files

TYPES = ("person", "organization", "place")
TYPE_OF = {
    "PERSON": "person",
    "PER": "person",
    "Person": "person",
    "ORG": "organization",
    "Organization": "organization",
    "GPE": "place",
    "LOC": "place",
    "Location": "place",
}


@dataclass(frozen=True)
class GoldText:
    """A text and its gold names; names of other types, or of unknown type, are in neither set."""

    text: str
    names: frozenset[tuple[int, int, str]]  # start, end, one of TYPES
    unknown: frozenset[int] = frozenset()  # characters of which the gold says nothing


def read_corpora(corpora: Path, newscorpus: Path) -> dict[str, list[GoldText]]:
    """Read every corpus there is a folder for, by name.

    `corpora` holds `free` and `evaluate-only`; of the news corpus and of GUM only what the
    bundled model was not trained on is read.
    """
    readers: dict[str, tuple[Path, Callable[[Path], list[GoldText]]]] = {
        "newscorpus dev": (newscorpus, read_news_dev),
        "worldwide-newswire": (
            corpora / "evaluate-only/worldwide-newswire/articles",
            read_newswire,
        ),
        "UNER PUD": (corpora / "free/uner-english-pud", read_uner_pud),
        "GUM news+interview": (corpora / "free/gum", read_gum_held_out),
    }
    found = {name: read(path) for name, (path, read) in readers.items() if path.is_dir()}
    if not found:
        raise FileNotFoundError(f"no corpus in {str(corpora)!r}; give the folder with free/ in it")
    return found


def read_news_dev(folder: Path) -> list[GoldText]:
    return to_gold(read_newscorpus(folder, dev=True))


def read_newswire(folder: Path) -> list[GoldText]:
    texts = []
    for path in sorted(folder.glob("*.tsv")):
        rows = parse_columns(path.read_text(encoding="utf-8"))
        sentences = [from_words(words, tags, _print(words)) for words, tags, _ in rows]
        texts.append(join(sentences, "\n"))
    return to_gold(texts)


def _print(words: list[str]) -> str:
    """Undo what this corpus's tokenizer took apart: "’ s", "U. S.", "al - Habshi", "11 - page"."""
    text, _ = detokenize(words)
    text = re.sub(r"(?<=[’'] )(?=(?:s|t|re|ve|ll|d|m)\b)", "\x00", text).replace(" \x00", "")
    text = re.sub(r"\b([A-Z]\.) (?=[A-Z]\.)", r"\1", text)
    return re.sub(r"(?<=\w) - (?=[a-z])|(?<=\b[aeu]l) - (?=\w)", "-", text)


def read_uner_pud(folder: Path) -> list[GoldText]:
    rows = parse_iob2((folder / "en_pud-ud-test.iob2").read_text(encoding="utf-8"))
    return to_gold(from_words(*row) for row in rows)


def read_gum_held_out(folder: Path) -> list[GoldText]:
    files = gum_files(folder.parent, "dev") + gum_files(folder.parent, "test")
    wanted = [file for file in files if file.stem.startswith(("GUM_news", "GUM_interview"))]
    return to_gold(text for file in wanted for text in read_gum_names(file))


def to_gold(texts: Iterable[NamedText]) -> list[GoldText]:
    """Keep the three types that are scored."""
    return [
        GoldText(
            named.text,
            frozenset(
                (n.start, n.end, TYPE_OF[n.label]) for n in named.names if n.label in TYPE_OF
            ),
            frozenset(i for n in named.names if n.label == "?" for i in range(n.start, n.end)),
        )
        for named in texts
    ]
