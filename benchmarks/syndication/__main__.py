"""How well near-duplicates are found, and how the time grows.

    python -m benchmarks.syndication [FOLDER …] [--articles 10000 100000] [--without-texts]

Copies are made of the news corpus's articles, and of the texts (`*.txt`, a line a paragraph) below
each FOLDER: re-headed, cut, some sentences paraphrased. Originals and copies go through the
decision together; a pair is right where both are of one original. The thresholds were chosen on
PolNeAR's texts, with these kinds of changes. The sample newsroom has one story that three outlets
tell. Then synthetic articles, a third of them copies, go through the transform on the local
runner: by their texts, or, where there are very many, as signatures made up (`--without-texts`).
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

from benchmarks.syndication.copies import LEVELS, Changes, copy_of
from benchmarks.syndication.growth import HEADER, measure
from benchmarks.syndication.signing import sign
from benchmarks.table import print_table
from pipeline.newsroom.content import load_articles
from schemas.story import SignedArticle
from training.newscorpus_reader import read_articles
from transforms.streaming.window_stories import group_window
from transforms.syndication.known import KnownSignatures

NEWS = Path(__file__).parents[2] / "training" / "newscorpus"
STORY = ("c07", "m02", "t02")  # of the sample newsroom: one agency text, printed by three outlets
FEWEST_PARAGRAPHS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--articles", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--without-texts", action="store_true", help="signatures alone, made up")
    arguments = parser.parse_args()
    rows = list(judge_corpus("news corpus", list(news_texts())))
    for folder in arguments.folders:
        rows += judge_corpus(folder.name, list(plain_texts(folder)))
    rows.append(judge_newsroom())
    print_table(("texts", "copies", "texts", "pairs", "found", "precision", "recall"), rows)
    print()
    print_table(HEADER, measure(arguments.articles, with_texts=not arguments.without_texts))


def news_texts() -> Iterator[list[str]]:
    for item in read_articles(NEWS):
        paragraphs = item.text.split("\n")
        if len(paragraphs) >= FEWEST_PARAGRAPHS:
            yield paragraphs


def plain_texts(folder: Path) -> Iterator[list[str]]:
    for path in sorted(folder.rglob("*.txt")):
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        paragraphs = [line.strip() for line in lines if line.strip()]
        if len(paragraphs) >= FEWEST_PARAGRAPHS:
            yield paragraphs


def judge_corpus(name: str, texts: Sequence[list[str]]) -> Iterator[list[str]]:
    for changes in LEVELS:
        yield judge(name, texts, changes)


def judge(name: str, texts: Sequence[list[str]], changes: Changes) -> list[str]:
    """Precision and recall of pairs among the texts and a copy of each."""
    chance = random.Random(changes.name)
    signed, story = [], {}
    for number, text in enumerate(texts):
        for kind, version in (("a", text), ("b", copy_of(text, changes, chance))):
            key = f"{kind}{number}"
            story[key] = number
            signed.append(sign(key, version, len(signed)))
    found = pairs_of(stories(signed))
    gold = {(f"a{number}", f"b{number}") for number in range(len(texts))}
    return scores(name, changes.name, len(signed), gold, found)


def judge_newsroom() -> list[str]:
    """The sample newsroom's first edition."""
    signed = []
    for item in load_articles().values():
        text = [item.headline, *item.paragraphs]
        signed.append(sign(item.article_id, text, len(signed)))
    gold = set(combinations(STORY, 2))
    return scores("sample newsroom", "as printed", len(signed), gold, pairs_of(stories(signed)))


def scores(
    name: str, kind: str, texts: int, gold: set[tuple[str, str]], found: set[tuple[str, str]]
) -> list[str]:
    right = len(gold & found)
    precision, recall = right / max(1, len(found)), right / len(gold)
    counts = [str(texts), str(len(gold)), str(len(found))]
    return [name, kind, *counts, f"{precision:.1%}", f"{recall:.1%}"]


def stories(signed: Sequence[SignedArticle]) -> dict[str, str]:
    """Story of each article, as a window of a stream finds it: by the transform's functions."""
    _, remembered = group_window(signed, KnownSignatures())
    rows = [row for part in remembered for row in part.table.to_pylist()]
    return {row["article_id"]: row["cluster_id"] for row in rows}


def pairs_of(story: dict[str, str]) -> set[tuple[str, str]]:
    groups: dict[str, list[str]] = {}
    for key, cluster in story.items():
        groups.setdefault(cluster, []).append(key)
    return {pair for keys in groups.values() for pair in combinations(sorted(keys), 2)}


if __name__ == "__main__":
    main()
