"""What a run must know of earlier ones: the articles seen, in sixteen small Parquet files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pyarrow as pa

from schemas.flow import KnownArticle
from schemas.tables import to_record
from transforms.parquet_files import RowFile, read_records

SHARDS = tuple("0123456789abcdef")
FORGET_AFTER = timedelta(days=30)  # an entry that has left its feeds for this long

KNOWN_SCHEMA = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("normalized_link", pa.string(), nullable=False),
        pa.field("revision", pa.int64(), nullable=False),
        pa.field("content_hash", pa.string(), nullable=False),
        pa.field("model_version", pa.string(), nullable=False),
        pa.field("entry_hash", pa.string(), nullable=False),
        pa.field("last_seen", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)


@dataclass(frozen=True)
class Remembered:
    """A state row and its rank: of one key the highest rank is kept."""

    known: KnownArticle
    rank: int  # 0 carried over from the last state, 1 from this run


def shard_of(article_id: str) -> str:
    """Return the shard that an article's state stands in."""
    return article_id[:1]


def read_state(path: str) -> Iterator[KnownArticle]:
    """Yield the rows of one state file."""
    for record in read_records(path):
        yield KnownArticle(**record)


def write_state(path: str, known: Iterable[KnownArticle]) -> int:
    """Write one state file in the order of its keys; return the number of rows."""
    file = RowFile(path, KNOWN_SCHEMA)
    for row in sorted(known, key=lambda row: row.normalized_link):
        file.write(to_record(row))
    file.close()
    return file.rows


def newest(remembered: Iterable[Remembered]) -> list[KnownArticle]:
    """Keep, of each key, what this run learned; else what was known before."""
    best: dict[str, Remembered] = {}
    for item in remembered:
        held = best.get(item.known.normalized_link)
        if held is None or (item.rank, item.known.revision) > (held.rank, held.known.revision):
            best[item.known.normalized_link] = item
    return [item.known for item in best.values()]


def carry_over(known: KnownArticle, *, seen: bool, now: datetime) -> KnownArticle | None:
    """Return the state row that outlives a run; None: forgotten, as no feed carries it any more."""
    if seen:
        return replace(known, last_seen=now)
    return known if now - known.last_seen <= FORGET_AFTER else None


@dataclass
class StateLookup:
    """Finds an article of the last state by its id; a shard is read when it is first asked for."""

    paths: tuple[str, ...]  # the state's files, named by `Layout.state`
    _shards: dict[str, dict[str, KnownArticle]] = field(default_factory=dict)

    def find(self, article_id: str) -> KnownArticle | None:
        """Return what is known of the article's last revision; None: it is new."""
        shard = shard_of(article_id)
        if shard not in self._shards:
            self._shards[shard] = self._read(shard)
        return self._shards[shard].get(article_id)

    def _read(self, shard: str) -> dict[str, KnownArticle]:
        rows = [
            row
            for path in self.paths
            if path.endswith(f"articles-{shard}.parquet")
            for row in read_state(path)
        ]
        return {row.article_id: row for row in sorted(rows, key=lambda row: row.revision)}
