"""Tables of a few rows in DuckDB, with all views over them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.views import EMPTY, create_tables, create_views
from schemas.rows import Run
from schemas.tables import TABLES, arrow_schema, table_of, to_record


def run_row(run_id: str = "run-1", finished: datetime = datetime(2026, 11, 24, tzinfo=UTC)) -> Run:
    """A committed run."""
    return Run(
        run_id=run_id,
        started_at=finished,
        finished_at=finished,
        pipeline_version="0.1.0",
        model_version="en_test-1",
        beam_version="2.77.0",
        options="{}",
        exit_status=0,
    )


def tables_of(rows: Iterable[Any]) -> duckdb.DuckDBPyConnection:
    """Open a few rows as tables; `run-1` is committed if no row says which runs are."""
    by_table: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_table[table_of(row).name].append(row)
    by_table.setdefault("runs", [run_row()])
    connection = duckdb.connect()
    create_tables(connection, {table: [] for table in TABLES})
    for table, found in by_table.items():
        records = [to_record(row) for row in found]
        connection.register("records", pa.Table.from_pylist(records, arrow_schema(TABLES[table])))
        connection.execute(f"insert into {EMPTY}.{table} by name from records")
    create_views(connection)
    return connection
