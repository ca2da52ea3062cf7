"""`newsbeam schema`: the definition of the tables, for people and for BigQuery."""

import argparse
import json
from typing import Any

from schemas.errors import UsageError
from schemas.tables import TABLES, Table, arrow_schema, bigquery_schema, dictionary


def _bigquery(table: Table) -> str:
    return json.dumps(bigquery_schema(table)["fields"], indent=2)


def _arrow(table: Table) -> str:
    return str(arrow_schema(table).to_string(show_field_metadata=False))


FORMATS = {"markdown": dictionary, "bigquery": _bigquery, "arrow": _arrow}


def add_command(commands: Any) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "schema",
        help="the tables' definition",
        description="Print the definition of one table, or of all.",
        allow_abbrev=False,
    )
    parser.add_argument("table", nargs="?", metavar="TABLE", help=f"one of {', '.join(TABLES)}")
    parser.add_argument(
        "--format",
        choices=sorted(FORMATS),
        default="markdown",
        help="markdown: the data dictionary (default: %(default)s)",
    )
    parser.set_defaults(execute=execute, takes_beam_options=False)


def execute(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Print the definition; return 0."""
    for table in _tables(arguments.table):
        print(FORMATS[arguments.format](table))
    return 0


def _tables(name: str | None) -> list[Table]:
    if name is None:
        return list(TABLES.values())
    if name not in TABLES:
        raise UsageError(f"no such table; there are {', '.join(TABLES)}", name)
    return [TABLES[name]]
