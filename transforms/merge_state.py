"""Fold the state's deltas together, and forget what no feed has carried for long.

Rows never become Python objects here: columns are sifted as NumPy arrays, a shard at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from transforms import storage
from transforms.parquet_files import ROWS_PER_GROUP, StagedFile, new_path, with_schema
from transforms.robots_cache import ROBOTS_LIFE
from transforms.state import (
    ARTICLES,
    CONTENTS,
    FEEDS,
    ID_HASH,
    KEY_HASH,
    KINDS,
    RETRIES,
    ROBOTS,
    SHARD_BITS,
    SHARDS,
    STORIES,
    WHOLE,
    Hashes,
    StateFiles,
    StateKind,
    group_name,
)
from transforms.syndication.known import STORY_WINDOW

FORGET_AFTER = timedelta(days=30)  # an article that no feed carries, a feed that nobody lists
MOST_DELTAS = 8  # files of one kind, before they become one
LARGEST_DELTA_SHARE = 0.25  # of the merged rows, before all is merged
MOST_WHOLE = 20_000  # rows of articles in one file, before they are dealt to shards
LONGEST_UNMERGED = timedelta(days=1)
MARK = np.dtype([("key", ">u8"), ("entry", ">u8")])  # of `FeedContents.marks`

Mask = NDArray[np.bool_]
Sift = Callable[[pa.Table], pa.Table]


@dataclass(frozen=True)
class Merged:
    """What a merge leaves."""

    kept: tuple[str, ...]  # files of the old state that still count
    files: list[StagedFile]  # of this run: those it had, or the merged ones instead


def merge(
    old: StateFiles, staged: Sequence[StagedFile], folder: str, now: datetime, listed: Hashes
) -> Merged:
    """Merge where it is time to; `listed` are the hashes of the keys of the feeds now listed.

    The staged files are the newest deltas of all. Whatever is merged is written below `folder`.
    """
    kept: list[str] = []
    files = [file for file in staged if not file.table.startswith("_state/")]
    forget = _Forget(old, staged, now, listed)
    for kind in KINDS.values():
        new = [file for file in staged if file.table == kind.table]
        deltas = (*(file.path for file in new), *old.deltas(kind))
        bases = old.bases(kind)
        if _is_time_for_all(deltas, bases, now):
            files += _merge_all(kind, deltas, old, folder, forget.of(kind))
        elif len(deltas) > MOST_DELTAS:
            kept += bases
            files.append(_write(kind, _newest(deltas, kind), folder, ""))
        else:
            kept += [*old.deltas(kind), *bases]
            files += new
    return Merged(tuple(kept), files)


def _is_time_for_all(deltas: Sequence[str], bases: Sequence[str], now: datetime) -> bool:
    if not deltas:
        return False
    merged_at = max(map(_written_at, bases), default=None)
    if merged_at is None or now - merged_at > LONGEST_UNMERGED:
        return True
    return _count(deltas) >= LARGEST_DELTA_SHARE * _count(bases)


def _written_at(path: str) -> datetime:
    """When the run started that wrote a file: its folder says it."""
    return datetime.strptime(path.split("/")[-2][:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _count(paths: Sequence[str]) -> int:
    rows = 0
    for path in paths:
        with storage.open_stream(path) as stream:
            rows += pq.ParquetFile(stream).metadata.num_rows
    return rows


def _merge_all(
    kind: StateKind, deltas: Sequence[str], old: StateFiles, folder: str, sift: Sift
) -> Iterator[StagedFile]:
    """Write one file, or sixteen shards of many articles, from all deltas and bases."""
    if kind is not ARTICLES or _count([*deltas, *old.bases(kind)]) <= MOST_WHOLE:
        rows = sift(_newest([*deltas, *old.bases(kind)], kind))
        yield _write(kind, rows, folder, group_name(kind, WHOLE))
        return
    changed = _newest([*deltas, *old.bases(kind, WHOLE)], kind)
    places = (_shards(changed, KEY_HASH), _shards(changed, ID_HASH))
    for number, shard in enumerate(SHARDS):
        mine = changed.filter(pa.array((places[0] == number) | (places[1] == number)))
        tables = [mine, *(_read(path, kind) for path in old.bases(kind, shard))]
        rows = sift(_unique(pa.concat_tables(tables)))
        if rows.num_rows:
            yield _write(kind, rows, folder, group_name(kind, shard))


def _shards(table: pa.Table, column: str) -> NDArray[np.uint64]:
    return _column(table, column) >> np.uint64(64 - SHARD_BITS)


def _column(table: pa.Table, name: str) -> Hashes:
    return np.asarray(table.column(name).to_numpy(), np.uint64)


def _newest(paths: Sequence[str], kind: StateKind) -> pa.Table:
    """Return the newest row of each key, from files with the newest first."""
    return _unique(pa.concat_tables([kind.schema.empty_table(), *(_read(p, kind) for p in paths)]))


def _unique(table: pa.Table) -> pa.Table:
    _, first = np.unique(_column(table, KEY_HASH), return_index=True)
    return table.take(pa.array(first))


def _read(path: str, kind: StateKind) -> pa.Table:
    """Read a file whole; a column that a later version added is empty."""
    with storage.open_stream(path) as stream:
        table = pq.ParquetFile(stream).read()
    return with_schema(table, kind.schema)


def _write(kind: StateKind, table: pa.Table, folder: str, group: str) -> StagedFile:
    path = new_path(folder, kind.table)
    with storage.create(path) as stream:
        pq.write_table(table, stream, compression="zstd", row_group_size=ROWS_PER_GROUP)
    return StagedFile(kind.table, path, table.num_rows, group)


class _Forget:
    """What is left out of a full merge, by kind."""

    def __init__(
        self, old: StateFiles, staged: Sequence[StagedFile], now: datetime, listed: Hashes
    ) -> None:
        self._old = old
        self._staged = staged
        self._now = now
        self._listed = listed

    def of(self, kind: StateKind) -> Sift:
        """Return what sifts the rows of a kind; what that needs to know is read here, once."""
        if kind is ARTICLES:
            return self._articles()
        if kind is CONTENTS:
            return self._of_feeds()
        sifts = {FEEDS: self._feeds, RETRIES: self._retries, ROBOTS: self._robots}
        return {**sifts, STORIES: self._stories}[kind]

    def _all(self, kind: StateKind) -> pa.Table:
        staged = [file.path for file in self._staged if file.table == kind.table]
        return _newest([*staged, *self._old.of(kind)], kind)

    def _articles(self) -> Sift:
        current = self._in_feeds()

        def sift(table: pa.Table) -> pa.Table:
            in_feed = np.isin(_column(table, KEY_HASH), current)
            moment = pa.scalar(self._now, table.schema.field("last_seen").type)
            seen = pc.if_else(pa.array(in_feed), moment, table.column("last_seen"))
            index = table.schema.get_field_index("last_seen")
            table = table.set_column(index, table.schema.field(index), seen)
            return table.filter(pa.array(in_feed | self._is_recent(table, "last_seen")))

        return sift

    def _in_feeds(self) -> Hashes:
        marks = self._all(CONTENTS).column("marks").to_pylist()
        joined = np.frombuffer(b"".join(mark or b"" for mark in marks), MARK)
        return np.unique(joined["key"]).astype(np.uint64)

    def _feeds(self, table: pa.Table) -> pa.Table:
        listed = np.isin(_column(table, KEY_HASH), self._listed)
        gone = ~np.asarray(table.column("gone_since").is_null())
        return table.filter(pa.array(listed | gone | self._is_recent(table, "last_fetch")))

    def _of_feeds(self) -> Sift:
        feeds = _column(self._feeds(self._all(FEEDS)), KEY_HASH)
        return lambda table: table.filter(pa.array(np.isin(_column(table, KEY_HASH), feeds)))

    def _retries(self, table: pa.Table) -> pa.Table:
        return table.filter(pc.list_value_length(table.column("retries")).cast("bool"))

    def _robots(self, table: pa.Table) -> pa.Table:
        return table.filter(pa.array(self._is_recent(table, "fetched_at", ROBOTS_LIFE)))

    def _stories(self, table: pa.Table) -> pa.Table:
        return table.filter(pa.array(self._is_recent(table, "seen_at", STORY_WINDOW)))

    def _is_recent(self, table: pa.Table, column: str, life: timedelta = FORGET_AFTER) -> Mask:
        moments = table.column(column).to_numpy().astype("datetime64[us]")
        oldest = np.datetime64((self._now - life).replace(tzinfo=None), "us")
        return np.asarray(moments >= oldest)
