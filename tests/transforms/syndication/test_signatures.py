"""Signatures of texts, and what they say of them."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.syndication.signatures import (
    BANDS,
    SIZE,
    TextSignature,
    band_keys,
    containment,
    near_duplicates,
    numbers_of,
    sign,
)

TEXT = """Harbour board votes to rebuild the pier
The harbour board voted on Tuesday to rebuild the old pier at Leith after a storm broke it in two.
Work is to begin in the spring and to end before the winter, the board's engineer told a meeting.
“We have waited long enough for this,” said Amina Orr, who chairs the board of nine members.
The pier was opened in 1891 and has been closed four times, the last time in 2019 for a survey.
Shopkeepers along the front said that they had lost a third of their trade since the closing.
The cost is put at eleven million pounds, of which the city is to bear a little less than half."""
OTHER = """Bittern heard on the mere
A bird that had not been heard on the mere for a decade boomed on Sunday at dawn, wardens said.
They asked visitors to keep dogs off the northern shore until the end of May, and to be quiet.
A microphone recorded the call eleven times within an hour, and one warden called it a foghorn."""


def signed(text: str, title: str | None = None) -> TextSignature:
    signature = sign(text, title)
    assert signature is not None
    return signature


def are_near_duplicates(one: TextSignature, other: TextSignature) -> bool:
    numbers = numbers_of([one.numbers]), numbers_of([other.numbers])
    shingles = np.array([one.shingles]), np.array([other.shingles])
    return bool(near_duplicates(numbers, shingles)[0])


def shares_a_band(one: str, other: str) -> bool:
    keys = band_keys(numbers_of([signed(one).numbers, signed(other).numbers]))
    return bool((keys[0] == keys[1]).any())


def cut(text: str, paragraphs: int) -> str:
    return "\n".join(text.split("\n")[:paragraphs])


@pytest.mark.parametrize(
    "copy",
    [
        TEXT,
        TEXT.upper(),
        TEXT.replace("“", '"').replace("”", '"'),
        TEXT.replace("Harbour board votes to rebuild the pier", "Pier: the latest"),
        TEXT.replace("The harbour board", "EDINBURGH (Reuters) - The harbour board"),
        TEXT.replace("eleven million", "twelve million").replace("a third", "a quarter"),
        f"{TEXT}\nFollow our live coverage and sign up for our newsletter.",
        cut(TEXT, 5),
        cut(TEXT, 4),
    ],
)
def test_copies_are_found(copy: str) -> None:
    assert shares_a_band(TEXT, copy)
    assert are_near_duplicates(signed(TEXT), signed(copy))


def test_other_texts_are_not() -> None:
    assert not are_near_duplicates(signed(TEXT), signed(OTHER))
    assert not shares_a_band(TEXT, OTHER)


def test_the_headline_does_not_count() -> None:
    title = TEXT.split("\n")[0]
    other = TEXT.replace(title, "Quite another headline of the same text")
    assert signed(TEXT, title) == signed(other, "Quite another headline of the same text")


@pytest.mark.parametrize("text", ["", "Rain.", "Rain fell on Leith on Tuesday night."])
def test_short_texts_have_no_signature(text: str) -> None:
    assert sign(text) is None


def test_scripts_without_spaces_have_signatures_too() -> None:
    text = "港湾委員会は火曜日、嵐で二つに壊れたリースの古い桟橋を再建することを決めた。"
    text += "工事は春に始まり、冬の前に終わる予定である。"
    assert are_near_duplicates(signed(text), signed(text + "費用は千百万ポンド。"))
    assert not are_near_duplicates(signed(text), signed(text[::-1]))


def test_a_signature_is_the_same_for_ever() -> None:
    """If this fails, rensa or the recipe has changed: give SCHEME another value."""
    digest = hashlib.sha256(signed(TEXT).numbers).hexdigest()[:16]
    assert digest == "1f32c5a54bf6b806"


def test_sizes() -> None:
    numbers = numbers_of([signed(TEXT).numbers, signed(OTHER).numbers])
    assert numbers.shape == (2, SIZE)
    assert band_keys(numbers).shape == (2, BANDS)


def test_equal_rows_in_different_bands_have_different_keys() -> None:
    keys = band_keys(np.zeros((1, SIZE), np.uint32))
    assert len(np.unique(keys)) == BANDS


@pytest.mark.parametrize(
    ("one", "other", "shared"), [(100, 100, 100), (100, 50, 50), (90, 30, 10), (40, 60, 0)]
)
def test_containment_is_the_share_of_the_smaller_set(one: int, other: int, shared: int) -> None:
    jaccard = shared / (one + other - shared)
    assert containment(jaccard, one, other) == pytest.approx(shared / min(one, other))


@given(st.text())
def test_any_text_can_be_signed(text: str) -> None:
    signature = sign(text, text[:5])
    assert signature is None or len(signature.numbers) == 4 * SIZE
