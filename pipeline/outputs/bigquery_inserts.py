"""STREAMING_INSERTS: the run's rows through Beam's WriteToBigQuery, into staging tables.

Streaming inserts may bring a row twice and show it late. So every row carries a key that follows
from its file and its place there; the commit waits for all keys, and takes each once.
"""

import os
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import apache_beam as beam
from apache_beam.io.gcp.bigquery import BigQueryDisposition, WriteToBigQuery

from pipeline.outputs.bigquery_client import EMULATOR, connect
from pipeline.outputs.bigquery_commit import (
    ROW_KEY,
    Publication,
    check_rows,
    make_staging,
    staged_rows,
)
from pipeline.outputs.targets import DatasetAddress
from pipeline.runners import beam_options
from transforms.parquet_files import read_records

VISIBLE_AFTER_S = 90.0  # within which a row that was taken can be read
_POLL_S = 2.0


def insert_tables(publication: Publication, beam_args: Sequence[str]) -> None:
    """Insert a run's rows into its staging tables, and wait until all can be read."""
    for table in publication.run.tables:
        make_staging(publication, table, keyed=True)
    tables = {t.table: publication.staging(t.table) for t in publication.run.tables}
    files = [(t.table, path) for t in publication.run.tables for path in t.files]
    with beam.Pipeline(options=beam_options(beam_args, workers=1)) as root:
        rows = root | "Files" >> beam.Create(files) | "Read" >> beam.FlatMapTuple(keyed_rows)
        _ = rows | "Write" >> WriteToBigQuery(
            lambda row: tables[row[ROW_KEY].partition("/")[0]].replace(".", ":", 1),
            method=WriteToBigQuery.Method.STREAMING_INSERTS,
            create_disposition=BigQueryDisposition.CREATE_NEVER,
            write_disposition=BigQueryDisposition.WRITE_APPEND,
            test_client=_client(publication.address),
        )
    wait_for_rows(publication)


def keyed_rows(table: str, path: str) -> Iterator[dict[str, Any]]:
    """Yield a file's rows as JSON takes them, each with its key."""
    name = path.rsplit("/", 1)[-1]
    for number, record in enumerate(read_records(path)):
        yield {**_json(record), ROW_KEY: f"{table}/{name}:{number}"}


def wait_for_rows(publication: Publication, seconds: float = VISIBLE_AFTER_S) -> None:
    """Wait until every key can be read; PublishError where some do not come."""
    until = time.monotonic() + seconds
    while True:
        staged = staged_rows(publication)
        if all(staged.get(table.table, 0) == table.rows for table in publication.run.tables):
            return
        if time.monotonic() >= until:
            for table in publication.run.tables:
                check_rows(publication, table, staged.get(table.table, 0))
        time.sleep(_POLL_S)


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


class EmulatedClient:
    """What Beam's sink calls, against an emulator: Beam itself knows no other address.

    It is pickled on its way to the workers and connects there.
    """

    def __init__(self, address: DatasetAddress) -> None:
        self._address = address

    def insert_rows_json(self, *args: Any, **kwargs: Any) -> Any:
        """Insert rows, as google-cloud-bigquery's client does."""
        return connect(self._address).insert_rows_json(*args, **kwargs)


def _client(address: DatasetAddress) -> EmulatedClient | None:
    return EmulatedClient(address) if os.environ.get(EMULATOR) else None
