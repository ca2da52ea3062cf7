"""The views in BigQuery, through its official client, against those in DuckDB over the same run.

`tests/pipeline/test_views.py` runs the same statements in DuckDB, as sqlglot says them there.
"""

import math
from typing import Any

import pytest

from pipeline.outputs.bigquery import BigQueryOutput
from pipeline.views import open_tables
from schemas.views import VIEWS
from tests.emulators.running import Cloud
from tests.pipeline.conftest import SampleRun
from tests.pipeline.outputs.datasets import client, new_output, ordered, sample


@pytest.fixture(scope="module")
def published(cloud: Cloud, sample_run: SampleRun) -> BigQueryOutput:
    """A dataset with the sample newsroom and all views."""
    output = new_output()
    output.publish(sample(sample_run))
    dataset = f"{output.address.project}.{output.address.dataset}"
    for view in VIEWS.values():
        client(output).query_and_wait(view.statement_for_bigquery(dataset))
    return output


def rounded(value: Any) -> Any:
    """The value with its floats to six digits, whatever the order of a sum."""
    if isinstance(value, float) and math.isfinite(value):
        return round(value, 6)
    if isinstance(value, dict):
        return {name: rounded(item) for name, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_says_the_same_in_bigquery(
    published: BigQueryOutput, sample_run: SampleRun, name: str
) -> None:
    full = published.address.table(name)
    there = [dict(row) for row in client(published).query_and_wait(f"SELECT * FROM `{full}`")]
    with open_tables(str(sample_run.output)) as connection:
        here = connection.execute(f"from {name}")
        names = [column[0] for column in here.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in here.fetchall()]
    assert ordered([rounded(row) for row in there]) == ordered([rounded(row) for row in rows])
