"""Look up articles of the state by key or by id, without holding the state in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow.parquet as pq

from schemas.flow import KnownArticle
from transforms import storage
from transforms.state import (
    ARTICLES,
    CONTENTS,
    ID_HASH,
    Hashes,
    StateFiles,
    hash_of,
    id_hash,
    read_hashes,
    read_rows,
    shard_of,
)


def find_by_keys(files: StateFiles, shard: str, keys: Iterable[str]) -> dict[str, KnownArticle]:
    """Return what is known of the articles with these keys, all of one shard, by key."""
    wanted = np.array([hash_of(key) for key in keys], np.uint64)
    rows = read_rows(files.for_shard(ARTICLES, shard), ARTICLES, wanted)
    return {row.normalized_link: row for row in rows}


@dataclass
class ArticleIndex:
    """Finds articles by id; of each file that was needed it holds the ids' hashes alone."""

    files: StateFiles
    _ids: dict[str, Hashes] = field(default_factory=dict)  # by path

    def find(self, article_id: str) -> KnownArticle | None:
        """Return what is known of the article's last revision; None: it is new."""
        try:
            wanted = np.uint64(id_hash(article_id))
        except ValueError:
            return None
        paths = [
            path
            for path in self.files.for_shard(ARTICLES, shard_of(int(wanted)))
            if np.isin(wanted, self._ids_of(path))
        ]
        rows = read_rows(paths, ARTICLES, np.array([wanted]), by=ID_HASH)
        found = (row for row in rows if row.article_id == article_id)
        return max(found, key=lambda row: row.revision, default=None)

    def _ids_of(self, path: str) -> Hashes:
        if path not in self._ids:
            with storage.open_stream(path) as stream:
                parquet = pq.ParquetFile(stream)
                groups = [
                    read_hashes(parquet, index, ID_HASH) for index in range(parquet.num_row_groups)
                ]
            self._ids[path] = np.concatenate(groups) if groups else np.array([], np.uint64)
        return self._ids[path]


class MarksIndex:
    """Finds the marks of a feed's entries; all feeds' are read when the first is asked for."""

    def __init__(self, files: StateFiles) -> None:
        self._files = files
        self._marks: dict[int, bytes] | None = None

    def find(self, feed_key: str) -> bytes:
        """Return the marks of the entries that were in a feed; none where it is new."""
        if self._marks is None:
            rows = read_rows(self._files.of(CONTENTS), CONTENTS)
            self._marks = {hash_of(row.key): row.marks for row in rows}
        return self._marks.get(hash_of(feed_key), b"")
