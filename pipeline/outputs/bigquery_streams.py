"""STORAGE_WRITE_API: the run's rows by the Storage Write API, into staging tables.

Beam's own STORAGE_WRITE_API runs in Java; here the official Python client sends the Parquet files'
record batches as they are. A table's rows go into one pending stream, which becomes visible as a
whole. A try that died may have left such a stream: every row has a key that the commit takes once.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
from google.auth.credentials import AnonymousCredentials
from google.cloud.bigquery_storage_v1 import BigQueryWriteClient, types
from google.cloud.bigquery_storage_v1.exceptions import StreamClosedError
from google.cloud.bigquery_storage_v1.services.big_query_write.transports import (
    BigQueryWriteGrpcTransport,
)
from google.cloud.bigquery_storage_v1.writer import AppendRowsStream

from pipeline.outputs.bigquery_client import REQUEST_S
from pipeline.outputs.bigquery_commit import (
    ROW_KEY,
    Publication,
    check_rows,
    make_staging,
    staged_rows,
)
from pipeline.outputs.committed import CommittedTable
from schemas.tables import TABLES, arrow_schema
from transforms import storage

EMULATOR = "BIGQUERY_STORAGE_EMULATOR_HOST"  # host:port, without TLS
REQUEST_BYTES = 8 << 20  # the service takes 10 MB a request


def stream_tables(publication: Publication) -> None:
    """Write a run's rows into its staging tables."""
    client = write_client()
    for table in publication.run.tables:
        make_staging(publication, table, keyed=True)
        write_table(client, publication, table)
    staged = staged_rows(publication)
    for table in publication.run.tables:
        check_rows(publication, table, staged.get(table.table, 0))


def write_table(
    client: BigQueryWriteClient, publication: Publication, table: CommittedTable
) -> None:
    """Send one table's rows in one stream and make it visible."""
    project, dataset, name = publication.staging(table.table).rsplit(".", 2)
    parent = client.table_path(project, dataset, name)
    pending = types.WriteStream(type_=types.WriteStream.Type.PENDING)
    stream = client.create_write_stream(parent=parent, write_stream=pending, timeout=REQUEST_S)
    schema = keyed_schema(table.table)
    first = types.AppendRowsRequest(
        write_stream=stream.name, arrow_rows=_rows(schema.serialize().to_pybytes(), None)
    )
    writer, offset = AppendRowsStream(client, first), 0
    try:
        for batch in keyed_batches(table.files, schema):
            request = types.AppendRowsRequest(
                write_stream=stream.name,
                offset=offset,
                arrow_rows=_rows(None, batch.serialize().to_pybytes()),
            )
            writer.send(request).result(timeout=REQUEST_S)
            offset += batch.num_rows
    finally:
        with suppress(StreamClosedError):  # by an error, which says more
            writer.close()
    client.finalize_write_stream(name=stream.name, timeout=REQUEST_S)
    client.batch_commit_write_streams(
        types.BatchCommitWriteStreamsRequest(parent=parent, write_streams=[stream.name]),
        timeout=REQUEST_S,
    )


def keyed_schema(table: str) -> pa.Schema:
    """Return a table's Arrow schema with the key."""
    return arrow_schema(TABLES[table]).append(pa.field(ROW_KEY, pa.string()))


def keyed_batches(paths: Sequence[str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows of several files, each with its key, in batches that fit into a request."""
    for path in paths:
        name, number = path.rsplit("/", 1)[-1], 0
        with storage.open_stream(path) as stream:
            for batch in pq.ParquetFile(stream).iter_batches():
                keys = [f"{name}:{number + row}" for row in range(batch.num_rows)]
                keyed = pa.Table.from_batches([batch]).append_column(ROW_KEY, pa.array(keys))
                yield from _fitting(keyed.cast(schema).combine_chunks().to_batches())
                number += batch.num_rows


def _fitting(batches: Sequence[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if batch.nbytes <= REQUEST_BYTES or batch.num_rows == 1:
            yield batch
            continue
        half = batch.num_rows // 2
        yield from _fitting([batch.slice(0, half), batch.slice(half)])


def write_client() -> BigQueryWriteClient:
    """Return the client of the Storage Write API, or of an emulator that the environment names."""
    host = os.environ.get(EMULATOR)
    if not host:
        return BigQueryWriteClient()
    channel = grpc.insecure_channel(host)
    transport = BigQueryWriteGrpcTransport(channel=channel, credentials=AnonymousCredentials())
    return BigQueryWriteClient(transport=transport)


def _rows(schema: bytes | None, batch: bytes | None) -> Any:
    data = types.AppendRowsRequest.ArrowData()
    if schema is not None:
        data.writer_schema = types.ArrowSchema(serialized_schema=schema)
    if batch is not None:
        data.rows = types.ArrowRecordBatch(serialized_record_batch=batch)
    return data
