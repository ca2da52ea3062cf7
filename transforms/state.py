"""What a run must know of earlier ones, in Parquet files: whole ones and small changes to them.

Six kinds of rows are kept, each by a key. A run writes what it learned as `delta` files; of one
key the newest row counts. `transforms.merge_state` folds deltas into `base` files from time to
time. A file is `_state/<run_id>/<kind>-base-<shard>.parquet` or `…/<kind>-delta-<n>.parquet`, and
the commit record of the last run lists those that count.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from schemas.arrow_rows import from_record, schema_of
from schemas.flow import KnownArticle
from schemas.state import FeedContents, FeedRetries, FeedState, RobotsFile
from schemas.story import SignedArticle
from schemas.tables import to_record
from transforms import storage
from transforms.parquet_files import RowFile, StagedFile, new_path

STATE = "_state"  # begins the "table" of a staged state file
KEY_HASH, ID_HASH = "key_hash", "id_hash"  # columns besides those of the rows
SHARD_BITS = 4
SHARDS = tuple(f"{shard:x}" for shard in range(1 << SHARD_BITS))
WHOLE = "all"  # instead of a shard: a merged file that holds all rows

Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class StateKind:
    """One kind of rows."""

    name: str
    row: type
    key: str  # the field by which a row is found

    @property
    def table(self) -> str:
        """The "table" of its staged files."""
        return f"{STATE}/{self.name}"

    @property
    def schema(self) -> pa.Schema:
        """Columns of its files: hashes to look rows up by, then the row."""
        hashes = [pa.field(KEY_HASH, pa.uint64()), pa.field(ID_HASH, pa.uint64())]
        return pa.schema([*hashes, *schema_of(self.row)])

    def record(self, row: Any) -> dict[str, Any]:
        """Return a row as its files hold it."""
        key = hash_of(getattr(row, self.key))
        identity = id_hash(row.article_id) if isinstance(row, KnownArticle) else key
        return {KEY_HASH: key, ID_HASH: identity, **to_record(row)}


ARTICLES = StateKind("articles", KnownArticle, "normalized_link")
FEEDS = StateKind("feeds", FeedState, "key")
CONTENTS = StateKind("contents", FeedContents, "key")
RETRIES = StateKind("retries", FeedRetries, "key")
ROBOTS = StateKind("robots", RobotsFile, "site")
STORIES = StateKind("stories", SignedArticle, "article_id")
KINDS = {kind.name: kind for kind in (ARTICLES, FEEDS, CONTENTS, RETRIES, ROBOTS, STORIES)}
_OF_ROW = {kind.row: kind for kind in KINDS.values()}


@dataclass(frozen=True)
class StateTable:
    """Rows of one kind that are a table already, with the columns of its files."""

    kind: StateKind
    table: pa.Table


def kind_of(row: Any) -> StateKind:
    """Return the kind of a row; KeyError for what is no row of the state."""
    return _OF_ROW[type(row)]


def hash_of(key: str) -> int:
    """Return the first 64 bits of a key's SHA-256, which an article's id may begin with."""
    return int.from_bytes(hash_bytes(key), "big")


def id_hash(article_id: str) -> int:
    """Return the first 64 bits of an article's id; ValueError where it is none."""
    return int(article_id[:16], 16)


