"""Prints how well quotations are found and attributed.

usage: python -m benchmarks.quotations --polnear DIR --newscorpus DIR [--model NAME] [--part train]

PolNeAR: (a) attributions whose content holds quotation marks (gold cut to what they enclose),
(b) attributions of speech without marks, (c) all. A found row that answers an attribution of
another group is neither right nor wrong there, but for the strict rows of (b); rows flagged
negated or hypothetical are left out.
The last rows of a group are the second annotator against the first. News corpus: the dev fifth.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from benchmarks.quotations.news import gold_text
from benchmarks.quotations.polnear import read_polnear
from benchmarks.quotations.rows import Attribution, Text
from benchmarks.quotations.score import (
    Counts,
    calibration_error,
    count,
    is_counted,
    match,
    reliability,
)
from benchmarks.quotations.systems import SYSTEMS
from benchmarks.table import print_table
from training.newscorpus_reader import NewsArticle, read_articles
from training.quotations.parsed import parse_texts
from training.quotations.speakers import is_speaker
from transforms.nlp.load import BUNDLED, load_pipeline

STRICT = "b: every other row wrong"
IN_MARKS = frozenset(["direct", "mixed"])
ALL_FOUND = frozenset(["direct", "mixed", "indirect"])
GROUPS = {
    "a: with marks": (frozenset(["marked"]), IN_MARKS),
    "b: speech without": (frozenset(["speech"]), frozenset(["indirect"])),
    STRICT: (frozenset(["speech"]), frozenset(["indirect"])),
    "c: all": (frozenset(["marked", "speech", "other"]), ALL_FOUND),
}
NEWS_GROUPS = {
    "direct, mixed": (IN_MARKS, IN_MARKS),
    "indirect": (frozenset(["indirect"]), frozenset(["indirect"])),
    "all": (ALL_FOUND, ALL_FOUND),
}
HEADER = ["corpus and group", "system", "gold", "found", "exact F1", "P .8", "R .8", "F1 .8",
          "P .5", "R .5", "F1 .5", "source", "src exact", "end to end"]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--polnear", type=Path, help="folder with train/ and dev/")
    parser.add_argument("--newscorpus", type=Path, help="folder of the news corpus")
    parser.add_argument("--model", default=BUNDLED)
    parser.add_argument("--part", default="dev", choices=["dev", "train"])
    parser.add_argument("--system", action="append", choices=list(SYSTEMS))
    options = parser.parse_args()
    nlp = load_pipeline(options.model)
    systems = options.system or list(SYSTEMS)
    rows: list[list[str]] = []
    if options.polnear:
        rows += polnear_rows(nlp, options.polnear, options.part, systems)
    news: list[Result] = []
    if options.newscorpus:
        articles = [
            a for a in read_articles(options.newscorpus) if a.is_dev == (options.part == "dev")
        ]
        news = news_results(nlp, articles, systems)
        rows += [_row(f"news {group}", name, counts) for group, name, counts in _counted(news)]
    print_table(HEADER, rows)
    for result in news:
        print_speakers(result)
    for result in news:
        if result.system == "newsbeam":
            print_calibration(result)


@dataclass(frozen=True)
class Result:
    """What one system found in the articles of the news corpus."""

    system: str
    articles: Sequence[NewsArticle]
    gold: Sequence[Text]
    found: Sequence[Sequence[Attribution]]


def polnear_rows(nlp: Language, folder: Path, part: str, systems: Sequence[str]) -> list[list[str]]:
    """Score the systems, and the second annotator, on PolNeAR."""
    gold = list(read_polnear(folder / part))
    docs = list(parse_texts(nlp, [t.text for t in gold]))
    first = {t.id: t for t in read_polnear(folder / "train")}
    second = list(read_polnear(folder / "train", annotator=1))
    rows = []
    for group, kinds in GROUPS.items():
        for name in systems:
            counts = Counts()
            for text, doc in zip(gold, docs, strict=True):
                found = list(SYSTEMS[name](doc))
                count(counts, text.text, text.attributions, found, kinds, group == STRICT)
            rows.append(_row(f"polnear {group}", name, counts))
        counts = Counts()
        for text in second:
            own = frozenset(["speech", "other"]) if group == STRICT else kinds[0]
            count(
                counts,
                text.text,
                first[text.id].attributions,
                text.attributions,
                (kinds[0], own),
                group == STRICT,
            )
        rows.append(_row(f"polnear {group}", "second annotator", counts))
    return rows


def news_results(
    nlp: Language, articles: Sequence[NewsArticle], systems: Sequence[str]
) -> list[Result]:
    """Run the systems over articles of the news corpus."""
    docs: list[Doc] = list(parse_texts(nlp, [a.text for a in articles]))
    gold = [gold_text(a) for a in articles]
    return [
        Result(name, articles, gold, [list(SYSTEMS[name](doc)) for doc in docs]) for name in systems
    ]


def _counted(results: Sequence[Result]) -> list[tuple[str, str, Counts]]:
    rows = []
    for group, kinds in NEWS_GROUPS.items():
        for result in results:
            counts = Counts()
            for text, found in zip(result.gold, result.found, strict=True):
                count(counts, text.text, text.attributions, found, kinds)
            rows.append((group, result.system, counts))
    return rows


def _row(group: str, system: str, counts: Counts) -> list[str]:
    right = counts.right
    matched = max(1, right["0.5"])
    return [
        group,
        system,
        str(counts.gold),
        str(counts.found),
        _percent(counts.f1(right["exact"])),
        _percent(counts.precision(right["0.8"])),
        _percent(counts.recall(right["0.8"])),
        _percent(counts.f1(right["0.8"])),
        _percent(counts.precision(right["0.5"])),
        _percent(counts.recall(right["0.5"])),
        _percent(counts.f1(right["0.5"])),
        _percent(counts.source_overlap / matched),
        _percent(counts.source_exact / matched),
        _percent(counts.f1(counts.whole)),
    ]


def print_speakers(result: Result) -> None:
    """Print the share of found quotations whose speaker's name is right, wrong, null."""
    table: dict[tuple[str, str], Counter[str]] = {}
    right = found = gold = 0
    for article, text, ours in zip(result.articles, result.gold, result.found, strict=True):
        ours = [f for f in ours if is_counted(f)]
        gold += len(text.attributions)
        found += len(ours)
        for g, f, value in match(text.text, text.attributions, ours):
            if value < 0.5:
                continue
            answer = judge_speaker(article, g, f)
            right += answer == "right"
            for key in (("all", ""), (g.kind, ""), ("", g.difficulty)):
                table.setdefault(key, Counter())[answer] += 1
    rows = []
    for (kind, difficulty), answers in sorted(table.items()):
        total = sum(answers.values())
        shares = [_percent(answers[a] / total) for a in ("right", "wrong", "null")]
        rows.append([kind or difficulty, result.system, str(total), *shares])
    print(f"\nspeakers of found quotations (IoU 0.5), {result.system}")
    print_table(["quotations", "system", "found", "right", "wrong", "null"], rows)
    f1 = 2 * right / max(1, found + gold)
    print(f"all kinds, found with the right name: F1 {_percent(f1)} ({right} of {gold})")


