"""Parquet files that are written row by row, with flat memory; no Beam graph in here."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from transforms import storage

ROWS_PER_GROUP = 2_000
BYTES_PER_GROUP = 8 << 20


@dataclass(frozen=True)
class StagedFile:
    """A file of one table that waits for the commit."""

    table: str  # name of the table, or of a part of the state
    path: str  # where it lies now
    rows: int
    group: str = ""  # of the writer that wrote it: with an article id, names a set of rows


@dataclass
class RowFile:
    """One Parquet file under way; rows leave memory a row group at a time.

    Not for small appends from many places: one writer, one file.
    """

    path: str
    schema: pa.Schema
    rows: int = 0
    _buffer: list[dict[str, Any]] = field(default_factory=list)
    _tables: list[pa.Table] = field(default_factory=list)
    _buffered_rows: int = 0
    _buffered_bytes: int = 0
    _stream: IO[bytes] | None = None
    _writer: pq.ParquetWriter | None = None

    def write(self, record: dict[str, Any], size: int = 200) -> None:
        """Add a record; `size` is its approximate size in bytes."""
        self._buffer.append(record)
        self._wrote(1, size)

    def write_table(self, table: pa.Table) -> None:
        """Add a table's rows."""
        self._tables.append(table)
        self._wrote(len(table), table.nbytes)

    def _wrote(self, rows: int, size: int) -> None:
        self.rows += rows
        self._buffered_rows += rows
        self._buffered_bytes += size
        if self._buffered_rows >= ROWS_PER_GROUP or self._buffered_bytes >= BYTES_PER_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is left and close the file."""
        self._flush()
        if self._writer is not None and self._stream is not None:
            self._writer.close()
            self._stream.close()

    def _flush(self) -> None:
        if self._writer is None:
            self._stream = storage.create(self.path)
            self._writer = pq.ParquetWriter(self._stream, self.schema, compression="zstd")
        if self._buffered_rows:
            records = pa.Table.from_pylist(self._buffer, schema=self.schema)
            table = pa.concat_tables([records, *self._tables])
            self._writer.write_table(table, row_group_size=ROWS_PER_GROUP)
        self._buffer, self._tables = [], []
        self._buffered_rows = self._buffered_bytes = 0


def new_path(folder: str, table: str) -> str:
    """Return a path for a temporary file that no other writer uses."""
    return f"{folder}/{table}/{uuid.uuid4().hex}.parquet"


def with_schema(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with these columns; one that a later version added is empty."""
    columns = [
        table.column(f.name) if f.name in table.column_names else pa.nulls(len(table), f.type)
        for f in schema
    ]
    return pa.table(columns, schema=schema)


def read_records(path: str) -> Iterator[dict[str, Any]]:
    """Yield a Parquet file's rows as dicts, a row group in memory at a time."""
    with storage.open_stream(path) as stream:
        parquet = pq.ParquetFile(stream)
        for index in range(parquet.num_row_groups):
            yield from parquet.read_row_group(index).to_pylist()


def read_columns(path: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return some columns of a Parquet file, all rows at once; only for narrow columns."""
    with storage.open_stream(path) as stream:
        rows: list[dict[str, Any]] = pq.ParquetFile(stream).read(list(columns)).to_pylist()
    return rows
