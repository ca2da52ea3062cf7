from collections import Counter
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from schemas.flow import AnnotatedArticle
from schemas.state import FeedContents
from tests.rows import NOW, article, failure, feed_state, fetch, known, quote
from transforms.parquet_files import StagedFile, read_records
from transforms.stage_rows import StagedTables
from transforms.state import ARTICLES, CONTENTS, FEEDS
from transforms.streaming import close_windows
from transforms.streaming.close_windows import (
    join_files,
    prepare_window,
    read_prepared,
    with_new_entries,
    write_prepared,
)
from transforms.streaming.items import NewEntries, Update


def stage(folder, *texts):
    """One bundle's files of so many articles with a quotation each."""
    tables = StagedTables(str(folder))
    for text in texts:
        one = article(article_id=f"a{text}", text_content=text)
        tables.write_article(AnnotatedArticle(one, quotes=(quote(quote_id=f"q{text}"),)))
    return list(tables.close())


def texts(files, table="articles", column="text_content"):
    paths = [file.path for file in files if file.table == table]
    return sorted(record[column] for path in paths for record in read_records(path))


def test_many_small_files_become_one_a_table(tmp_path):
    small = [file for n in range(5) for file in stage(tmp_path, f"one {n}", f"two {n}")]
    joined = list(join_files(small, str(tmp_path)))
    assert Counter(file.table for file in joined) == {"articles": 1, "quotes": 1}
    assert [file.rows for file in joined] == [10, 10]
    assert texts(joined) == texts(small)
    assert texts(joined, "quotes", "quote_id") == texts(small, "quotes", "quote_id")
    assert pq.ParquetFile(joined[0].path).num_row_groups == 1


def test_file_that_is_alone_stays_as_it_is(tmp_path):
    files = stage(tmp_path, "one")
    assert sorted(join_files(files, "/nowhere"), key=lambda f: f.path) == sorted(
        files, key=lambda f: f.path
    )


def test_row_groups_keep_their_size(tmp_path, monkeypatch):
    monkeypatch.setattr(close_windows, "ROWS_PER_GROUP", 3)
    small = [file for n in range(7) for file in stage(tmp_path, f"{n}") if file.table == "articles"]
    (joined,) = join_files(small, str(tmp_path))
    parquet = pq.ParquetFile(joined.path)
    assert [parquet.metadata.row_group(n).num_rows for n in range(3)] == [3, 3, 1]


def test_rows_come_once_and_new_entries_are_filled_in(tmp_path):
    brought = fetch(fetch_id="f1", target_type="feed", entries_seen=9)
    items = [
        *(brought, fetch(fetch_id="f2"), fetch(fetch_id="f2")),
        *(NewEntries("f1", 2), NewEntries("f1", 1), NewEntries("f0", 5)),
        *(failure(failure_id="x"), failure(failure_id="x", message="again")),
    ]
    prepared = prepare_window(items, str(tmp_path))
    (fetches,) = (file for file in prepared.files if file.table == "fetches")
    new = [(row["fetch_id"], row["entries_new"]) for row in read_records(fetches.path)]
    assert new == [("f1", 3), ("f2", None)]
    assert texts(prepared.files, "failures", "message") == ["no text"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"entries_seen": 3}, 0),
        ({"entries_seen": 3, "entries_new": 0}, 0),
        ({}, None),
    ],
)
def test_fetch_without_news_has_none(fields, expected):
    assert with_new_entries(fetch(**fields), Counter()).entries_new == expected


@pytest.mark.parametrize("order", [1, -1])
def test_latest_row_of_the_state_counts_in_whatever_order_rows_arrive(tmp_path, order):
    later = NOW + timedelta(minutes=1)
    items = [
        Update(feed_state(entries=1), NOW),
        Update(feed_state(entries=2), later),
        Update(FeedContents("feed", b"1"), NOW),
        Update(FeedContents("feed", b"2"), later),
        *(known(revision=1), known(revision=2), known(revision=1, last_seen=NOW - NOW.resolution)),
    ]
    state = prepare_window(items[::order], str(tmp_path)).state
    assert state[FEEDS.name, feed_state().key].entries == 2
    assert state[CONTENTS.name, "feed"].marks == b"2"
    assert state[ARTICLES.name, known().normalized_link].revision == 2


def test_prepared_window_comes_back_as_it_was(tmp_path):
    prepared = prepare_window([Update(feed_state(), NOW), *stage(tmp_path, "one")], str(tmp_path))
    path = str(tmp_path / "window.pickle")
    write_prepared(prepared, path)
    assert read_prepared(path) == prepared
    assert all(isinstance(file, StagedFile) for file in prepared.files)
