"""Read the signatures that earlier runs left: those of the window that may match this run's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from transforms import storage
from transforms.parquet_files import with_schema
from transforms.state import STORIES, StateFiles
from transforms.syndication.blocks import (
    IS_NEW,
    SCHEMA,
    comparable,
    handles_in,
    moments_in,
    numbers_in,
)
from transforms.syndication.signatures import Keys, band_keys

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STORY_WINDOW = timedelta(days=3)  # how long an article waits for its near-duplicates


def pack_wanted(block: pa.Table) -> bytes:
    """Return the keys of the bands of a block's articles, and their handles."""
    bands = band_keys(numbers_in(comparable(block)))
    return np.concatenate([bands.ravel(), handles_in(block)]).tobytes()


@dataclass(frozen=True)
class KnownSignatures:
    """The signatures that a run finds, and the window's start."""

    files: StateFiles = field(default_factory=StateFiles)
    since: datetime = EPOCH

    @property
    def are_none(self) -> bool:
        """Whether no earlier run left any."""
        return not self.files.of(STORIES)

    def read(self, wanted: Iterable[bytes]) -> Iterator[pa.Table]:
        """Yield the articles of the window that share a key with what `pack_wanted` gave.

        Columns are sifted as arrays, a row group in memory at a time; of one article the newest
        row counts. Where nothing is wanted no file is opened.
        """
        keys = np.unique(np.frombuffer(b"".join(wanted), "<u8"))
        seen: Keys = np.array([], np.uint64)
        for path in self.files.of(STORIES) if len(keys) else ():
            with storage.open_stream(path) as stream:
                parquet = pq.ParquetFile(stream)
                for index in range(parquet.num_row_groups):
                    block = _as_block(parquet.read_row_group(index))
                    handles = handles_in(block)
                    fresh = ~np.isin(handles, seen) & self._is_recent(block)
                    seen = np.union1d(seen, handles)
                    found = block.filter(pa.array(fresh & _matches(block, keys)))
                    if len(found):
                        yield found

    def _is_recent(self, block: pa.Table) -> NDArray[np.bool_]:
        since = (self.since - EPOCH) // timedelta(microseconds=1)
        return np.asarray(moments_in(block, "seen_at") >= since)


def _as_block(table: pa.Table) -> pa.Table:
    """Return a row group of the state as a block."""
    return with_schema(table.append_column(IS_NEW, pa.array(np.zeros(len(table), bool))), SCHEMA)


def _matches(block: pa.Table, keys: Keys) -> NDArray[np.bool_]:
    handles, signed = handles_in(block), comparable(block)
    alike = np.isin(band_keys(numbers_in(signed)), keys).any(axis=1)
    wanted = np.concatenate([keys, handles_in(signed)[alike]])
    return np.isin(handles, wanted)
