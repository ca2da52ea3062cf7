"""How time and memory grow with the number of articles: synthetic texts, signed and grouped."""

import hashlib
import multiprocessing
import pickle
import random
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log
from pathlib import Path

import apache_beam as beam
import numpy as np

from benchmarks.syndication.signing import START, sign
from pipeline.runners import beam_options
from schemas.story import SignedArticle
from transforms.syndication.group_articles import GroupArticles
from transforms.syndication.signatures import SCHEME, SIZE

VOCABULARY, WORDS = 20_000, 300  # of synthetic articles
CHUNK = 1_000  # articles a file of signatures
SAME_IN_COPIES = 0.75  # share of the numbers: what those synthetic texts have
HEADER = (
    "articles",
    "signing ms each",
    "grouping ms each",
    "exponent",
    "candidates each",
    "matches each",
    "CPU s",
    "peak MB",
)


@dataclass(frozen=True)
class Measured:
    """What grouping so many articles took."""

    articles: int
    signing: float  # seconds of CPU time
    grouping: float  # seconds of CPU time, building the graph included
    candidates: int
    matches: int
    peak: float  # megabytes of memory of the grouping process


def measure(counts: Sequence[int], *, with_texts: bool = True) -> list[list[str]]:
    """Group articles by the transform on the local runner, each count in a process of its own."""
    rows: list[list[str]] = []
    last: Measured | None = None
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            signing = sign_all(count, Path(folder)) if with_texts else 0.0
            if not with_texts:
                make_all(count, Path(folder))
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                found = pool.apply(group_all, (count, signing, folder))
        rows.append(_row(found, last))
        last = found
    return rows


def _row(found: Measured, last: Measured | None) -> list[str]:
    count = found.articles
    slope = ""
    if last is not None:
        slope = f"{log(found.grouping / last.grouping) / log(count / last.articles):.2f}"
    each = (found.signing, found.grouping)
    return [
        f"{count:,}",
        *(f"{1e3 * seconds / count:.3f}" for seconds in each),
        slope,
        *(f"{number / count:.3f}" for number in (found.candidates, found.matches)),
        f"{found.grouping:.1f}",
        f"{found.peak:,.0f}",
    ]


def sign_all(count: int, folder: Path) -> float:
    """Write the signatures of so many articles to files; return the seconds it took."""
    start = time.process_time()
    texts = synthetic(count)
    for first in range(0, count, CHUNK):
        numbers = range(first, min(count, first + CHUNK))
        signed = [sign(f"{number}", next(texts), number) for number in numbers]
        _write(folder, first, signed)
    return time.process_time() - start


def make_all(count: int, folder: Path) -> None:
    """Write signatures without texts: random numbers, a third of them those of a copy."""
    chance = np.random.default_rng(1)
    kept = chance.integers(0, 2**32, (1_000, SIZE), np.uint32)  # of which copies are made
    for first in range(0, count, CHUNK):
        size = min(count - first, CHUNK)
        numbers = chance.integers(0, 2**32, (size, SIZE), np.uint32)
        copied = chance.random(size) < 1 / 3
        originals = kept[chance.integers(0, len(kept), size)]
        same = chance.random((size, SIZE)) < SAME_IN_COPIES
        numbers = np.where(copied[:, None] & same, originals, numbers)
        fresh = numbers[~copied]
        kept[chance.integers(0, len(kept), len(fresh))] = fresh
        rows = enumerate(numbers, first)
        _write(folder, first, [signature(number, row.tobytes()) for number, row in rows])


def signature(number: int, numbers: bytes) -> SignedArticle:
    """A made-up article; its id is as long as those of real ones."""
    return SignedArticle(
        article_id=hashlib.sha256(str(number).encode()).hexdigest(),
        seen_at=START + timedelta(seconds=number),
        scheme=SCHEME,
        numbers=numbers,
        shingles=WORDS,
    )


def _write(folder: Path, first: int, signed: list[SignedArticle]) -> None:
    (folder / f"{first:09d}").write_bytes(pickle.dumps(signed, protocol=5))


def group_all(count: int, signing: float, folder: str) -> Measured:
    """Group the articles that `sign_all` wrote."""
    start = time.process_time()
    root = beam.Pipeline(options=beam_options((), 1))
    paths = sorted(str(path) for path in Path(folder).iterdir())
    signed = root | beam.Create(paths, reshuffle=False) | beam.FlatMap(read_signed)
    grouped = signed | GroupArticles()
    for name, found in grouped.items():
        _ = found | f"Count {name}" >> beam.combiners.Count.Globally()
    result = root.run()
    result.wait_until_finish()
    grouping = time.process_time() - start
    counters = result.metrics().query()["counters"]
    counted = {counter.key.metric.name: counter.committed for counter in counters}
    return Measured(
        articles=count,
        signing=signing,
        grouping=grouping,
        candidates=counted.get("story_candidates", 0),
        matches=counted.get("story_matches", 0),
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def read_signed(path: str) -> Iterator[SignedArticle]:
    yield from pickle.loads(Path(path).read_bytes())


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
