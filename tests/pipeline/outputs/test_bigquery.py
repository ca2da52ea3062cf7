from dataclasses import replace
from typing import Any

import pytest
from google.cloud import bigquery

from pipeline.outputs.bigquery import BigQueryOutput
from pipeline.outputs.bigquery_commit import Publication
from pipeline.outputs.bigquery_tables import new_table
from pipeline.outputs.committed import CommittedRun
from pipeline.outputs.targets import METHODS, BigQueryOptions
from schemas.errors import OutputError, PublishError
from schemas.tables import TABLES, Table, bigquery_schema
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
def published(
    request: pytest.FixtureRequest, cloud: Cloud, sample_run: SampleRun
) -> BigQueryOutput:
    """A dataset with the sample newsroom, by each method."""
    output = new_output(method=request.param)
    output.publish(sample(sample_run))
    return output


@pytest.mark.parametrize("table", TABLES)
def test_rows_come_out_as_the_files_hold_them(
    published: BigQueryOutput, sample_run: SampleRun, table: str
) -> None:
    assert ordered(read(published, table)) == ordered(file_rows(sample_run, table))


def file_rows(sample_run: SampleRun, table: str) -> list[dict[str, Any]]:
    """The rows of the files, without the partition."""
    found = rows(sample_run.output, table)
    return [{k: v for k, v in row.items() if k != "ingest_date"} for row in found]


def test_publishing_again_leaves_no_doubles(
    published: BigQueryOutput, sample_run: SampleRun
) -> None:
    before = counts(published)
    published.publish(sample(sample_run))
    assert counts(published) == before


def test_no_staging_table_is_left(published: BigQueryOutput) -> None:
    names = {t.table_id for t in client(published).list_tables(published.address.dataset)}
    assert names == set(TABLES)


@pytest.mark.parametrize("method", METHODS)
def test_what_a_killed_try_staged_is_not_doubled(
    cloud: Cloud, sample_run: SampleRun, method: str
) -> None:
    output, whole = new_output(method=method), sample(sample_run)
    run = replace(whole, tables=whole.tables[-3:])
    publication = Publication(output.client, output.address, run)
    output._stage(publication)
    assert set(counts(output).values()) == {0}
    output.publish(run)
    assert counts(output) == {t.table: t.rows for t in run.tables} | missing_tables(run)


def missing_tables(run: CommittedRun) -> dict[str, int]:
    """Tables in which the run wrote nothing."""
    return dict.fromkeys(set(TABLES) - {t.table for t in run.tables}, 0)


def test_rows_that_do_not_arrive_are_said_and_nothing_is_visible(
    cloud: Cloud, sample_run: SampleRun
) -> None:
    output, run = new_output(), sample(sample_run)
    longer = replace(run, tables=(replace(run.tables[0], rows=10_000), *run.tables[1:]))
    with pytest.raises(PublishError, match="of 10,000 rows of articles, 33 arrived"):
        output.publish(longer)
    assert set(counts(output).values()) == {0}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_tables_are_made_as_the_schema_says(cloud: Cloud, table: Table) -> None:
    output = new_output()
    made = client(output).get_table(output.address.table(table.name))
    assert made.time_partitioning.field == "ingest_date"
    assert tuple(made.clustering_fields or ()) == table.cluster_by
    assert made.description == table.description
    assert [field.to_api_repr() for field in made.schema] == bigquery_schema(table)["fields"]


def make_table(output: BigQueryOutput, name: str, fields: list[dict[str, Any]]) -> None:
    """Make a table that is there before newsbeam comes."""
    dataset = bigquery.Dataset(f"{output.address.project}.{output.address.dataset}")
    client(output).create_dataset(dataset, exists_ok=True)
    table = new_table(output.address, TABLES[name])
    table.schema = [bigquery.SchemaField.from_api_repr(field) for field in fields]
    client(output).create_table(table)


def test_a_table_with_fewer_columns_is_widened(cloud: Cloud, sample_run: SampleRun) -> None:
    output = replace(bare_output(), options=BigQueryOptions())
    fields = bigquery_schema(TABLES["quotes"])["fields"]
    old = [field for field in fields if field["name"] not in ("speaker_text", "flags")]
    make_table(output, "quotes", old)
    output.prepare()
    output.publish(sample(sample_run))
    assert ordered(read(output, "quotes")) == ordered(file_rows(sample_run, "quotes"))


OTHERS = {
    "a column of its own": (
        lambda fields: [*fields, {"name": "mood", "type": "STRING", "mode": "NULLABLE"}],
        "column mood is unknown",
    ),
    "another type": (
        lambda fields: [{**f, "type": "STRING"} if f["name"] == "revision" else f for f in fields],
        "column revision is STRING, not INTEGER",
    ),
    "no list": (
        lambda fields: [{**f, "mode": "NULLABLE"} if f["name"] == "flags" else f for f in fields],
        "column flags is NULLABLE, not REPEATED",
    ),
    "no key": (
        lambda fields: [f for f in fields if f["name"] != "quote_id"],
        "column quote_id is missing",
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_table_that_is_not_ours_is_refused_and_nothing_is_made(cloud: Cloud, case: str) -> None:
    change, message = OTHERS[case]
    output = replace(bare_output(), options=BigQueryOptions())
    make_table(output, "quotes", change(bigquery_schema(TABLES["quotes"])["fields"]))
    with pytest.raises(OutputError, match=message):
        output.prepare()
    names = {t.table_id for t in client(output).list_tables(output.address.dataset)}
    assert names == {"quotes"}
