from datetime import timedelta

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from pipeline.graph import TakeNewest, newness
from tests.rows import NOW, entry, request

RUNNER = PipelineOptions(["--runner=FnApiRunner"])


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_the_newest_are_taken(limit: int) -> None:
    requests = [
        request(key=str(n), entry=entry(published=NOW - timedelta(hours=n))) for n in range(5)
    ]
    requests.append(request(key="undated", entry=entry()))
    expected = [str(n) for n in range(5)] + ["undated"]
    with beam.Pipeline(options=RUNNER) as root:
        kept = root | beam.Create(requests) | TakeNewest(limit) | beam.Map(lambda r: r.key)
        assert_that(kept, equal_to(expected[:limit]))


def test_an_update_counts_where_there_is_no_date() -> None:
    assert newness(request(entry=entry(updated=NOW)))[0] == NOW.timestamp()
