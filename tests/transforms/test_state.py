import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from schemas.arrow_rows import from_record, schema_of
from schemas.ids import sha256_hex
from schemas.layout import Layout
from schemas.state import EntryRetry, FeedContents, FeedRetries, FeedTask, RobotsFile
from schemas.tables import to_record
from tests.rows import NOW, feed_state, known, task
from transforms import storage
from transforms.find_state import ArticleIndex, MarksIndex, find_by_keys
from transforms.state import (
    ARTICLES,
    FEEDS,
    ID_HASH,
    KINDS,
    RETRIES,
    StateFiles,
    StateWriter,
    group_name,
    hash_of,
    kind_of,
    number_deltas,
    read_rows,
    shard_of,
)

RETRY = EntryRetry(b"\x00\xff" * 4, 3, NOW)
ROWS = [
    known(feed_refs=()),
    feed_state(last_fetch=NOW, etag='"é"', failure_score=0.25),
    FeedContents("k", b"\x00" * 32),
    FeedRetries("k", (RETRY,)),
    FeedRetries("k"),
    RobotsFile("https://example.org/robots.txt", NOW, b"Disallow: /\xff"),
    RobotsFile("https://example.org/robots.txt", NOW),
]


class Store:
    """A state that grows run by run."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(str(folder))
        self.files = StateFiles()
        self._runs = itertools.count()

    def add(self, *rows: Any) -> str:
        """Put rows into a delta of the next run; return its path."""
        run_id = f"20261124T0830{next(self._runs):02d}000000Z"
        writer = StateWriter(self.layout.staging(run_id))
        for row in rows:
            writer.write(row)
        for staged in number_deltas(writer.close()):
            path = self.layout.state(run_id, staged.group)
            storage.rename(staged.path, path)
            self.files = StateFiles((*self.files.paths, path))
        return self.files.paths[-1] if self.files.paths else ""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row).__name__)
def test_a_row_is_read_as_it_was_written(store: Store, row: Any) -> None:
    assert list(read_rows([store.add(row)], kind_of(row))) == [row]


@pytest.mark.parametrize("row", [task(), task(retries=(RETRY,), state=feed_state(last_fetch=NOW))])
def test_rows_within_rows_come_back_too(row: FeedTask) -> None:
    table = schema_of(FeedTask)
    assert from_record(FeedTask, to_record(row)) == row
    assert table.names[:2] == ["feed", "state"]


def test_a_column_that_a_file_lacks_takes_its_default() -> None:
    record = to_record(feed_state(etag='"v"'))
    del record["validators_lie"]
    assert from_record(type(feed_state()), record).validators_lie is False


def test_of_one_key_the_newest_row_counts(store: Store) -> None:
    for revision in (1, 3, 2):
        store.add(known(revision=revision))
    (row,) = read_rows(store.files.of(ARTICLES), ARTICLES)
    assert row.revision == 2


def test_a_file_that_was_merged_is_older_than_every_delta() -> None:
    root = "/w/_state"
    paths = [
        f"{root}/20261124T08Z/articles-delta-00000.parquet",
        f"{root}/20261124T08Z/feeds-delta-00000.parquet",
        f"{root}/20261124T09Z/articles-base-a.parquet",
        f"{root}/20261124T09Z/articles-base-b.parquet",
        f"{root}/20261124T08Z+/articles-delta-00000.parquet",
    ]
    files = StateFiles(tuple(paths))
    assert files.for_shard(ARTICLES, "b") == (paths[4], paths[0], paths[3])
    assert files.of(FEEDS) == (paths[1],)
    assert files.deltas(RETRIES) == ()


def test_rows_are_found_by_key_whatever_file_they_are_in(store: Store) -> None:
    keys = [f"https://example.org/{n}" for n in range(40)]
    for key in keys:
        store.add(known(normalized_link=key))
    shard = shard_of(hash_of(keys[7]))
    found = find_by_keys(store.files, shard, [keys[7], "https://example.org/new"])
    assert [row.normalized_link for row in found.values()] == [keys[7]]


def test_an_article_is_found_by_its_id_whatever_its_link(store: Store) -> None:
    ids = [sha256_hex(f"https://example.org/{n}") for n in range(4)]
    store.add(known(article_id=ids[0], normalized_link="x"))
    store.add(known(article_id=ids[1], normalized_link="y"))
    index = ArticleIndex(store.files)
    assert [getattr(index.find(i), "normalized_link", None) for i in ids[:3]] == ["x", "y", None]
    assert index.find("no hex") is None


def test_of_two_links_to_one_article_the_last_revision_counts(store: Store) -> None:
    identity = sha256_hex("https://example.org/a")
    for link, revision in (("x", 2), ("y", 1)):
        store.add(known(article_id=identity, normalized_link=link, revision=revision))
    found = ArticleIndex(store.files).find(identity)
    assert found is not None
    assert found.revision == 2


def test_an_address_and_its_article_id_have_the_same_hash() -> None:
    address = "https://example.org/a"
    row = ARTICLES.record(known(article_id=sha256_hex(address), normalized_link=address))
    assert row["key_hash"] == row[ID_HASH] == hash_of(address)


def test_marks_are_found_by_feed(store: Store) -> None:
    store.add(FeedContents("f", b"old"), FeedContents("g", b"other"))
    store.add(FeedContents("f", b"new"))
    index = MarksIndex(store.files)
    assert [index.find(key) for key in ("f", "g", "h")] == [b"new", b"other", b""]


def test_a_file_without_what_is_wanted_gives_nothing(store: Store) -> None:
    path = store.add(known())
    assert list(read_rows([path], ARTICLES, np.array([7], np.uint64))) == []


def test_every_kind_names_its_files() -> None:
    names = {group_name(kind, number=1) for kind in KINDS.values()}
    assert len(names) == len(KINDS)
    assert group_name(FEEDS, "all") == "feeds-base-all"
