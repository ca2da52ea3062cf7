"""Run newsbeam in a test and look at what it left."""

from collections.abc import Iterable
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
from spacy.language import Language

from pipeline.options import RunOptions
from pipeline.run import RunReport, run_once
from pipeline.warehouse import open_warehouse
from transforms.annotate_articles import Model
from transforms.nlp.load import BUNDLED
from transforms.retrieve import RetrieveOptions
from transforms.state import ARTICLES, CONTENTS, FEEDS, RETRIES, ROBOTS, StateFiles, read_rows

LOOPBACK = RetrieveOptions(allow_networks=("127.0.0.0/8",), retry_wait_s=0.1)
# What may differ between two runs over the same input.
UNSTABLE = frozenset(
    (
        *("run_id", "ingested_at", "fetched_at", "first_seen", "started_at", "finished_at"),
        *("duration_ms", "options", "fetch_id", "failure_id", "next_fetch_at", "first_seen_at"),
    )
)


def run(output: Path, feeds: Iterable[str], **options: Any) -> RunReport:
    """Make one pass over all feeds, in this process unless the options say otherwise."""
    defaults: dict[str, Any] = {"retrieve": LOOPBACK, "workers": 1, "force": True}
    fields = defaults | options
    return run_once(
        RunOptions(str(output), tuple(feeds), **fields), lambda plan: nullcontext(), loaded()[0]
    )


@cache
def loaded() -> tuple[Model, Language]:
    """The bundled model, loaded and held for all tests of this process."""
    model = Model(BUNDLED)
    return model, model.acquire()


def rows(output: Path, table: str) -> list[dict[str, Any]]:
    """Return all rows of a table, as pyarrow reads its folder; none where it does not exist."""
    if not (output / table).is_dir():
        return []
    found: list[dict[str, Any]] = pq.read_table(output / table).to_pylist()
    return found


def query(output: Path, sql: str) -> list[tuple[Any, ...]]:
    """Run SQL in DuckDB with a view of each table."""
    connection = duckdb.connect()
    for folder in sorted(output.iterdir()):
        if folder.is_dir() and not folder.name.startswith("_"):
            connection.execute(
                f"create view {folder.name} as select * from "
                f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
            )
    return connection.execute(sql).fetchall()


def stable(output: Path, table: str) -> list[str]:
    """Return a table's rows without what may differ between runs, as text in a fixed order."""
    return sorted(
        repr(sorted((k, v) for k, v in row.items() if k not in UNSTABLE))
        for row in rows(output, table)
    )


# What a warehouse knows, kind by kind, without times and without what another try adds to.
KNOWN = {
    FEEDS: ("key", "fetch_url", "etag", "body_hash", "signature", "entries", "model_version"),
    CONTENTS: ("key", "marks"),
    RETRIES: ("key",),
    ARTICLES: ("article_id", "normalized_link", "revision", "content_hash", "feed_refs"),
    ROBOTS: ("site", "body"),
}


def remembered(output: Path) -> dict[str, list[str]]:
    """Return the state that the last run left, as text in a fixed order."""
    with open_warehouse(str(output)) as warehouse:
        files = StateFiles(warehouse.state_paths)
    return {
        kind.name: sorted(
            repr([getattr(row, name) for name in names]) for row in read_rows(files.of(kind), kind)
        )
        for kind, names in KNOWN.items()
    }
