"""Merge many Parquet files into few, sorted, with memory that does not grow with their size.

Rows are sorted by distribution: the sort columns alone are read first and give every row its rank;
then each row goes to the temporary file of its range of ranks; at last each range, small enough for
memory, is put in order and becomes one row group.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

GROUP_BYTES = 32 << 20  # of a row group, before compression
GROUP_ROWS = 250_000
FILE_BYTES = 512 << 20  # of a file, before compression
_BATCH_ROWS = 2_000
_RANK = "_rank"

Ranks = npt.NDArray[np.int64]


@dataclass(frozen=True)
class MergedFile:
    """A file that a merge has written."""

    path: str
    rows: int


@dataclass(frozen=True)
class _Size:
    rows: int
    bytes: int  # before compression

    @property
    def rows_per_group(self) -> int:
        """As many rows as a row group should hold, if all are of average size."""
        average = max(1, self.bytes // max(1, self.rows))
        return max(1, min(GROUP_ROWS, GROUP_BYTES // average))


def merge_files(
    sources: Sequence[str], folder: str, name: str, schema: pa.Schema, sort_by: Sequence[str] = ()
) -> list[MergedFile]:
    """Write the rows of all sources to `folder`/`name`-00000.parquet and, if need be, more files.

    Rows are sorted by `sort_by` (nulls last), ties in the order of the sources. A column that a
    source lacks is null; one that `schema` lacks is kept. Raises OSError.
    """
    size = _measure(sources)
    schema = _widened(schema, sources)
    out = _Output(folder, name, schema, sort_by)
    if sort_by and size.rows:
        chunks = _sorted_chunks(sources, schema, sort_by, size, folder)
    else:
        chunks = _gathered(_batches(sources, schema), size.rows_per_group)
    try:
        for chunk in chunks:
            out.write(chunk)
        if not size.rows:
            out.write(schema.empty_table())
    finally:
        out.close()
    _check_rows(size.rows, out.files)
    return out.files


def _check_rows(expected: int, files: Iterable[MergedFile]) -> None:
    found = sum(pq.read_metadata(file.path).num_rows for file in files)
    if found != expected:
        raise OSError(f"{found} rows were written of {expected}; please report it")


def _widened(schema: pa.Schema, sources: Iterable[str]) -> pa.Schema:
    """Add the columns that only a source knows, so that no column is ever lost."""
    for path in sources:
        for column in pq.read_schema(path):
            if column.name not in schema.names:
                schema = schema.append(column.with_nullable(True))
    return schema


def _measure(sources: Iterable[str]) -> _Size:
    rows = size = 0
    for path in sources:
        try:
            metadata = pq.read_metadata(path)
        except pa.ArrowException as error:
            raise OSError(f"{path} is no Parquet file: move it away; {error}") from error
        rows += metadata.num_rows
        size += sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    return _Size(rows, size)


def _batches(
    sources: Iterable[str], schema: pa.Schema, columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """Yield the rows of all sources in order, in small tables of one schema."""
    if columns is not None:
        schema = pa.schema([schema.field(name) for name in columns])
    for path in sources:
        with pq.ParquetFile(path) as file:
            held = [name for name in schema.names if name in file.schema_arrow.names]
            for batch in file.iter_batches(_BATCH_ROWS, columns=held, use_threads=False):
                yield _conformed(batch, schema)


def _conformed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    arrays = []
    for column in schema:
        if column.name in batch.schema.names:
            arrays.append(batch.column(column.name).cast(column.type))
        else:
            arrays.append(pa.nulls(batch.num_rows, column.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _gathered(batches: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Put small tables together until they have about as many rows as asked for."""
    held: list[pa.Table] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        if count >= rows:
            yield pa.concat_tables(held)
            held, count = [], 0
    if held:
        yield pa.concat_tables(held)


