"""Datasets of a test, and what a reader sees in them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from google.cloud import bigquery

from pipeline.commit import read_record
from pipeline.outputs.bigquery import BigQueryOutput
from pipeline.outputs.bigquery_client import connect
from pipeline.outputs.committed import CommittedRun, committed_run
from pipeline.outputs.targets import BigQueryOptions, DatasetAddress
from schemas.layout import Layout
from schemas.tables import TABLES
from tests.emulators.running import PROJECT
from tests.pipeline.conftest import SampleRun

_numbers = count()


def new_output(**options: Any) -> BigQueryOutput:
    """Return the output to a dataset of its own, with tables."""
    output = bare_output(**options)
    output.prepare()
    return output


def bare_output(**options: Any) -> BigQueryOutput:
    """Return the output to a dataset that does not exist yet."""
    address = DatasetAddress(PROJECT, f"news_{next(_numbers)}")
    return BigQueryOutput(address, BigQueryOptions((address,), location="EU", **options))


def client(output: BigQueryOutput) -> bigquery.Client:
    """Return the official client for the output's project."""
    return connect(output.address)


def sample(sample_run: SampleRun) -> CommittedRun:
    """Return the run over the sample newsroom as outputs take it."""
    layout = Layout(str(sample_run.output))
    run = committed_run(layout, read_record(layout, sample_run.report.run.value))
    assert run is not None
    return run


def read(output: BigQueryOutput, table: str) -> list[dict[str, Any]]:
    """Return all rows of a table without its partition, as the client gives them."""
    sql = f"SELECT * EXCEPT (ingest_date) FROM `{output.address.table(table)}`"
    return [dict(row) for row in client(output).query_and_wait(sql)]


def counts(output: BigQueryOutput) -> Mapping[str, int]:
    """Return the number of rows of every table."""
    return {table: len(read(output, table)) for table in TABLES}


def ordered(rows: list[dict[str, Any]]) -> list[str]:
    """Return rows as text in an order of their own; times in UTC, however they say that."""
    return sorted(repr(sorted(_plain(row).items())) for row in rows)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
