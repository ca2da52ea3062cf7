import json
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from pipeline.claim import Claim, drop_claim, take_claim
from pipeline.commit import committed_runs, last_state, read_record
from pipeline.commit_windows import (
    CommitWindows,
    WindowOrder,
    commit_window,
    find_lost,
    fold_refs,
    fold_retries,
)
from schemas.errors import CommitError
from schemas.flow import AnnotatedArticle
from schemas.layout import Layout
from schemas.rows import FeedRef
from schemas.state import EntryRetry, FeedRetries
from tests.pipeline.running import rows
from tests.rows import article, feed_state, fetch, known, quote
from tests.transforms.streaming.running import SIZE, play, stream_plan
from transforms.join_known import Wanted
from transforms.polling import PollOptions
from transforms.stage_rows import StagedTables
from transforms.state import ARTICLES, FEEDS, RETRIES, StateFiles, hash_bytes, read_rows
from transforms.streaming.close_windows import WindowRef, prepare_window, write_prepared
from transforms.streaming.items import Expected, MoreRefs, RetryFact, Update
from transforms.streaming.windows import whole_ms
from transforms.syndication.group_articles import sign_article

NOW = whole_ms(datetime.now(UTC))
TEXT = "Rain fell on the harbour of Leith all night, and ferries stayed in port. " * 4


def retry(name, attempts=1):
    return EntryRetry(name.encode(), attempts, NOW)


@pytest.mark.parametrize(
    ("before", "facts", "expected"),
    [
        ("", "", {}),
        ("a", "", {}),  # nobody spoke of it: its row stays
        ("a", "-a", {"feed": ()}),
        ("a b", "-a", {"feed": ("b1",)}),
        ("a", "-a +a", {"feed": ("a2",)}),
        ("a", "+a -a", {"feed": ("a2",)}),  # in whatever order facts arrive
        ("", "+a", {"feed": ("a2",)}),
        ("b", "+a", {"feed": ("a2", "b1")}),
    ],
)
def test_retries_follow_from_a_windows_facts(before, facts, expected):
    held = {"feed": tuple(retry(name) for name in before.split())}
    told = [
        RetryFact("feed", fact[1:].encode(), retry(fact[1:], 2) if fact[0] == "+" else None)
        for fact in facts.split()
    ]
    folded = fold_retries(held, told)
    names = {
        row.key: tuple(f"{r.key_hash.decode()}{r.attempts}" for r in row.retries) for row in folded
    }
    assert names == expected


def test_article_that_missed_its_window_is_tried_again():
    came, missed = (Expected(Wanted(key, ("feed",), 0)) for key in ("came", "missed"))
    items = [known(normalized_link="came"), came, missed]
    prepared = prepare_window(items, "/nowhere")
    (fact,) = find_lost(prepared, NOW, PollOptions())
    assert (fact.feed_key, fact.key_hash) == ("feed", hash_bytes("missed"))
    assert fact.retry == EntryRetry(hash_bytes("missed"), 1, NOW + timedelta(minutes=10))


def test_references_are_added_to_what_is_known():
    one, other = (FeedRef(feed_url=url, entry_id="1", link=None) for url in ("a", "b"))
    key = known().normalized_link
    more = [MoreRefs(key, (other,)), MoreRefs("unknown", (other,))]
    new = {key: known(feed_refs=(one,), revision=2)}
    old = {key: known(feed_refs=(one,), revision=1)}
    assert fold_refs(new, old, more) == {key: known(feed_refs=(one, other), revision=2)}
    assert fold_refs({}, old, more) == {key: known(feed_refs=(one, other), revision=1)}
    assert fold_refs({}, {}, more) == {}


