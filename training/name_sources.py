"""Reads the free named-entity corpora, each brought to newsbeam's labels.

No source has all seven classes: what a source leaves out must not be taught as "no name". Its
miscellaneous names, and words of nationality in sources that do not mark them, become UNKNOWN.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from random import Random

from training.gum_names import read_gum_names
from training.names import UNKNOWN, Name, NamedText, from_words, join, map_labels
from training.newscorpus_reader import NewsArticle, read_articles
from training.places import place_label
from training.tree_corpus import gum_files

TITLE_WORDS = Path(__file__).with_name("title_words.json")
LABEL_TABLES = Path(__file__).with_name("name_labels.json")
Rows = list[tuple[list[str], list[str], str | None]]  # words, tags, the sentence as printed


def newscorpus_names(article: NewsArticle) -> NamedText:
    """Give an annotated news article's names under the model's labels."""
    named = NamedText(
        article.text,
        tuple(Name(entity.start, entity.end, entity.kind) for entity in article.entities),
    )
    return map_labels(named, label_table("newscorpus"))


def read_newscorpus(folder: Path, dev: bool) -> list[NamedText]:
    """Read the news corpus, either its training articles or the held-out fifth."""
    return [newscorpus_names(a) for a in read_articles(folder) if a.is_dev == dev]


def read_free_sources(corpora: Path) -> dict[str, list[NamedText]]:
    """Read every free corpus that names are trained on, by its name."""
    gum = [text for file in gum_files(corpora, "train") for text in read_gum_names(file)]
    return {"gum": gum} | {name: read(corpora) for name, read in READERS.items()}


def read_uner_ewt(corpora: Path) -> list[NamedText]:
    path = corpora / "uner-english-ewt" / "en_ewt-ud-train.v0-0c7ce0d.iob2"
    return convert(parse_iob2(path.read_text(encoding="utf-8")), "uner-english-ewt")


def read_wikigold(corpora: Path) -> list[NamedText]:
    path = corpora / "wikigold/data/wikigold/CONLL-format/data/wikigold.conll.txt"
    return convert(parse_columns(path.read_text(encoding="utf-8")), "wikigold")


def read_twitter(corpora: Path) -> list[NamedText]:
    folder = corpora / "broad-twitter-corpus" / "train_dev_test_conll"
    texts = [(folder / name).read_text(encoding="utf-8") for name in ("btc.train", "btc.dev")]
    rows = (row for text in texts for row in parse_columns(text))
    return convert((_without_handles(row) for row in rows), "broad-twitter-corpus")


def read_wnut(corpora: Path) -> list[NamedText]:
    names = ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated")
    texts = [(corpora / "wnut17" / name).read_text(encoding="utf-8") for name in names]
    rows = (row for text in texts for row in parse_columns(text))
    return convert((_without_handles(row) for row in rows), "wnut17")


def read_crossner(corpora: Path) -> list[NamedText]:
    folder = corpora / "crossner/ner_data/politics"
    texts = [
        (folder / f"{split}.txt").read_text(encoding="utf-8") for split in ("train", "dev", "test")
    ]
    return convert((row for text in texts for row in parse_columns(text)), "crossner")


def read_multiner(corpora: Path) -> list[NamedText]:
    text = (corpora / "multiner-cc0" / "Final_English.txt").read_text(encoding="utf-8")
    return convert(_split_sentences(parse_columns(text)), "multiner-cc0")


READERS: dict[str, Callable[[Path], list[NamedText]]] = {
    "uner-english-ewt": read_uner_ewt,
    "wikigold": read_wikigold,
    "broad-twitter-corpus": read_twitter,
    "wnut17": read_wnut,
    "crossner": read_crossner,
    "multiner-cc0": read_multiner,
}


def convert(
    rows: Iterable[tuple[list[str], list[str], str | None]], source: str
) -> list[NamedText]:
    """Bring tagged sentences to newsbeam's labels."""
    table = label_table(source)
    return [refine(map_labels(from_words(*row), table), marks_norp=False) for row in rows]


def refine(named: NamedText, marks_norp: bool) -> NamedText:
    """Tell towns from rivers and buildings, and leave what the source does not mark unknown."""
    names = [_refine(named.text, name) for name in named.names]
    if not marks_norp:
        taken = {i for name in names for i in range(name.start, name.end)}
        for match in nationality_pattern().finditer(named.text):
            if match.start() not in taken:
                names.append(Name(match.start(), match.end(), UNKNOWN))
    return NamedText(named.text, tuple(sorted(names, key=lambda name: name.start)))


