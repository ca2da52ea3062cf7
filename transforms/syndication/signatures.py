"""MinHash signatures of texts, and what two signatures say of the texts.

Shingles are runs of three words, of the whole body and of its opening besides: a copy that was cut
to its first paragraphs shares little with the whole, but all of its opening. See Broder, "On the
resemblance and containment of documents" (1997), and Leskovec, Rajaraman, Ullman, "Mining of
Massive Datasets", chapter 3, for banding.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

WORDS = 3  # a shingle's
OPENING = 60  # words
BODY_BANDS, OPENING_BANDS, ROWS = 40, 10, 3
BODY = BODY_BANDS * ROWS
SIZE = BODY + OPENING_BANDS * ROWS  # numbers of a signature
BANDS = 2 * BODY_BANDS + OPENING_BANDS
SEED = 20_261_124
SCHEME = f"rensa{RMinHash.ALGORITHM_VERSION}-{SEED}-{WORDS}-{BODY_BANDS}-{OPENING_BANDS}-{ROWS}"
FEWEST = 8  # shingles; a shorter text says too little

SAME_BODY = 0.25  # Jaccard index of the bodies from which they are one text
CUT = 0.55  # share of the shorter body's shingles that the longer one holds, of a cut copy …
CUT_OPENING = 0.25  # … and Jaccard index of the openings

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_LONG_WORD = 10  # mean characters a word beyond which a script has no spaces

Numbers = NDArray[np.uint32]
Keys = NDArray[np.uint64]
Counts = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True)
class TextSignature:
    """A text in a few hundred numbers."""

    numbers: bytes  # `SIZE` uint32, little-endian: those of the body, then of the opening
    shingles: int  # of the body


def sign(text: str, title: str | None = None) -> TextSignature | None:
    """Return a text's signature; its first line does not count where it is the headline.

    None: the text is too short to be told from others.
    """
    first, _, rest = text.partition("\n")
    words = _words(rest if title and first.strip() == title.strip() else text)
    body = shingles(words)
    if len(body) < FEWEST:
        return None
    numbers = [*_minima(body, BODY), *_minima(shingles(words[:OPENING]), SIZE - BODY)]
    return TextSignature(np.array(numbers, "<u4").tobytes(), len(body))


def _words(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    if words and sum(map(len, words)) > _LONG_WORD * len(words):
        joined = "".join(words)
        return [joined[place : place + 2] for place in range(0, len(joined), 2)]
    return words


def shingles(words: Sequence[str]) -> set[str]:
    """Return the runs of three words."""
    return set(map(" ".join, zip(*(words[place:] for place in range(WORDS)), strict=False)))


def _minima(items: set[str], size: int) -> list[int]:
    sketch = RMinHash(num_perm=size, seed=SEED)
    sketch.update(list(items))
    return list(sketch.digest())


def numbers_of(signatures: Sequence[bytes]) -> Numbers:
    """Return signatures as a matrix, a row each."""
    return np.frombuffer(b"".join(signatures), "<u4").reshape(-1, SIZE)


def band_keys(numbers: Numbers) -> Keys:
    """Return the keys of each signature's bands: texts that share one may be near-duplicates.

    A number of the body stands in two bands, each time with others: twice as many chances for a
    pair from the same numbers.
    """
    body = numbers[:, :BODY]
    again = body.reshape(-1, ROWS, BODY_BANDS).transpose(0, 2, 1).reshape(-1, BODY)
    rows = np.hstack([numbers, again]).reshape(-1, BANDS, ROWS).astype(np.uint64)
    keys = np.broadcast_to(np.arange(BANDS, dtype=np.uint64), rows.shape[:2]).copy()
    for place in range(ROWS):
        keys = _mixed(keys ^ rows[:, :, place])
    return keys


def _mixed(keys: Keys) -> Keys:
    """Spread the bits of 64-bit numbers (the finalizer of SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        keys = keys + np.uint64(0x9E3779B97F4A7C15)
        keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return keys ^ (keys >> np.uint64(31))


def near_duplicates(
    numbers: tuple[Numbers, Numbers], shingles: tuple[Counts, Counts]
) -> NDArray[np.bool_]:
    """Say for each row of two matrices whether the texts are one, perhaps cut and edited."""
    same = numbers[0] == numbers[1]
    body, opening = same[:, :BODY].mean(axis=1), same[:, BODY:].mean(axis=1)
    is_cut = (containment(body, *shingles) >= CUT) & (opening >= CUT_OPENING)
    return np.asarray((body >= SAME_BODY) | is_cut)


def containment(jaccard: Shares, one: Counts, other: Counts) -> Shares:
    """Return the share of the smaller set that the larger one holds, from their Jaccard index."""
    shared = jaccard * (one + other) / (1 + jaccard)
    return np.minimum(1.0, shared / np.minimum(one, other))
