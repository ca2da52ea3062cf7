from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from schemas.ids import sha256_hex
from schemas.layout import Layout
from schemas.state import EntryRetry, FeedContents, FeedRetries, RobotsFile
from tests.rows import NOW, feed_state, known
from transforms import merge_state, storage
from transforms.feed_marks import HALF
from transforms.find_state import ArticleIndex, find_by_keys
from transforms.merge_state import FORGET_AFTER, merge
from transforms.state import (
    ARTICLES,
    FEEDS,
    RETRIES,
    ROBOTS,
    StateFiles,
    StateKind,
    StateWriter,
    hash_bytes,
    hash_of,
    number_deltas,
    read_rows,
    shard_of,
)

LISTED = np.array([hash_of("example.org/feed")], np.uint64)


class Store:
    """A state that takes part in runs an hour apart, each of which may merge it."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(str(folder))
        self.files = StateFiles()
        self.now = NOW

    def run(self, *rows: Any, after: timedelta = timedelta(hours=1)) -> list[str]:
        """Make a run that leaves these rows; return the names of the files it wrote."""
        self.now += after
        run_id = self.now.strftime("%Y%m%dT%H%M%S%fZ")
        staging = self.layout.staging(run_id)
        writer = StateWriter(staging)
        for row in rows:
            writer.write(row)
        merged = merge(self.files, writer.close(), staging, self.now, LISTED)
        named = number_deltas(merged.files)
        written = []
        for staged in named:
            path = self.layout.state(run_id, staged.group)
            storage.rename(staged.path, path)
            written.append(path)
        self.files = StateFiles((*merged.kept, *written))
        return sorted(Path(path).stem for path in written)

    def rows(self, kind: StateKind) -> list[Any]:
        return list(read_rows(self.files.of(kind), kind))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def article(number: int, **fields: Any) -> Any:
    link = f"https://example.org/{number}"
    defaults = {"article_id": sha256_hex(link), "normalized_link": link, "last_seen": NOW}
    return known(**(defaults | fields))


def test_the_first_run_is_merged_and_small_changes_are_not(store: Store) -> None:
    assert store.run(*map(article, range(40))) == ["articles-base-all"]
    assert store.run(article(3, revision=2)) == ["articles-delta-00000"]
    assert len(store.files.paths) == 2
    assert {r.normalized_link: r.revision for r in store.rows(ARTICLES)}[
        article(3).normalized_link
    ] == 2


def test_nothing_is_written_where_nothing_changed(store: Store) -> None:
    store.run(*map(article, range(40)))
    before = store.files
    assert store.run() == []
    assert store.files == before


def test_many_changes_are_merged_with_all(store: Store) -> None:
    store.run(*map(article, range(40)))
    assert store.run(*(article(n, revision=2) for n in range(10))) == ["articles-base-all"]
    assert sum(row.revision == 2 for row in store.rows(ARTICLES)) == 10
    assert len(store.rows(ARTICLES)) == 40


def test_many_small_changes_become_one(store: Store) -> None:
    store.run(*map(article, range(400)))
    for number in range(merge_state.MOST_DELTAS):
        assert store.run(article(number, revision=2)) == ["articles-delta-00000"]
    assert store.run(article(0, revision=3)) == ["articles-delta-00000"]
    assert len(store.files.deltas(ARTICLES)) == 1
    changed = [row.revision for row in store.rows(ARTICLES) if row.revision > 1]
    assert sorted(changed) == [2] * 7 + [3]


def test_many_articles_are_dealt_to_shards_and_found_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.run(*map(article, range(20)))
    monkeypatch.setattr(merge_state, "MOST_WHOLE", 30)
    moved = article(7, article_id=sha256_hex("https://example.org/elsewhere"), revision=4)
    files = store.run(*map(article, range(20, 60)), moved)
    assert len(files) > 10
    assert all("-base-" in name and "-all" not in name for name in files)
    link = moved.normalized_link
    assert find_by_keys(store.files, shard_of(hash_of(link)), [link]) == {link: moved}
    assert ArticleIndex(store.files).find(moved.article_id) == moved
    for number in (0, 30, 59):
        assert ArticleIndex(store.files).find(article(number).article_id) == article(number)


def test_articles_that_no_feed_carries_are_forgotten_after_a_month(store: Store) -> None:
    marks = b"".join(hash_bytes(article(n).normalized_link) + b"\x00" * HALF for n in range(5))
    contents = FeedContents("example.org/feed", marks)
    store.run(*map(article, range(10)), contents, feed_state(last_fetch=NOW))
    store.run(article(20, last_seen=NOW + FORGET_AFTER), after=FORGET_AFTER)
    kept = {row.normalized_link: row.last_seen for row in store.rows(ARTICLES)}
    expected = [*range(5), 20]
    assert set(kept) == {article(n).normalized_link for n in expected}
    assert kept[article(0).normalized_link] == store.now


def test_a_month_is_counted_from_the_last_merge_that_saw_the_article(store: Store) -> None:
    key = "example.org/feed"
    mark = hash_bytes(article(1).normalized_link) + b"\x00" * HALF
    store.run(article(1), FeedContents(key, mark), feed_state(last_fetch=NOW))
    store.run(article(2, last_seen=NOW + timedelta(days=20)), after=timedelta(days=20))
    store.run(FeedContents(key, b""))
    store.run(article(3, last_seen=NOW + timedelta(days=49)), after=timedelta(days=29))
    assert len(store.rows(ARTICLES)) == 3
    store.run(article(4, last_seen=NOW + timedelta(days=52)), after=timedelta(days=2))
    assert {row.normalized_link for row in store.rows(ARTICLES)} == {
        article(n).normalized_link for n in (3, 4)
    }


@pytest.mark.parametrize(
    ("fields", "is_kept"),
    [
        ({"key": "example.org/feed"}, True),
        ({"key": "other"}, False),
        ({"key": "other", "gone_since": NOW}, True),
        ({"key": "other", "last_fetch": NOW + FORGET_AFTER}, True),
    ],
)
def test_feeds_that_nobody_lists_are_forgotten(
    store: Store, fields: dict[str, Any], is_kept: bool
) -> None:
    state = replace(feed_state(last_fetch=NOW), **fields)
    store.run(state, FeedContents(state.key, b""))
    store.run(feed_state(key="new", last_fetch=NOW), after=FORGET_AFTER)
    assert (state.key in {row.key for row in store.rows(FEEDS)}) is is_kept


def test_settled_retries_and_old_robots_are_dropped(store: Store) -> None:
    retry = EntryRetry(b"\x01" * 8, 1, NOW)
    site = "https://example.org/robots.txt"
    store.run(FeedRetries("f", (retry,)), FeedRetries("g", (retry,)), RobotsFile(site, NOW))
    store.run(FeedRetries("f"), RobotsFile(f"{site}?", store.now), after=timedelta(hours=30))
    assert [row.key for row in store.rows(RETRIES)] == ["g"]
    assert [row.site for row in store.rows(ROBOTS)] == []