def _refine(text: str, name: Name) -> Name:
    words = text[name.start : name.end]
    if name.label == "ORG" and words.lower().startswith("the "):
        return Name(name.start + 4, name.end, "ORG")
    if name.label == "PERSON":
        return without_title(text, name)
    if name.label != "PLACE":
        return name
    if label := place_label(words):
        return Name(name.start, name.end, label)
    return Name(name.start, name.end, "GPE" if " " not in words else UNKNOWN)


def without_title(text: str, name: Name) -> Name:
    """Leave a title out of a person's name (Dr Kay): the news corpus does."""
    first, _, rest = text[name.start : name.end].partition(" ")
    if rest and first in abbreviated_titles():
        return without_title(text, Name(name.end - len(rest), name.end, name.label))
    return name


@cache
def abbreviated_titles() -> frozenset[str]:
    """Read the titles that are never part of a name."""
    return frozenset(json.loads(TITLE_WORDS.read_text(encoding="utf-8"))["never in a name"])


@cache
def label_table(source: str) -> dict[str, str | None]:
    """Give the labels of a source and what they become (null: no name for us)."""
    table: dict[str, str | None] = json.loads(LABEL_TABLES.read_text(encoding="utf-8"))[source]
    return table


@cache
def nationalities() -> frozenset[str]:
    """Give words of nationality, religion and party."""
    return frozenset(json.loads(LABEL_TABLES.read_text(encoding="utf-8"))["nationalities"])


@cache
def nationality_pattern() -> re.Pattern[str]:
    """Match a word of nationality, religion or party."""
    words = sorted(nationalities(), key=lambda word: (-len(word), word))
    return re.compile(r"\b(?:" + "|".join(words) + r")\b")


def parse_columns(text: str) -> Iterator[tuple[list[str], list[str], str | None]]:
    """Yield the sentences of a file with a word and a tag a line."""
    words: list[str] = []
    tags: list[str] = []
    for line in [*text.splitlines(), ""]:
        columns = line.split()
        if len(columns) >= 2:
            words.append(columns[0])
            tags.append(columns[-1])
        elif not columns and words:
            yield words, tags, None
            words, tags = [], []


def parse_iob2(text: str) -> Iterator[tuple[list[str], list[str], str | None]]:
    """Yield the sentences of a UNER file, with the text that its comments give."""
    words: list[str] = []
    tags: list[str] = []
    printed: str | None = None
    for line in [*text.splitlines(), ""]:
        if line.startswith("# text ="):
            printed = line.partition("=")[2].strip()
        elif line and not line.startswith("#"):
            columns = line.split("\t")
            words.append(columns[1])
            tags.append(columns[2])
        elif not line and words:
            yield words, tags, printed
            words, tags, printed = [], [], None


def _without_handles(
    row: tuple[list[str], list[str], str | None],
) -> tuple[list[str], list[str], str | None]:
    """Make @names and #tags unknown: they say little about names in print."""
    words, tags, printed = row
    hidden = [
        f"B-{UNKNOWN}" if word[:1] in "@#" or words[i - 1 : i] == ["@"] else tag
        for i, (word, tag) in enumerate(zip(words, tags, strict=True))
    ]
    return words, hidden, printed


def _split_sentences(
    rows: Iterable[tuple[list[str], list[str], str | None]], most: int = 60
) -> Iterator[tuple[list[str], list[str], str | None]]:
    """Cut one long column file at full stops, or after `most` words outside names."""
    for words, tags, _ in rows:
        start = 0
        for i, word in enumerate(words):
            outside = not tags[i + 1 : i + 2] or not tags[i + 1].startswith("I-")
            if outside and (word in ".?!" or i - start >= most or i + 1 == len(words)):
                yield words[start : i + 1], tags[start : i + 1], None
                start = i + 1


def group(texts: Iterable[NamedText], random: Random, most: int = 6) -> Iterator[NamedText]:
    """Join neighbouring sentences to short texts, some of them as paragraphs."""
    rest = list(texts)
    while rest:
        size = random.randint(1, most)
        yield join(rest[:size], random.choice((" ", " ", "\n")))
        rest = rest[size:]
