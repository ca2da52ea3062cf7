from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from schemas.flow import EntryChange, KnownArticle
from schemas.rows import FeedRef
from tests.rows import NOW, change, entry, known
from tests.transforms.test_state import Store
from transforms.feed_marks import entry_hash
from transforms.join_known import JoinKnown, Wanted, build_request, merge_refs, wanted_model

RUNNER = PipelineOptions(["--runner=FnApiRunner"])
KEY = "https://example.org/a"
REF = FeedRef(feed_url="https://example.org/feed", entry_id="1", link=KEY)


def join(root: beam.Pipeline, changes: list[EntryChange], *held: KnownArticle, folder: Path) -> Any:
    store = Store(folder)
    store.add(*held)
    return root | beam.Create(changes) | JoinKnown("en_test-1", NOW, store.files)


def test_the_order_of_entries_does_not_matter() -> None:
    one = change(entry=entry(entry_id="1", content_html="long text"))
    two = change(entry=entry(entry_id="2", feed_url="g"))
    assert build_request("k", [one, two], None) == build_request("k", [two, one], None)


def test_the_entry_that_carries_most_leads_and_all_are_referred_to() -> None:
    full = entry(entry_id="2", feed_url="g", content_html="<p>all</p>")
    made = build_request("k", [change(), change(entry=full)], None)
    assert made.entry == full
    assert {ref.entry_id for ref in made.feed_refs} == {"1", "2"}


def test_references_of_earlier_passes_stay() -> None:
    other = FeedRef(feed_url="https://example.org/other", entry_id="9")
    made = build_request("k", [change()], known(feed_refs=(other, REF)))
    assert made.feed_refs == (REF, other)


def test_of_two_references_to_an_entry_the_later_link_counts() -> None:
    moved = FeedRef(feed_url=REF.feed_url, entry_id="1", link="https://example.org/b")
    assert merge_refs([REF], [moved]) == (moved,)


@pytest.mark.parametrize(
    ("held", "expected"),
    [(None, "m2"), (known(model_version="m1"), "m2"), (known(model_version=""), "")],
)
def test_an_article_without_model_is_not_asked_for_again(held: Any, expected: str) -> None:
    assert wanted_model(held, "m2") == expected


def test_new_entries_are_requested_and_counted(tmp_path: Path) -> None:
    items = [change(), change(entry=entry(feed_url="g"), attempts=2)]
    with beam.Pipeline(options=RUNNER) as root:
        joined = join(root, items, folder=tmp_path)
        counts = joined.new_entries | beam.CombinePerKey(sum)
        keys = joined.requests | beam.Map(lambda r: (r.key, len(r.feed_refs)))
        feed = items[0].entry.feed_url
        assert_that(counts, equal_to([(feed, 1), ("g", 1)]), label="new")
        assert_that(keys, equal_to([(KEY, 2)]), label="requests")
        assert_that(joined.wanted, equal_to([Wanted(KEY, ("g", feed), 2)]), label="wanted")


def test_an_article_that_another_feed_lists_too_is_remembered_and_not_requested(
    tmp_path: Path,
) -> None:
    second = change(entry=entry(feed_url="g", entry_id="7"))
    with beam.Pipeline(options=RUNNER) as root:
        joined = join(root, [second], known(feed_refs=(REF,)), folder=tmp_path)
        assert_that(joined.requests, equal_to([]), label="requests")
        assert_that(joined.new_entries, equal_to([]), label="new")
        kept = joined.remembered | beam.Map(lambda row: [ref.feed_url for ref in row.feed_refs])
        assert_that(kept, equal_to([["g", REF.feed_url]]), label="remembered")


def test_an_article_of_which_nothing_is_new_is_not_written_again(tmp_path: Path) -> None:
    item = change()
    held = known(entry_hash=entry_hash([item.entry]), feed_refs=(REF,))
    with beam.Pipeline(options=RUNNER) as root:
        joined = join(root, [item], held, folder=tmp_path)
        assert_that(joined.requests, equal_to([]), label="requests")
        assert_that(joined.remembered, equal_to([]), label="remembered")


@pytest.mark.parametrize(
    ("fields", "held"),
    [({"is_changed": True}, {}), ({}, {"model_version": "en_test-0"}), ({}, {"feed_refs": (REF,)})],
    ids=["the entry is another", "the model is another", "it comes again as another"],
)
def test_what_has_changed_is_requested_again(
    fields: dict[str, Any], held: dict[str, Any], tmp_path: Path
) -> None:
    row = known(**held)
    with beam.Pipeline(options=RUNNER) as root:
        joined = join(root, [change(is_new=False, **fields)], row, folder=tmp_path)
        asked = joined.requests | beam.Map(lambda r: r.known)
        assert_that(asked, equal_to([row]))
