"""`newsbeam schema`: the definition of tables and views, for people, DuckDB and BigQuery."""

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Any

from schemas.errors import UsageError
from schemas.layout import PARTITION
from schemas.tables import TABLES, Table, arrow_schema, bigquery_schema, dictionary
from schemas.views import VIEWS, View, describe

ALL_VIEWS = "views"
DATASET = "newsbeam"


def _bigquery(table: Table) -> str:
    return json.dumps(bigquery_schema(table)["fields"], indent=2)


def _arrow(table: Table) -> str:
    return str(arrow_schema(table).to_string(show_field_metadata=False))


def _duckdb(table: Table) -> str:
    day = PARTITION.removesuffix("=")
    return (
        f"create or replace view {table.name} as select * from read_parquet(\n"
        f"  '{table.name}/**/*.parquet', union_by_name = true,\n"
        f"  hive_partitioning = true, hive_types = {{'{day}': date}});"
    )


FORMATS: Mapping[str, Callable[[Table], str]] = {
    "markdown": dictionary,
    "bigquery": _bigquery,
    "arrow": _arrow,
    "duckdb": _duckdb,
}


def add_command(commands: Any) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "schema",
        help="the definition of tables and views",
        description="Print the definition of one table or view, or of all tables.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "table",
        nargs="?",
        metavar="TABLE",
        help=f"{', '.join(TABLES)}, the name of a view, or {ALL_VIEWS} for all views",
    )
    parser.add_argument(
        "--format",
        choices=sorted(FORMATS),
        default="markdown",
        help="markdown: the data dictionary (default: %(default)s)",
    )
    parser.add_argument(
        "--dataset",
        metavar="[PROJECT.]DATASET",
        default=DATASET,
        help="where a view's statement for BigQuery finds the tables (default: %(default)s)",
    )
    parser.set_defaults(execute=execute, takes_beam_options=False)


def execute(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Print the definition; return 0."""
    name = arguments.table
    if name == ALL_VIEWS or name in VIEWS:
        for view in VIEWS.values() if name == ALL_VIEWS else [VIEWS[name]]:
            print(_view(view, arguments.format, arguments.dataset))
        return 0
    for table in _tables(name):
        print(FORMATS[arguments.format](table))
    return 0


def _view(view: View, form: str, dataset: str) -> str:
    if form == "arrow":
        raise UsageError("a view has no Arrow schema; ask for markdown, duckdb or bigquery", form)
    if form == "markdown":
        return describe(view)
    sql = view.sql if form == "duckdb" else view.statement_for_bigquery(dataset)
    return f"{sql.rstrip()};\n"


def _tables(name: str | None) -> list[Table]:
    if name is None:
        return list(TABLES.values())
    if name not in TABLES:
        known = ", ".join([*TABLES, ALL_VIEWS, *VIEWS])
        raise UsageError(f"no such table or view; there are {known}", name)
    return [TABLES[name]]