def hash_bytes(text: str) -> bytes:
    """Return the first 8 bytes of a text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]


def shard_of(hashed: int) -> str:
    """Return the shard in which the row with this hash stands."""
    return SHARDS[hashed >> (64 - SHARD_BITS)]


@dataclass(frozen=True)
class StateFiles:
    """The files of a state, as the commit record of the last run lists them."""

    paths: tuple[str, ...] = ()

    def of(self, kind: StateKind) -> tuple[str, ...]:
        """Return the files of one kind, the newest first."""
        mine = [path for path in self.paths if _file_name(path).startswith(f"{kind.name}-")]
        return tuple(sorted(mine, key=_age_key, reverse=True))

    def deltas(self, kind: StateKind) -> tuple[str, ...]:
        """Return its files that hold rows of all shards, the newest first."""
        return tuple(path for path in self.of(kind) if not _is_base(path))

    def bases(self, kind: StateKind, shard: str | None = None) -> tuple[str, ...]:
        """Return its merged files: all, or those of one shard (`WHOLE`: of all together)."""
        end = f"-{shard}.parquet" if shard is not None else ".parquet"
        return tuple(path for path in self.of(kind) if _is_base(path) and path.endswith(end))

    def for_shard(self, kind: StateKind, shard: str) -> tuple[str, ...]:
        """Return all files in which rows of a shard can stand, the newest first."""
        return (*self.deltas(kind), *self.bases(kind, WHOLE), *self.bases(kind, shard))


def _file_name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _is_base(path: str) -> bool:
    """Whether a file is merged."""
    return "-base-" in _file_name(path)


def _age_key(path: str) -> tuple[bool, str, str]:
    """Order files by age: bases are older than all deltas, and those go by their run."""
    run_id = path.split("/")[-2]
    return not _is_base(path), run_id, _file_name(path)


def group_name(kind: StateKind, shard: str | None = None, number: int = 0) -> str:
    """Name a file of the state: a shard's base, or the delta with this number."""
    return f"{kind.name}-delta-{number:05d}" if shard is None else f"{kind.name}-base-{shard}"


def number_deltas(files: Iterable[StagedFile]) -> list[StagedFile]:
    """Give the deltas among a run's staged files names of their own; the other files stay."""
    named, counts = [], dict.fromkeys(KINDS, 0)
    for file in files:
        name = file.table.removeprefix(f"{STATE}/")
        if name in KINDS and not file.group:
            number = counts[name]
            counts[name] += 1
            file = replace(file, group=group_name(KINDS[name], number=number))
        named.append(file)
    return named


class StateWriter:
    """Writes rows of the state to temporary files, one a kind; for one bundle."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._files: dict[str, RowFile] = {}

    def write(self, row: Any) -> None:
        """Add a row of any kind, or a table of rows."""
        if isinstance(row, StateTable):
            self._file(row.kind).write_table(row.table)
        else:
            kind = kind_of(row)
            self._file(kind).write(kind.record(row))

    def _file(self, kind: StateKind) -> RowFile:
        file = self._files.get(kind.name)
        if file is None:
            path = new_path(self._folder, kind.table)
            file = self._files.setdefault(kind.name, RowFile(path, kind.schema))
        return file

    def close(self) -> list[StagedFile]:
        """Close all files and name them."""
        for file in self._files.values():
            file.close()
        return [
            StagedFile(KINDS[name].table, file.path, file.rows)
            for name, file in self._files.items()
        ]


def read_rows(
    paths: Sequence[str], kind: StateKind, wanted: Hashes | None = None, by: str = KEY_HASH
) -> Iterator[Any]:
    """Yield the newest row of each key, from files with the newest first.

    `wanted` names the hashes that are looked for, in the column `by`; None: all. Of a file that
    holds none of them, nothing but that column is read.
    """
    seen: set[int] = set()
    for path in paths:
        for record in _records(path, wanted, by):
            key = record.get(KEY_HASH) or hash_of(record[kind.key])
            if key not in seen:
                seen.add(key)
                yield from_record(kind.row, record)


def _records(path: str, wanted: Hashes | None, by: str) -> Iterator[dict[str, Any]]:
    with storage.open_stream(path) as stream:
        parquet = pq.ParquetFile(stream)
        for index in range(parquet.num_row_groups):
            if wanted is None:
                yield from parquet.read_row_group(index).to_pylist()
                continue
            found = np.isin(read_hashes(parquet, index, by), wanted)
            if found.any():
                yield from parquet.read_row_group(index).filter(pa.array(found)).to_pylist()


def read_hashes(parquet: pq.ParquetFile, row_group: int, column: str) -> Hashes:
    """Return one column of hashes of a row group; files of version 0.1 have to be hashed first."""
    if column in parquet.schema_arrow.names:
        values = parquet.read_row_group(row_group, [column]).column(0).to_numpy()
        return np.asarray(values, np.uint64)
    if column == ID_HASH:
        ids = parquet.read_row_group(row_group, ["article_id"]).column(0).to_pylist()
        return np.array([id_hash(text) for text in ids], np.uint64)
    links = parquet.read_row_group(row_group, [ARTICLES.key]).column(0).to_pylist()
    return np.array([hash_of(link) for link in links], np.uint64)
