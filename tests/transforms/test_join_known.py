from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from tests.rows import NOW, entry, known
from transforms.join_known import (
    JoinKnown,
    build_request,
    entry_hash,
    request_key,
    wanted_model,
)

RUNNER = PipelineOptions(["--runner=FnApiRunner"])


def test_links_that_differ_in_tracking_only_are_one_article() -> None:
    plain = entry(link="https://example.org/a")
    tracked = entry(link="https://www.example.org/a?utm_source=rss")
    assert request_key(plain) == request_key(tracked)


def test_an_entry_without_link_is_known_by_feed_and_id() -> None:
    keys = {request_key(entry(link=None, entry_id=i, feed_url=f)) for i in "12" for f in "fg"}
    assert len(keys) == 4


@pytest.mark.parametrize("field", ["title", "summary_html", "content_html", "link", "entry_id"])
def test_a_changed_entry_changes_the_hash(field: str) -> None:
    assert entry_hash([entry(**{field: "x"})]) != entry_hash([entry(**{field: "y"})])


def test_the_order_of_entries_does_not_matter() -> None:
    one, two = entry(entry_id="1", content_html="long text"), entry(entry_id="2", feed_url="g")
    assert build_request("k", [one, two], None) == build_request("k", [two, one], None)


def test_the_entry_that_carries_most_leads_and_all_are_referred_to() -> None:
    short, full = entry(entry_id="1"), entry(entry_id="2", feed_url="g", content_html="<p>all</p>")
    made = build_request("k", [short, full], None)
    assert made.entry == full
    assert {ref.entry_id for ref in made.feed_refs} == {"1", "2"}


@pytest.mark.parametrize(
    ("held", "expected"),
    [(None, "m2"), (known(model_version="m1"), "m2"), (known(model_version=""), "")],
)
def test_an_article_without_model_is_not_asked_for_again(held: Any, expected: str) -> None:
    assert wanted_model(held, "m2") == expected


def test_new_entries_are_requested_and_counted() -> None:
    items = [entry(), entry(feed_url="g")]
    with beam.Pipeline(options=RUNNER) as root:
        joined = {
            "entries": root | "E" >> beam.Create(items),
            "known": root | "K" >> beam.Create([]),
        } | JoinKnown("m", NOW)
        counts = joined.new_entries | beam.CombinePerKey(sum)
        keys = joined.requests | beam.Map(lambda r: (r.key, len(r.feed_refs)))
        assert_that(counts, equal_to([(items[0].feed_url, 1), ("g", 1)]), label="new")
        assert_that(keys, equal_to([("https://example.org/a", 2)]), label="requests")


def test_an_unchanged_entry_is_remembered_and_not_requested() -> None:
    item = entry()
    held = known(entry_hash=entry_hash([item]))
    with beam.Pipeline(options=RUNNER) as root:
        joined = {
            "entries": root | "E" >> beam.Create([item]),
            "known": root | "K" >> beam.Create([held]),
        } | JoinKnown("en_test-1", NOW)
        assert_that(joined.requests, equal_to([]), label="requests")
        kept = joined.remembered | beam.Map(lambda r: r.known.normalized_link)
        assert_that(kept, equal_to([held.normalized_link]), label="remembered")


@pytest.mark.parametrize(
    ("changed", "model"), [({"entry_hash": "other"}, "en_test-1"), ({}, "en_test-2")]
)
def test_a_changed_entry_or_model_requests_again(changed: dict[str, str], model: str) -> None:
    item = entry()
    held = known(**({"entry_hash": entry_hash([item])} | changed))
    with beam.Pipeline(options=RUNNER) as root:
        joined = {
            "entries": root | "E" >> beam.Create([item]),
            "known": root | "K" >> beam.Create([held]),
        } | JoinKnown(model, NOW)
        asked = joined.requests | beam.Map(lambda r: r.known)
        assert_that(asked, equal_to([held]))