def judge_speaker(article: NewsArticle, gold: Attribution, found: Attribution) -> str:
    """Say whether a speaker's name is right, wrong or (wrongly) null."""
    if is_speaker(article, found.name, gold.speaker_id):
        return "right"
    return "null" if found.name is None else "wrong"


def print_calibration(result: Result) -> None:
    """Print the reliability of `confidence` in ten bins, and the expected calibration error."""
    answers = []
    for article, text, ours in zip(result.articles, result.gold, result.found, strict=True):
        ours = [f for f in ours if is_counted(f)]
        right = {
            id(f)
            for g, f, value in match(text.text, text.attributions, ours)
            if value >= 0.5 and judge_speaker(article, g, f) == "right"
        }
        answers += [(f.confidence, id(f) in right) for f in ours]
    table = reliability(answers)
    print("\ncalibration: content at IoU 0.5 and speaker right")
    print_table(
        ["confidence", "", "rows", "mean", "right"],
        [
            [f"{i / 10:.1f} to {(i + 1) / 10:.1f}", "", str(row.count),
             _percent(row.confidence), _percent(row.right)]
            for i, row in enumerate(table)
        ],
    )  # fmt: skip
    print(f"expected calibration error {calibration_error(table):.3f}")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


if __name__ == "__main__":
    main()
