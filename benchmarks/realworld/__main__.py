"""Real pages and feeds: bodies against hand-made ones beside bare trafilatura, feeds that parse.

usage: python -m benchmarks.realworld FOLDER [--run] [--keep DIR] [--details]

FOLDER holds `article-extraction-benchmark`, `feeds-miniflux` and `feeds-gofeed`. Without --run
newsbeam's functions are called directly; with it the pages are served from 127.0.0.x and the whole
`newsbeam run` works on them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import trafilatura

from benchmarks.realworld.feeds import FeedReport, check_feeds
from benchmarks.realworld.pages import GoldPage, read_pages, serve
from benchmarks.realworld.score import Overlap, compare, score
from benchmarks.table import print_table
from schemas.errors import ExtractError
from schemas.flow import Lineage
from transforms.extract_articles import extract_html


@dataclass(frozen=True)
class Result:
    """One way to get bodies."""

    name: str
    overlaps: dict[str, Overlap]  # by page
    articles: int
    cpu_s: float | None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run", action="store_true", help="measure the whole newsbeam run, too")
    parser.add_argument("--keep", type=Path, help="where the run's tables go and stay")
    parser.add_argument("--details", action="store_true", help="name pages and fields that differ")
    arguments = parser.parse_args()
    pages = read_pages(arguments.folder / "article-extraction-benchmark")
    results = [
        measure("trafilatura (bare)", pages, _bare),
        measure("newsbeam functions", pages, _own),
    ]
    if arguments.run:
        results.append(measure_run(pages, arguments.keep))
    _print_bodies(results, pages)
    if arguments.details:
        _print_worst(results[-1], pages)
    for name in ("feeds-miniflux", "feeds-gofeed"):
        _print_feeds(name, check_feeds(arguments.folder / name), details=arguments.details)


def measure(name: str, pages: list[GoldPage], extract: Callable[[GoldPage], str]) -> Result:
    """Extract every page in this process."""
    overlaps, articles, begun = {}, 0, time.process_time()
    texts = {page.stem: extract(page) for page in pages}
    cpu = time.process_time() - begun
    for page in pages:
        overlaps[page.stem] = compare(page.body, texts[page.stem])
        articles += bool(texts[page.stem])
    return Result(name, overlaps, articles, cpu)


def _bare(page: GoldPage) -> str:
    return trafilatura.extract(page.html, include_comments=False) or ""


def _own(page: GoldPage) -> str:
    try:
        article = extract_html(page.html, Lineage("benchmark", "", ""), url=page.source)
    except ExtractError:
        return ""
    return _without_headline(article.text_content, article.title)


def _without_headline(text: str, title: str | None) -> str:
    """The gold bodies have no headline; newsbeam's texts begin with it."""
    return text.removeprefix(title).removeprefix("\n") if title else text


def measure_run(pages: list[GoldPage], keep: Path | None) -> Result:
    """Let `newsbeam run` fetch, extract and write everything; read its table."""
    with tempfile.TemporaryDirectory() as scratch, serve(pages) as served:
        output = keep or Path(scratch) / "warehouse"
        feed_list = Path(scratch) / "feeds.txt"
        feed_list.write_text("\n".join(served.feeds))
        command = [sys.executable, "-m", "pipeline.cli", "run", str(feed_list)]
        command += ["--output", str(output), "--allow-network", "127.0.0.0/8"]
        subprocess.run(command, check=True)
        texts = dict(_texts(output))
        overlaps = {
            page.stem: compare(page.body, texts.get(link, ""))
            for link, page in served.pages.items()
        }
        return Result("newsbeam run", overlaps, len(texts), None)


def _texts(output: Path) -> Iterator[tuple[str, str]]:
    columns = ["original_url", "title", "text_content"]
    for row in pq.read_table(output / "articles", columns=columns).to_pylist():
        yield row["original_url"], _without_headline(row["text_content"], row["title"])


def _print_bodies(results: list[Result], pages: list[GoldPage]) -> None:
    rows = []
    for result in results:
        total = score(result.overlaps.values())
        cpu = "" if result.cpu_s is None else f"{1000 * result.cpu_s / len(pages):.1f}"
        figures = [f"{value:.4f}" for value in (total.f1, total.precision, total.recall)]
        rows.append([result.name, "", f"{result.articles}/{len(pages)}", *figures, cpu])
    print_table(["bodies", "", "articles", "F1", "precision", "recall", "CPU ms a page"], rows)


def _print_worst(result: Result, pages: list[GoldPage]) -> None:
    by_stem = {page.stem: page for page in pages}
    worst = sorted(result.overlaps.items(), key=lambda item: score([item[1]]).f1)[:25]
    rows = [
        [stem[:8], by_stem[stem].source[:70], str(o.found), str(o.surplus), str(o.missing)]
        for stem, o in worst
    ]
    print()
    print_table(["worst", "page", "found", "surplus", "missing"], rows)


def _print_feeds(name: str, report: FeedReport, *, details: bool) -> None:
    kinds = ", ".join(f"{kind} {count}" for kind, count in report.parsed.most_common())
    print(f"\n{name}: {report.parsed.total()} of {report.files} files are feeds ({kinds})")
    reasons = Counter(problem for _, problem in report.failed)
    for path, problem in report.failed:
        print(f"  no feed: {path}: {problem}")
    print(f"  malformed, read all the same: {len(report.malformed)}; no feed: {reasons.total()}")
    if report.expected:
        rows = [
            [what, "", str(report.agreed[what]), str(count)]
            for what, count in report.expected.items()
        ]
        print_table(["  as gofeed expects", "", "agree", "of"], rows)
    if details:
        for path, problem in report.malformed:
            print(f"  malformed: {path}: {problem}")
        for path, what, expected, got in report.differing:
            print(f"  differs: {path}: {what}: gofeed {expected[:90]}, newsbeam {got[:90]}")


if __name__ == "__main__":
    main()
