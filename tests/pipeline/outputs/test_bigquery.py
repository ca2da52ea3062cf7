import pytest
from google.cloud import bigquery

from pipeline.outputs import bigquery_commit
from pipeline.outputs.bigquery import BigQueryOutput
from pipeline.outputs.targets import METHODS
from schemas.errors import PublishError
from schemas.tables import TABLES, bigquery_schema
from tests.emulators.running import Cloud
from tests.pipeline.conftest import SampleRun
from tests.pipeline.outputs.datasets import (
    bare_output,
    client,
    counts,
    new_output,
    ordered,
    read,
    sample,
)
from tests.pipeline.running import rows


@pytest.fixture(scope="module", params=METHODS)
def published(request: pytest.FixtureRequest, cloud: Cloud, sample_run: SampleRun) -> BigQueryOutput:
    """A dataset with the sample newsroom, by each method."""
    output = new_output(method=request.param)
    output.publish(sample(sample_run))
    return output


@pytest.mark.parametrize("table", TABLES)
def test_rows_come_out_as_the_files_hold_them(
    published: BigQueryOutput, sample_run: SampleRun, table: str
) -> None:
    expected = rows(sample_run.output, table)
    for row in expected:
        row.pop("ingest_date", None)
    assert ordered(read(published, table)) == ordered(expected)
