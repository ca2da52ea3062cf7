import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from tests.rows import fetch
from transforms.count_entries import CountNewEntries

RUNNER = PipelineOptions(["--runner=FnApiRunner"])


def test_the_attempt_that_brought_entries_gets_the_number() -> None:
    fetches = [
        fetch(fetch_id="1", target_type="feed", feed_url="f", outcome="timeout"),
        fetch(fetch_id="2", target_type="feed", feed_url="f", entries_seen=5),
        fetch(fetch_id="3", target_type="feed", feed_url="g", entries_seen=2),
    ]
    with beam.Pipeline(options=RUNNER) as root:
        filled = {
            "fetches": root | "F" >> beam.Create(fetches),
            "new_entries": root | "N" >> beam.Create([("f", 1), ("f", 1)]),
        } | CountNewEntries()
        numbers = filled | beam.Map(lambda row: (row.fetch_id, row.entries_new))
        assert_that(numbers, equal_to([("1", None), ("2", 2), ("3", 0)]))
