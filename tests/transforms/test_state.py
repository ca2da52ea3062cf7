from datetime import timedelta
from pathlib import Path

import pytest

from schemas.layout import Layout
from tests.rows import NOW, known
from transforms.state import (
    FORGET_AFTER,
    Remembered,
    StateLookup,
    carry_over,
    newest,
    read_state,
    shard_of,
    write_state,
)


def test_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = [known(normalized_link="b"), known(normalized_link="a")]
    path = str(tmp_path / "state.parquet")
    assert write_state(path, rows) == 2
    assert list(read_state(path)) == [rows[1], rows[0]]


@pytest.mark.parametrize(
    ("seen", "age", "kept"),
    [
        (True, timedelta(days=400), True),
        (False, timedelta(days=1), True),
        (False, FORGET_AFTER, True),
        (False, FORGET_AFTER + timedelta(seconds=1), False),
    ],
)
def test_an_article_is_forgotten_when_no_feed_carries_it(
    seen: bool, age: timedelta, kept: bool
) -> None:
    carried = carry_over(known(last_seen=NOW - age), seen=seen, now=NOW)
    assert (carried is not None) is kept


def test_an_article_in_a_feed_is_marked_as_seen_now() -> None:
    carried = carry_over(known(last_seen=NOW - timedelta(days=3)), seen=True, now=NOW)
    assert carried is not None
    assert carried.last_seen == NOW


def test_what_this_run_learned_wins() -> None:
    old, new = known(content_hash="old", revision=3), known(content_hash="new", revision=3)
    assert newest([Remembered(new, 1), Remembered(old, 0)]) == [new]


def test_an_article_is_found_by_its_id_whatever_its_link(tmp_path: Path) -> None:
    layout = Layout(str(tmp_path))
    row = known(article_id="c0ffee")
    path = layout.state("run", shard_of(row.article_id))
    write_state(path, [row])
    lookup = StateLookup((path,))
    assert lookup.find("c0ffee") == row
    assert lookup.find("c1") is None
    assert lookup.find("d2") is None


def test_of_two_links_to_one_article_the_last_revision_counts(tmp_path: Path) -> None:
    path = Layout(str(tmp_path)).state("run", "c")
    rows = [known(article_id="c1", normalized_link=x, revision=n) for x, n in (("x", 2), ("y", 1))]
    write_state(path, rows)
    found = StateLookup((path,)).find("c1")
    assert found is not None
    assert found.revision == 2
