"""What the tables themselves know of articles: for a replay of archives older than the state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from schemas.arrow_rows import from_record
from schemas.flow import KnownArticle
from transforms import storage
from transforms.parquet_files import RowFile
from transforms.state import ARTICLES, group_name, id_hash

_COLUMNS = [
    "article_id",
    "revision",
    "content_hash",
    "model_version",
    "normalized_url",
    "ingested_at",
    "feed_refs",
]
_BATCH = 20_000


def write_known(paths: Sequence[str], folder: str) -> str:
    """Write, as a file of the state, the last revision of every article in files of `articles`.

    Returns the file's path. Two numbers an article are held in memory, no text.
    """
    last = _last_revisions(paths)
    file = RowFile(f"{folder}/{group_name(ARTICLES)}.parquet", ARTICLES.schema)
    for record in _read(paths, _COLUMNS):
        place = np.searchsorted(last["id"], id_hash(record["article_id"]))
        if last["revision"][place] == record["revision"]:
            file.write(ARTICLES.record(_known(record)))
    file.close()
    return file.path


def _last_revisions(paths: Sequence[str]) -> NDArray[np.void]:
    """The highest revision of each article, ordered by the first 64 bits of its id."""
    records = _read(paths, ["article_id", "revision"])
    pairs = ((id_hash(record["article_id"]), record["revision"]) for record in records)
    rows = np.fromiter(pairs, dtype=[("id", np.uint64), ("revision", np.int64)])
    rows.sort(order=["id", "revision"])
    is_last = np.append(rows["id"][1:] != rows["id"][:-1], True)[: len(rows)]
    last: NDArray[np.void] = rows[is_last]
    return last


def _read(paths: Sequence[str], columns: list[str]) -> Iterator[dict[str, Any]]:
    for path in paths:
        with storage.open_stream(path) as stream:
            for batch in pq.ParquetFile(stream).iter_batches(_BATCH, columns=columns):
                yield from batch.to_pylist()


def _known(record: dict[str, Any]) -> KnownArticle:
    key = record["normalized_url"] or record["article_id"]
    added = {"normalized_link": key, "entry_hash": "", "last_seen": record["ingested_at"]}
    return from_record(KnownArticle, {**record, **added})
