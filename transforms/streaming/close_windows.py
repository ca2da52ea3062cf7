"""The end of a window: its many small files become few, and its facts are brought together.

What does not need to know of other windows is done here, on any worker; the rest waits for the
commit (`PreparedWindow`), which takes one window after the other.
"""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.flow import KnownArticle
from schemas.rows import Failure, Fetch
from schemas.story import SignedArticle
from transforms import storage
from transforms.fetch_feeds import BROUGHT, output_of
from transforms.parquet_files import BYTES_PER_GROUP, ROWS_PER_GROUP, StagedFile, new_path
from transforms.stage_rows import StagedTables
from transforms.state import kind_of
from transforms.streaming.items import Expected, MoreRefs, NewEntries, RetryFact, Update
from transforms.streaming.plan import StreamPlan
from transforms.streaming.windows import moment_of


@dataclass
class PreparedWindow:
    """A window that waits for its commit."""

    files: list[StagedFile] = field(default_factory=list)
    state: dict[tuple[str, str], Any] = field(default_factory=dict)  # by kind and key
    signed: list[SignedArticle] = field(default_factory=list)
    retries: list[RetryFact] = field(default_factory=list)
    refs: list[MoreRefs] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)


@dataclass(frozen=True)
class WindowRef:
    """Where a prepared window lies; `begin` says which it is."""

    begin: datetime
    path: str


def prepare_window(items: Iterable[Any], folder: str) -> PreparedWindow:
    """Bring together what the stages gave for one window; rows and files are written."""
    prepared, tables = PreparedWindow(), StagedTables(folder)
    latest: dict[tuple[str, str], tuple[Any, ...]] = {}
    small: list[StagedFile] = []
    rows: dict[str, Fetch | Failure] = {}
    new: Counter[str] = Counter()
    for item in items:
        if isinstance(item, StagedFile):
            small.append(item)
        elif isinstance(item, Fetch):
            rows[item.fetch_id] = item
        elif isinstance(item, Failure):
            rows.setdefault(item.failure_id, item)
        elif isinstance(item, NewEntries):
            new[item.fetch_id] += item.count
        elif isinstance(item, RetryFact):
            prepared.retries.append(item)
        elif isinstance(item, MoreRefs):
            prepared.refs.append(item)
        elif isinstance(item, Expected):
            prepared.expected.append(item)
        elif isinstance(item, SignedArticle):
            prepared.signed.append(item)
        else:
            _keep_latest(item, prepared.state, latest)
    for row in in_order(rows):
        tables.write_row(with_new_entries(row, new))
    prepared.files = [*tables.close(), *join_files(small, folder)]
    return prepared


def in_order(rows: dict[str, Fetch | Failure]) -> Iterator[Fetch | Failure]:
    """Yield rows in an order that does not follow from how they arrived."""
    for _, row in sorted(rows.items()):
        yield row


def with_new_entries(row: Fetch | Failure, new: Counter[str]) -> Fetch | Failure:
    """Fill in how many of a feed's entries were new."""
    if isinstance(row, Fetch) and output_of(row) == BROUGHT:
        return replace(row, entries_new=new[row.fetch_id])
    return row


def _keep_latest(item: Any, state: dict[Any, Any], latest: dict[Any, tuple[Any, ...]]) -> None:
    """Keep a row of the state, unless a later one with its key is there."""
    row = item.row if isinstance(item, Update) else item
    if isinstance(row, KnownArticle):
        order: tuple[Any, ...] = (row.last_seen, row.revision)
    else:
        order = (item.at,)
    kind = kind_of(row)
    place = (kind.name, getattr(row, kind.key))
    if place not in latest or order >= latest[place]:
        latest[place], state[place] = order, row


def join_files(files: Iterable[StagedFile], folder: str) -> Iterator[StagedFile]:
    """Write all files of each table into one; their rows go from file to file as columns."""
    tables: dict[str, list[StagedFile]] = defaultdict(list)
    for file in sorted(files, key=lambda file: file.path):
        tables[file.table].append(file)
    for table, members in sorted(tables.items()):
        yield members[0] if len(members) == 1 else _join(table, members, folder)


def _join(table: str, files: Sequence[StagedFile], folder: str) -> StagedFile:
    path, waiting = new_path(folder, table), list[pa.Table]()
    with storage.open_stream(files[0].path) as stream:
        schema = pq.ParquetFile(stream).schema_arrow
    with (
        storage.create(path) as target,
        pq.ParquetWriter(target, schema, compression="zstd") as writer,
    ):
        for group in _row_groups(files):
            waiting.append(group)
            if _is_full(waiting):
                writer.write_table(pa.concat_tables(waiting).combine_chunks())
                waiting = []
        if waiting:
            writer.write_table(pa.concat_tables(waiting).combine_chunks())
    return StagedFile(table, path, sum(file.rows for file in files))


def _row_groups(files: Iterable[StagedFile]) -> Iterator[pa.Table]:
    for file in files:
        with storage.open_stream(file.path) as stream:
            parquet = pq.ParquetFile(stream)
            for index in range(parquet.num_row_groups):
                yield parquet.read_row_group(index)


def _is_full(tables: Sequence[pa.Table]) -> bool:
    rows = sum(table.num_rows for table in tables)
    size = sum(table.nbytes for table in tables)
    return bool(rows >= ROWS_PER_GROUP or size >= BYTES_PER_GROUP)


def write_prepared(prepared: PreparedWindow, path: str) -> None:
    """Leave a prepared window for the commit."""
    with storage.create(path) as stream:
        pickle.dump(prepared, stream)


def read_prepared(path: str) -> PreparedWindow:
    """Read what `write_prepared` left."""
    with storage.open_stream(path) as stream:
        prepared: PreparedWindow = pickle.load(stream)
    return prepared


class _Prepare(beam.DoFn):  # type: ignore[misc]
    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan

    def process(
        self, element: tuple[str, Iterable[Any]], window: Any = beam.DoFn.WindowParam
    ) -> Iterator[WindowRef]:
        begin = moment_of(window.start)
        folder = self._plan.staging(self._plan.windows.run(begin))
        path = new_path(folder, "prepared").removesuffix(".parquet") + ".pickle"
        write_prepared(prepare_window(element[1], folder), path)
        yield WindowRef(begin, path)


@dataclass
class CloseWindows(beam.PTransform):  # type: ignore[misc]
    """All items of windows, in these windows → PCollection[WindowRef], one each, when it is over.

    Nothing that is gathered is large: texts lie in files.
    """

    plan: StreamPlan

    def expand(self, items: beam.PCollection) -> beam.PCollection:
        """Gather by window."""
        return (
            items
            | "OneKey" >> beam.Map(lambda item: ("window", item))
            | "ByWindow" >> beam.GroupByKey()
            | "Prepare" >> beam.ParDo(_Prepare(self.plan))
        )
