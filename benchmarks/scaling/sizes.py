"""How many bytes an article takes in the tables: in Parquet, and logically in BigQuery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def logical_bytes(value: Any) -> int:
    """The bytes that BigQuery counts for a value (data type sizes of its documentation).

    Null 0, BOOL 1, INT64, FLOAT64, DATE and TIMESTAMP 8, STRING and BYTES 2 plus their length in
    UTF-8, STRUCT and ARRAY the sum of what is in them.
    """
    if value is None:
        return 0
    if isinstance(value, bool):
        return 1
    if isinstance(value, int | float | datetime | date):
        return 8
    if isinstance(value, str):
        return 2 + len(value.encode())
    if isinstance(value, bytes):
        return 2 + len(value)
    items = value.values() if isinstance(value, Mapping) else value
    return sum(map(logical_bytes, items))


def table_sizes(warehouse: Path, table: str) -> tuple[int, int, int]:
    """Rows, bytes on disk and logical bytes of a table."""
    rows = disk = logical = 0
    for path in warehouse.glob(f"{table}/**/*.parquet"):
        found = pq.ParquetFile(path).read().to_pylist()
        rows += len(found)
        disk += path.stat().st_size
        logical += sum(8 + logical_bytes(row) for row in found)  # 8: the column ingest_date
    return rows, disk, logical
