"""What each component of the language pipeline costs: CPU time for 1,000 words, and its share.

    python -m benchmarks.pipes [--newscorpus DIR] [--articles 84] [--passes 3]

Two pipelines read the same articles (the news corpus's dev part) in passes that take turns: the
one that a run loads, with its caches, and spaCy's plain one without them. Of each the cheapest
pass counts; from the second on the caches know all words, so that what is not newsbeam's is
cheapest and newsbeam's share largest. A share is of the whole pipeline's time, tokenizer
included; what makes the tables' rows afterwards is printed beneath. Matrices are multiplied in
one thread.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from benchmarks.table import print_table
from schemas.flow import Lineage
from schemas.ids import sha256_hex
from schemas.rows import Article
from training.newscorpus_reader import read_articles
from transforms.annotate_articles import Model
from transforms.nlp.load import BATCH_SIZE, BUNDLED, load_pipeline
from transforms.nlp.rows import annotate_rows

NEWSCORPUS = Path(__file__).parents[2] / "training" / "newscorpus"
OWN = frozenset(["newsbeam_line_breaks", "newsbeam_entities", "quotations"])
TOKENIZER, ROWS = "tokenizer", "making rows"
LINEAGE = Lineage("run", "version", "model")
THREADS = "OPENBLAS_NUM_THREADS"

Seconds = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--newscorpus", type=Path, default=NEWSCORPUS)
    parser.add_argument("--articles", type=int, default=84)
    parser.add_argument("--passes", type=int, default=3)
    arguments = parser.parse_args()
    if os.environ.get(THREADS) != "1":  # read once, when NumPy is loaded
        command = [sys.executable, "-m", "benchmarks.pipes", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env={**os.environ, THREADS: "1"}, check=False).returncode)
    dev = [a.text for a in read_articles(arguments.newscorpus) if a.is_dev]
    texts = dev[: arguments.articles]
    pipelines = {"shipped": Model(BUNDLED).acquire(), "plain": load_pipeline(caches=False)}
    passes = [run_pass(pipelines, texts) for _ in range(arguments.passes)]
    words = sum(len(text.split()) for text in texts)
    for name in pipelines:
        best = min((of_pass[name] for of_pass in passes), key=pipeline_time)
        print(f"\n{name}: {len(texts)} articles, {words} words, best of {len(passes)} passes")
        print_table(["pipe", "whose", "ms/1,000 words", "share"], table_rows(best, words))


def run_pass(pipelines: dict[str, Language], texts: Sequence[str]) -> dict[str, Seconds]:
    """Run the pipelines over all texts, one after the other, and give their CPU seconds.

    Not in turn at each batch: the second would find what rules remember of a text's places.
    """
    seconds: dict[str, Seconds] = {name: {} for name in pipelines}
    for name, nlp in pipelines.items():
        for first in range(0, len(texts), BATCH_SIZE):
            annotate(nlp, texts[first : first + BATCH_SIZE], seconds[name])
    return seconds


def annotate(nlp: Language, texts: Sequence[str], seconds: Seconds) -> None:
    """Run components one after the other over a batch, and add the CPU seconds of each."""
    articles = [bare_article(text) for text in texts]
    with timed(seconds, TOKENIZER):
        docs = [nlp.make_doc(text) for text in texts]
    for name, component in nlp.pipeline:
        with timed(seconds, name):
            docs = run_component(component, docs)
    with timed(seconds, ROWS):
        for doc, article in zip(docs, articles, strict=True):
            annotate_rows(doc, article, LINEAGE)


def run_component(component: Callable[[Doc], Doc], docs: Sequence[Doc]) -> list[Doc]:
    """Run a component over documents, as a batch where it can."""
    pipe = getattr(component, "pipe", None)
    return list(pipe(docs)) if pipe is not None else [component(doc) for doc in docs]


@contextmanager
def timed(seconds: Seconds, name: str) -> Iterator[None]:
    """Add the CPU seconds of what is done within to those of a name."""
    started = time.process_time()
    yield
    seconds[name] = seconds.get(name, 0.0) + time.process_time() - started


def bare_article(text: str) -> Article:
    """Make an article of which nothing but the text matters."""
    return Article(
        article_id=sha256_hex(text),
        revision=1,
        run_id=LINEAGE.run_id,
        ingested_at=datetime.now(UTC),
        text_content=text,
        word_count=len(text.split()),
        content_hash=sha256_hex(text),
        text_extraction_method="",
        pipeline_version=LINEAGE.pipeline_version,
        model_version=LINEAGE.model_version,
    )


def pipeline_time(seconds: Seconds) -> float:
    """Give the time of tokenizer and components together."""
    return sum(seconds.values()) - seconds[ROWS]


def table_rows(seconds: Seconds, words: int) -> list[list[str]]:
    """Give a row for each part, and below them newsbeam's together, the pipeline, and the rows."""
    total = pipeline_time(seconds)
    own = sum(seconds[name] for name in OWN)
    parts = [(name, spent) for name, spent in seconds.items() if name != ROWS]
    sums = [("all newsbeam's", own), ("pipeline", total), (ROWS, seconds[ROWS])]
    return [
        [name, whose(name), f"{1e6 * spent / words:.2f}", f"{100 * spent / total:.1f}%"]
        for name, spent in parts + sums
    ]


def whose(name: str) -> str:
    """Say whose a part is, where it counts."""
    return "newsbeam" if name in OWN else ""


if __name__ == "__main__":
    main()
