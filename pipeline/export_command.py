"""`newsbeam export`: quotations with their context, for citing."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from pipeline.export import as_csv, as_json, export_record
from pipeline.report.source import open_current
from schemas.errors import OutputError, UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMATS = {"json": as_json, "csv": as_csv}
SHORTEST_ID = 8
FOUND = """
select q.*, a.* exclude (article_id, revision, run_id, ingest_date, pipeline_version,
  model_version), c.outlet
from quotes q join current c using (article_id, revision, run_id)
  join articles a using (article_id, revision, run_id)
where starts_with(q.quote_id, $id) order by q.quote_id limit 2
"""


def add_command(commands: Any) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "export",
        help="quotations with their context, as JSON or CSV",
        description="Print quotations with speaker, context, offsets and source.",
        allow_abbrev=False,
    )
    parser.add_argument("warehouse", metavar="WAREHOUSE", help="folder of the tables")
    parser.add_argument(
        "quotes",
        nargs="+",
        metavar="QUOTE_ID",
        help=f"a quotation's id, or its first {SHORTEST_ID} digits or more",
    )
    parser.add_argument(
        "--format",
        choices=sorted(FORMATS),
        default="json",
        help="csv: spreadsheets open it without running formulas (default: %(default)s)",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="where to write (default: standard output)"
    )
    parser.set_defaults(execute=execute, takes_beam_options=False)


def execute(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Print the quotations; return 0."""
    with open_current(arguments.warehouse) as connection:
        records = [find_quote(connection, given) for given in arguments.quotes]
    text = FORMATS[arguments.format](records)
    if arguments.output is None:
        sys.stdout.write(text)
        return 0
    try:
        # A byte order mark tells spreadsheets that the file is UTF-8.
        encoding = "utf-8-sig" if arguments.format == "csv" else "utf-8"
        with open(arguments.output, "w", encoding=encoding, newline="") as stream:
            stream.write(text)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", arguments.output) from error
    return 0


def find_quote(connection: "DuckDBPyConnection", given: str) -> dict[str, Any]:
    """Return the record of the quotation whose id begins so; raises UsageError."""
    if len(given) < SHORTEST_ID:
        raise UsageError(f"give {SHORTEST_ID} digits of the id or more", given)
    found = connection.sql(FOUND, params={"id": given.lower()}).to_arrow_table().to_pylist()
    if not found:
        raise UsageError("no quotation of a current article has this id", given)
    if len(found) > 1:
        raise UsageError("more than one quotation begins so; give more digits", given)
    return export_record(found[0], found[0])
