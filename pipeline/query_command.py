"""`newsbeam query`: SQL over the tables and views of a warehouse."""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import UsageError
from schemas.tables import TABLES
from schemas.views import VIEWS

if TYPE_CHECKING:
    import duckdb

SHOWN_ROWS = 40
PIPED_WIDTH = 160  # characters of a table that goes to a file or a pipe
BATCH = 1_000  # rows in memory at a time, for csv and json
HISTORY_LINES = 1_000
PROMPT, MORE = "newsbeam> ", "     ...> "

EPILOG = """\
Tables: {tables}.
Views: {views}.

Without SQL: a prompt, with history and completion; statements end with ';', end-of-file leaves.
SQL that is piped in is run to its end.
"""
LEAVE = frozenset({".quit", ".exit", "quit", "exit", "quit;", "exit;"})
HELP = "Statements end with ';'. .tables lists tables and views, .quit or end-of-file leaves."


def add_command(commands: Any) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "query",
        help="SQL over the tables and views of a warehouse",
        description="Run SQL in DuckDB with the tables and views of a warehouse in place.",
        epilog=EPILOG.format(tables=", ".join(TABLES), views=", ".join(VIEWS)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("warehouse", metavar="WAREHOUSE", help="output of newsbeam run")
    parser.add_argument("sql", nargs="?", metavar="SQL", help="one or more statements")
    parser.add_argument(
        "--format",
        choices=("table", "csv", "json"),
        default="table",
        help="json: one object a line (default: %(default)s)",
    )
    parser.set_defaults(execute=execute, takes_beam_options=True)


def execute(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Answer the question, or ask for questions until the end of file; return 0."""
    from pipeline.views import open_tables

    sql = _sql(arguments.sql, rest)
    with open_tables(arguments.warehouse) as connection:
        if sql is not None:
            answer(connection, sql, arguments.format)
        elif not sys.stdin.isatty():
            answer(connection, sys.stdin.read(), arguments.format)
        else:
            converse(connection, arguments.format)
    return 0


def _sql(given: str | None, rest: list[str]) -> str | None:
    """Return the SQL, which argparse leaves over where it stands behind an option."""
    if given is None and len(rest) == 1 and not rest[0].startswith("-"):
        return rest[0]
    if rest:
        raise UsageError("unknown option or argument; see newsbeam query -h", rest[0])
    return given


def answer(connection: duckdb.DuckDBPyConnection, sql: str, form: str) -> None:
    """Run statements and print what each gives; raises UsageError with DuckDB's own message."""
    import duckdb

    try:
        for statement in connection.extract_statements(sql):
            if statement.expected_result_type == [duckdb.ExpectedResultType.QUERY_RESULT]:
                _PRINTERS[form](connection, statement)
            else:
                connection.execute(statement)
    except duckdb.Error as error:
        raise UsageError(f"{error}\n{names()}") from error


def names() -> str:
    """Return the names of tables and views in two lines."""
    return f"tables: {', '.join(TABLES)}\nviews: {', '.join(VIEWS)}"


def _print_table(connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> None:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED_WIDTH
    connection.sql(statement).show(max_width=width, max_rows=SHOWN_ROWS)


def _print_csv(connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> None:
    columns, rows = _result(connection, statement)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_flat(value) for value in row] for row in rows)


def _print_json(connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> None:
    columns, rows = _result(connection, statement)
    for row in rows:
        record = dict(zip(columns, row, strict=True))
        print(json.dumps(record, ensure_ascii=False, default=_text))


_PRINTERS = {"table": _print_table, "csv": _print_csv, "json": _print_json}


def _result(
    connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement
) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    cursor = connection.execute(statement)
    columns = [column[0] for column in cursor.description or ()]
    return columns, _batches(cursor)


def _batches(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := cursor.fetchmany(BATCH):
        yield from batch


def _flat(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=_text)
    return _text(value) if hasattr(value, "isoformat") else value


def _text(value: Any) -> str:
    """Return times as ISO 8601, anything else that JSON has no word for as text."""
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def converse(connection: duckdb.DuckDBPyConnection, form: str) -> None:
    """Read statements from the terminal and answer each until the end of file."""
    print(f"{names()}\n{HELP}")
    with remembered_lines():
        sql = ""
        while True:
            try:
                line = _line(MORE if sql else PROMPT)
            except KeyboardInterrupt:
                print()
                sql = ""
                continue
            if line is None:
                return
            if not sql and line.strip().startswith("."):
                print(names() if line.strip() == ".tables" else HELP)
                continue
            sql = f"{sql}\n{line}".strip()
            if sql.endswith(";"):
                _try(connection, sql, form)
                sql = ""


def _line(prompt: str) -> str | None:
    """Return the next line of the terminal; None at its end, or where the user wants to leave."""
    try:
        line = input(prompt)
    except EOFError:
        print()
        return None
    return None if line.strip() in LEAVE else line


def _try(connection: duckdb.DuckDBPyConnection, sql: str, form: str) -> None:
    try:
        answer(connection, sql, form)
    except UsageError as error:
        print(error)
    except KeyboardInterrupt:
        print("interrupted")


@contextmanager
def remembered_lines() -> Iterator[None]:
    """Give the prompt a history that outlives it, and completion of names."""
    try:
        import readline
    except ImportError:
        yield
        return
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    history = state / "newsbeam" / "query_history"
    with suppress(OSError):
        history.parent.mkdir(parents=True, exist_ok=True)
        history.touch(mode=0o600)
        readline.read_history_file(history)
    readline.set_history_length(HISTORY_LINES)
    readline.set_completer(_complete)
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        with suppress(OSError):
            readline.write_history_file(history)


def _complete(start: str, place: int) -> str | None:
    words = [word for word in (*TABLES, *VIEWS) if word.startswith(start)]
    return words[place] if place < len(words) else None