def _sorted_chunks(
    sources: Sequence[str], schema: pa.Schema, sort_by: Sequence[str], size: _Size, folder: str
) -> Iterator[pa.Table]:
    ranks = _ranks(sources, schema, sort_by)
    ranges = -(-size.rows // size.rows_per_group)
    if ranges == 1:
        table = pa.concat_tables(_batches(sources, schema))
        yield table.take(pa.array(np.argsort(ranks)))
        return
    paths = [f"{folder}/_range-{number:05d}.tmp" for number in range(ranges)]
    _distribute(_batches(sources, schema), ranks, size.rows_per_group, paths)
    for path in paths:
        yield _read_range(path)


def _ranks(sources: Sequence[str], schema: pa.Schema, sort_by: Sequence[str]) -> Ranks:
    """Return the place of every row in the sorted whole; stable."""
    keys = pa.concat_tables(_batches(sources, schema, sort_by))
    keys = keys.append_column(_RANK, pa.array(np.arange(keys.num_rows)))
    order = pc.sort_indices(
        keys,
        sort_keys=[(name, "ascending") for name in (*sort_by, _RANK)],
    ).to_numpy()
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _distribute(
    batches: Iterable[pa.Table], ranks: Ranks, rows_per_range: int, paths: Sequence[str]
) -> None:
    """Write every row, with its rank, to the file of its range."""
    ranges: dict[int, _Range] = {}
    start = 0
    try:
        for batch in batches:
            mine = ranks[start : start + batch.num_rows]
            start += batch.num_rows
            numbers = mine // rows_per_range
            batch = batch.append_column(_RANK, pa.array(mine))
            for number in np.unique(numbers).tolist():
                held = ranges.setdefault(number, _Range(paths[number]))
                held.add(batch.filter(pa.array(numbers == number)))
            if sum(held.bytes for held in ranges.values()) >= GROUP_BYTES:
                for held in ranges.values():
                    held.flush()
    finally:
        for held in ranges.values():
            held.close()


@dataclass
class _Range:
    """The temporary file of one range of ranks; small pieces are gathered before they go there."""

    path: str
    bytes: int = 0  # gathered
    _pieces: list[pa.Table] = field(default_factory=list)
    _writer: pa.ipc.RecordBatchStreamWriter | None = None

    def add(self, piece: pa.Table) -> None:
        self._pieces.append(piece)
        self.bytes += piece.nbytes

    def flush(self) -> None:
        if not self._pieces:
            return
        table = pa.concat_tables(self._pieces).combine_chunks()
        if self._writer is None:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writer = pa.ipc.new_stream(self.path, table.schema, options=options)
        self._writer.write_table(table)
        self._pieces, self.bytes = [], 0

    def close(self) -> None:
        self.flush()
        if self._writer is not None:
            self._writer.close()


def _read_range(path: str) -> pa.Table:
    with pa.ipc.open_stream(path) as stream:
        table = stream.read_all()
    os.remove(path)
    return table.sort_by(_RANK).drop_columns([_RANK])


@dataclass
class _Output:
    """The files under way; a new one begins where one has grown large."""

    folder: str
    name: str
    schema: pa.Schema
    sort_by: Sequence[str]
    files: list[MergedFile] = field(default_factory=list)
    _writer: pq.ParquetWriter | None = None
    _path: str = ""
    _rows: int = 0
    _bytes: int = 0

    def write(self, chunk: pa.Table) -> None:
        """Write one row group."""
        if self._writer is None:
            self._path = f"{self.folder}/{self.name}-{len(self.files):05d}.parquet"
            self._writer = pq.ParquetWriter(
                self._path, self.schema, compression="zstd", sorting_columns=self._sorting()
            )
        self._writer.write_table(chunk, row_group_size=max(1, chunk.num_rows))
        self._rows += chunk.num_rows
        self._bytes += chunk.nbytes
        if self._bytes >= FILE_BYTES:
            self.close()

    def close(self) -> None:
        """Finish the file under way."""
        if self._writer is not None:
            self._writer.close()
            self.files.append(MergedFile(self._path, self._rows))
            self._writer, self._rows, self._bytes = None, 0, 0

    def _sorting(self) -> Any:
        if not self.sort_by:
            return None
        keys = [(name, "ascending") for name in self.sort_by]
        return pq.SortingColumn.from_ordering(self.schema, keys)
