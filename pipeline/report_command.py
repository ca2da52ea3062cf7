"""`newsbeam report`: a page to look at."""

import argparse
import sys
from typing import Any

from pipeline.argument_types import positive
from pipeline.report.build import MOST_QUOTES, write_report

DEFAULT_OUTPUT = "report.html"


def add_command(commands: Any) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "report",
        help="a page to look at: who said what, what is new, what is broken",
        description="Write one HTML file that shows a warehouse; it needs no network to be read.",
        allow_abbrev=False,
    )
    parser.add_argument("warehouse", metavar="WAREHOUSE", help="folder of the tables")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default=DEFAULT_OUTPUT,
        help="where to write the page (default: %(default)s)",
    )
    parser.add_argument(
        "--days", metavar="N", type=positive, help="take only runs of the last N days"
    )
    parser.add_argument(
        "--limit",
        metavar="N",
        type=positive,
        default=MOST_QUOTES,
        help="list the newest N quotations at most (default: %(default)s)",
    )
    parser.set_defaults(execute=execute, takes_beam_options=False)


def execute(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Write the page and say where it is; return 0."""
    size = write_report(
        arguments.warehouse, arguments.output, limit=arguments.limit, days=arguments.days
    )
    print(f"wrote {arguments.output} ({size / 1e6:.1f} MB)", file=sys.stderr)
    return 0
