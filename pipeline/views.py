"""Open a warehouse in DuckDB, with its tables and views in place; committed runs only."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import duckdb

from pipeline.committed_files import DataFile, committed_files
from pipeline.warehouse import layout_of
from schemas.errors import UsageError
from schemas.layout import PARTITION, Layout
from schemas.tables import TABLES, arrow_schema
from schemas.views import VIEWS
from transforms import storage

EMPTY = "newsbeam_columns"  # schema of empty tables that give each table its columns


@contextmanager
def open_tables(output: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a DuckDB connection in which every table and view of a warehouse has its name.

    A table without files yet is empty, with its columns. Times are UTC. Files of a remote warehouse
    are copied to a temporary folder first. Raises UsageError where there is no warehouse.
    """
    layout = find_warehouse(output)
    with TemporaryDirectory(prefix="newsbeam-") as folder, duckdb.connect() as connection:
        load_tables(connection, layout, folder)
        yield connection


def load_tables(connection: duckdb.DuckDBPyConnection, layout: Layout, folder: str) -> None:
    """Create, or create anew, all tables and views as the warehouse is now."""
    files = committed_files(layout)
    if storage.is_remote(layout.root):
        files = {table: list(_copies(found, folder)) for table, found in files.items()}
    create_tables(connection, files)
    create_views(connection)


def find_warehouse(output: str) -> Layout:
    """Return the layout of an existing warehouse; raises UsageError where there is none."""
    layout = layout_of(output)
    if storage.is_remote(output):
        if not any(True for _ in storage.list_files(layout.records())):
            raise UsageError("there is no warehouse here: no run was ever committed", output)
    elif not os.path.isdir(output):
        raise UsageError("there is no such folder; newsbeam run --output makes one", output)
    elif not (os.path.exists(layout.lock()) or os.path.isdir(layout.records())):
        raise UsageError("this folder is no warehouse: newsbeam never wrote to it", output)
    return layout


def create_tables(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, Sequence[DataFile]]
) -> None:
    """Give every table its name; columns that older files lack are null."""
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"create schema if not exists {EMPTY}")
    for name, table in TABLES.items():
        connection.register("columns_of_table", arrow_schema(table).empty_table())
        connection.execute(
            f"create or replace table {EMPTY}.{name} as "
            "select *, cast(null as date) as ingest_date from columns_of_table"
        )
        connection.unregister("columns_of_table")
        connection.execute(f"create or replace view {name} as {_select(name, files[name])}")


def _select(table: str, files: Sequence[DataFile]) -> str:
    """Select all files of a table; days come from folders, of staged files from their target."""
    in_place = [file.path for file in files if f"/{PARTITION}{file.day}/" in file.path]
    parts = [f"select * from {EMPTY}.{table}"]
    if in_place:
        parts.append(
            f"select * from read_parquet({_listed(in_place)}, union_by_name = true, "
            "hive_partitioning = true, hive_types = {'ingest_date': date})"
        )
    for day in sorted({file.day for file in files}):
        paths = [file.path for file in files if file.day == day and file.path not in in_place]
        if paths:
            parts.append(
                f"select *, date '{day}' as ingest_date "
                f"from read_parquet({_listed(paths)}, union_by_name = true)"
            )
    return " union all by name ".join(parts)


def _listed(paths: Iterable[str]) -> str:
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "]"


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create all views; the tables must be there."""
    for view in VIEWS.values():
        connection.execute(view.sql)


def _copies(files: Iterable[DataFile], folder: str) -> Iterator[DataFile]:
    """Copy remote files below the folder, partition and all, and yield where they are now."""
    for file in files:
        table = file.path.split("/")[-3]
        copy = os.path.join(folder, table, f"{PARTITION}{file.day}", os.path.basename(file.path))
        if not os.path.exists(copy):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            with storage.open_stream(file.path) as source, open(copy, "wb") as target:
                shutil.copyfileobj(source, target)
        yield DataFile(copy, file.day)