class Stream:
    """A warehouse whose windows a test prepares and commits."""

    def __init__(self, folder):
        self.layout = Layout(str(folder))
        self.folder = folder
        self.plan = stream_plan(NOW, layout=self.layout, look=partial(last_state, self.layout))
        listed = self.layout.path("order.json")
        (folder / "order.json").write_text(json.dumps({"listed": [feed_state().key]}))
        self.order = WindowOrder(self.plan, "{}", listed)
        self.claim()

    def claim(self, run_id=None):
        take_claim(self.layout, Claim(run_id or self.plan.lineage.run_id, "test", time.time()))

    def run(self, number):
        return self.plan.windows.run(NOW + number * SIZE)

    def window(self, number, *items, text=None):
        """Prepare a window with an article and other items."""
        folder = self.plan.staging(self.run(number))
        held = list(items)
        if text:
            run_id = self.run(number).value
            one = article(
                article_id=f"a{number}", text_content=text, run_id=run_id,
                ingested_at=NOW + timedelta(minutes=number),
            )  # fmt: skip
            tables = StagedTables(folder)
            tables.write_article(AnnotatedArticle(one, quotes=(quote(run_id=run_id),)))
            signed = sign_article(one)
            held += [*tables.close(), signed, known(article_id=f"a{number}", normalized_link=text)]
        path = f"{folder}/window.pickle"
        write_prepared(prepare_window(held, folder), path)
        return WindowRef(NOW + number * SIZE, path)

    def state(self, kind):
        _, paths = last_state(self.layout)
        files = StateFiles(paths)
        return list(read_rows(files.of(kind), kind))


@pytest.fixture
def stream(tmp_path):
    (tmp_path / "warehouse").mkdir()
    return Stream(tmp_path / "warehouse")


def test_window_is_a_run_with_its_rows_and_its_state(stream):
    feed = feed_state(last_fetch=NOW, next_fetch_at=NOW)
    failed = RetryFact(feed.key, b"lost", retry("lost"))
    ref = stream.window(0, fetch(), Update(feed, NOW), failed, text=TEXT)
    assert commit_window(stream.order, ref)
    assert committed_runs(stream.layout) == [stream.run(0).value]
    (run,) = rows(stream.folder, "runs")
    assert (run["run_id"], run["started_at"]) == (stream.run(0).value, NOW)
    tables = {name: len(rows(stream.folder, name)) for name in ("articles", "quotes", "fetches")}
    assert tables == {"articles": 1, "quotes": 1, "fetches": 1}
    assert stream.state(FEEDS) == [feed]
    assert stream.state(RETRIES) == [FeedRetries(feed.key, (retry("lost"),))]
    assert [row.article_id for row in stream.state(ARTICLES)] == ["a0"]


def test_window_that_comes_again_changes_nothing(stream):
    ref = stream.window(0, text=TEXT)
    assert commit_window(stream.order, ref)
    before = sorted(path for path in stream.folder.rglob("*") if path.is_file())
    again = stream.window(0, fetch(), text="Otherwise than before.")
    assert not commit_window(stream.order, again)
    assert sorted(path for path in stream.folder.rglob("*") if path.is_file()) == before


def test_later_window_joins_the_story_of_an_earlier_one(stream):
    for number in (0, 1):
        commit_window(stream.order, stream.window(number, text=TEXT))
    found = {r["article_id"]: r["duplicate_cluster_id"] for r in rows(stream.folder, "articles")}
    assert found["a1"] == "a0"


@pytest.mark.parametrize("holder", [None, "stream-of-another"])
def test_nothing_is_committed_without_the_claim(stream, holder):
    ref = stream.window(0, text=TEXT)
    if holder:
        stream.claim(holder)
    else:
        drop_claim(stream.layout)
    with pytest.raises(CommitError, match="given up"):
        commit_window(stream.order, ref)
    assert committed_runs(stream.layout) == []
    assert rows(stream.folder, "articles") == []


def test_windows_are_committed_in_their_order_however_they_arrive(stream, tmp_path):
    refs = [stream.window(number, text=f"{TEXT} {number}") for number in range(3)]
    steps = [(3 * SIZE, tuple(refs[::-1])), (4 * SIZE, ())]
    told = play(CommitWindows(stream.order), {"runs": None}, NOW, steps, tmp_path)
    expected = [stream.run(number).value for number in range(3)]
    assert [run_id for _, run_id in told["runs"]] == expected
    committed = [read_record(stream.layout, run).committed_at for run in expected]
    assert committed == sorted(committed)
    assert len(stream.state(ARTICLES)) == 3
