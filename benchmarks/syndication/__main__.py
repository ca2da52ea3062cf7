"""How well near-duplicates are found, and how the time grows.

    python -m benchmarks.syndication [FOLDER …] [--articles 10000 100000]

Copies are made of the news corpus's articles, and of the texts (`*.txt`, a line a paragraph) below
each FOLDER: re-headed, cut, some sentences paraphrased. Originals and copies go through the
decision together; a pair is right where both are of one original. The thresholds were chosen on
PolNeAR's texts, with these kinds of changes. The sample newsroom has one story that three outlets
tell. Then synthetic articles, a third of them copies, go through the transform on the local runner.
"""

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from math import log
from pathlib import Path

import apache_beam as beam

from benchmarks.syndication.copies import LEVELS, Changes, copy_of
from benchmarks.table import print_table
from pipeline.newsroom.content import load_articles
from pipeline.runners import beam_options
from schemas.story import SignedArticle
from tests.rows import article
from training.newscorpus_reader import read_articles
from transforms.state import hash_of
from transforms.syndication.clusters import (
    Member,
    candidate_pairs,
    deal,
    decide,
    decide_alone,
    is_match,
    make_entries,
)
from transforms.syndication.group_articles import GroupArticles, sign_article

NEWS = Path(__file__).parents[2] / "training" / "newscorpus"
START = datetime(2026, 3, 1, tzinfo=UTC)
STORY = ("c07", "m02", "t02")  # of the sample newsroom: one agency text, printed by three outlets
FEWEST_PARAGRAPHS = 4
VOCABULARY, WORDS = 20_000, 300  # of synthetic articles


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--articles", nargs="*", type=int, default=[10_000, 100_000])
    arguments = parser.parse_args()
    rows = list(judge_corpus("news corpus", list(news_texts())))
    for folder in arguments.folders:
        rows += judge_corpus(folder.name, list(plain_texts(folder)))
    rows.append(judge_newsroom())
    print_table(("texts", "copies", "texts", "pairs", "found", "precision", "recall"), rows)
    print()
    print_table(*measure(arguments.articles))


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


def sign(key: str, paragraphs: Sequence[str], number: int) -> SignedArticle:
    """An article's signature; later ones come later."""
    return sign_article(
        article(
            article_id=key,
            title=paragraphs[0],
            text_content="\n".join(paragraphs),
            ingested_at=START + timedelta(seconds=number),
        )
    )


def stories(signed: Sequence[SignedArticle]) -> dict[str, str]:
    """Story of each article, by the functions that the transform calls."""
    members = {hash_of(item.article_id): Member(item, is_new=True) for item in signed}
    blocks: dict[int, list[bytes]] = {}
    for place, block in deal(make_entries(list(members.values()))):
        blocks.setdefault(place, []).append(block)
    edges = {pair for found in blocks.values() for pair in candidate_pairs(found)}
    pairs = [(members[one], members[other]) for one, other in sorted(edges)]
    story = {item.article_id: decide_alone(item).cluster_id for item in signed}
    for decision in decide(pair for pair in pairs if is_match(*pair)):
        story[decision.article_id] = decision.cluster_id
    return story


def pairs_of(story: dict[str, str]) -> set[tuple[str, str]]:
    groups: dict[str, list[str]] = {}
    for key, cluster in story.items():
        groups.setdefault(cluster, []).append(key)
    return {pair for keys in groups.values() for pair in combinations(sorted(keys), 2)}


def measure(counts: Sequence[int]) -> tuple[list[str], list[list[str]]]:
    """CPU time of signing and of the transform, and the exponent of its growth."""
    rows: list[list[str]] = []
    last: tuple[int, float] | None = None
    for count in counts:
        start = time.process_time()
        signed = [sign(f"{n}", text, n) for n, text in enumerate(synthetic(count))]
        signing = time.process_time() - start
        start = time.process_time()
        with beam.Pipeline(options=beam_options((), 1)) as root:
            grouped = root | "Signed" >> beam.Create(signed, reshuffle=False) | GroupArticles()
            _ = grouped["decisions"] | beam.combiners.Count.Globally()
        grouping = time.process_time() - start
        slope = f"{log(grouping / last[1]) / log(count / last[0]):.2f}" if last else ""
        last = (count, grouping)
        each = f"{1e3 * (signing) / count:.2f}", f"{1e3 * grouping / count:.2f}"
        rows.append([f"{count}", f"{signing:.1f}", f"{grouping:.1f}", *each, slope])
    header = ["articles", "signing CPU s", "grouping CPU s", "ms each", "ms each", "exponent"]
    return header, rows


def synthetic(count: int) -> Iterator[list[str]]:
    """Texts of random words, a third of them a copy of an earlier one with a twentieth changed."""
    chance = random.Random(1)
    words = [f"w{number}" for number in range(VOCABULARY)]
    weights = [1 / (number + 10) for number in range(VOCABULARY)]
    earlier: list[list[str]] = []
    for _ in range(count):
        if earlier and chance.random() < 1 / 3:
            text = list(chance.choice(earlier))
            for place in chance.sample(range(WORDS), WORDS // 20):
                text[place] = chance.choice(words)
        else:
            text = chance.choices(words, weights, k=WORDS)
            if len(earlier) < 1_000:
                earlier.append(text)
            else:
                earlier[chance.randrange(1_000)] = text
        yield ["Headline", " ".join(text)]


if __name__ == "__main__":
    main()
