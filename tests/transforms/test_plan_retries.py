from datetime import timedelta

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from schemas.state import EntryRetry, FeedRetries
from tests.rows import NOW
from transforms.join_known import Wanted
from transforms.plan_retries import PlanRetries, gather_retries, plan_retry
from transforms.polling import PollOptions
from transforms.state import hash_bytes

RUNNER = PipelineOptions(["--runner=FnApiRunner"])
OPTIONS = PollOptions()
OLD = EntryRetry(hash_bytes("old"), 3, NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("was_tried", "is_passing", "attempts", "wait"),
    [
        (False, False, 2, timedelta(0)),
        (True, True, 3, timedelta(minutes=40)),
        (True, False, 3, timedelta(days=1)),
    ],
)
def test_the_wait_follows_from_why_it_failed(was_tried, is_passing, attempts, wait):
    retry = plan_retry(
        Wanted("k", ("f",), 2), NOW, OPTIONS, was_tried=was_tried, is_passing=is_passing
    )
    assert retry == EntryRetry(hash_bytes("k"), attempts, NOW + wait)


def test_what_waits_stays_and_what_failed_again_is_renewed():
    again = EntryRetry(OLD.key_hash, 4, NOW)
    other = EntryRetry(hash_bytes("other"), 1, NOW)
    gathered = gather_retries("f", [again, FeedRetries("f", (OLD,)), other])
    assert set(gathered.retries) == {again, other}


def test_what_was_not_made_goes_back_to_every_feed_that_lists_it():
    wanted = [Wanted(key, ("f", "g"), 0) for key in ("made", "passing", "lasting", "left")]
    keys = {"tried": ["made", "passing", "lasting"], "made": ["made"], "passing": ["passing"]}
    with beam.Pipeline(options=RUNNER) as root:
        inputs = {name: root | name >> beam.Create(values) for name, values in keys.items()}
        inputs["wanted"] = root | "w" >> beam.Create(wanted)
        inputs["pending"] = root | "p" >> beam.Create([FeedRetries("f", (OLD,)), FeedRetries("h")])
        rows = inputs | PlanRetries(NOW, OPTIONS)
        found = rows | beam.Map(
            lambda row: (
                row.key,
                sorted(((r.next_try_at - NOW).total_seconds(), r.attempts) for r in row.retries),
            )
        )
        failed = [(0.0, 0), (600.0, 1), (21_600.0, 1)]
        expected = [("f", [*failed, (86_400.0, 3)]), ("g", failed), ("h", [])]
        assert_that(found, equal_to(expected))


def test_nothing_wanted_leaves_nothing():
    with beam.Pipeline(options=RUNNER) as root:
        names = ("tried", "made", "passing", "wanted", "pending")
        inputs = {name: root | name >> beam.Create([]) for name in names}
        assert_that(inputs | PlanRetries(NOW, OPTIONS), equal_to([]))
