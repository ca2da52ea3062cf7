"""Read the signatures that earlier runs left: those of the window that may match this run's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from schemas.arrow_rows import from_record
from schemas.story import SignedArticle
from transforms import storage
from transforms.state import KEY_HASH, STORIES, StateFiles, hash_of
from transforms.syndication.clusters import Member, make_entries
from transforms.syndication.signatures import SCHEME, SIZE, Keys, band_keys, numbers_of

STORY_WINDOW = timedelta(days=3)  # how long an article waits for its near-duplicates


def pack_wanted(articles: Iterable[SignedArticle | bytes]) -> bytes:
    """Return the keys of articles' bands, and their handles, as bytes; packed ones are joined."""
    packed: list[bytes] = []
    plain: list[SignedArticle] = []
    for article in articles:
        if isinstance(article, bytes):
            packed.append(article)
        else:
            plain.append(article)
    entries = make_entries([Member(article, is_new=True) for article in plain])
    handles = np.array([hash_of(article.article_id) for article in plain], "<u8")
    keys = np.unique(np.concatenate([entries["key"], handles]))
    return b"".join([*packed, keys.astype("<u8").tobytes()])


@dataclass(frozen=True)
class KnownSignatures:
    """The signatures that a run finds, and the window's start."""

    files: StateFiles = field(default_factory=StateFiles)
    since: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def read(self, wanted: bytes) -> Iterator[SignedArticle]:
        """Yield the articles of the window that share a key with what `pack_wanted` gave.

        Columns are sifted as arrays, a row group in memory at a time; of one article the newest
        row counts. Where nothing is wanted no file is opened.
        """
        keys = np.unique(np.frombuffer(wanted, "<u8"))
        seen: Keys = np.array([], np.uint64)
        for path in self.files.of(STORIES) if len(keys) else ():
            with storage.open_stream(path) as stream:
                parquet = pq.ParquetFile(stream)
                for index in range(parquet.num_row_groups):
                    table = parquet.read_row_group(index)
                    handles = _handles(table)
                    fresh = ~np.isin(handles, seen) & self._is_recent(table)
                    found = fresh & _matches(table, handles, keys)
                    seen = np.union1d(seen, handles)
                    rows = table.filter(pa.array(found)).to_pylist()
                    yield from (from_record(SignedArticle, row) for row in rows)

    def _is_recent(self, table: pa.Table) -> NDArray[np.bool_]:
        moments = table.column("seen_at").to_numpy().astype("datetime64[us]")
        since = np.datetime64(self.since.astimezone(UTC).replace(tzinfo=None), "us")
        return np.asarray(moments >= since)


def _handles(table: pa.Table) -> Keys:
    return np.asarray(table.column(KEY_HASH).to_numpy(), np.uint64)


def _matches(table: pa.Table, handles: Keys, keys: Keys) -> NDArray[np.bool_]:
    found = np.isin(handles, keys)
    schemes = table.column("scheme").to_pylist()
    numbers = table.column("numbers").to_pylist()
    signed = np.array(
        [s == SCHEME and len(n) == 4 * SIZE for s, n in zip(schemes, numbers, strict=True)], bool
    )
    if signed.any():
        bands = band_keys(numbers_of([numbers[place] for place in np.flatnonzero(signed)]))
        found[signed] |= np.isin(bands, keys).any(axis=1)
    return found
