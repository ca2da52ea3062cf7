"""`newsbeam compact`: merge the files of closed days, drop old days."""

import argparse
import dataclasses
import json
import sys
from typing import Any

from rich.console import Console

from pipeline.argument_types import whole_days
from pipeline.compact import CompactReport, MergedDay, compact
from pipeline.logs import add_log_format, set_up_logging

NOT_ALL = 4
WAIT_S = 600.0


def add_command(commands: Any) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "compact",
        help="merge the small files of closed days into few, drop old days",
        description="Merge the files of each day before today (UTC) into few, sorted ones, without "
        "a moment in which a reader sees a row twice or not at all.",
        epilog="exit status: 0 done; 2 wrong usage, or the output is in use; 4 a day could not be "
        "merged and is as before",
        allow_abbrev=False,
    )
    parser.add_argument("output", metavar="DIR", help="the --output of `newsbeam run`")
    parser.add_argument(
        "--retain",
        metavar="DAYS",
        type=whole_days,
        help="drop the tables' days that are more than DAYS before today (default: keep all)",
    )
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=float,
        default=WAIT_S,
        help="how long to wait for a run that is writing (default: %(default)g)",
    )
    add_log_format(parser, "log lines and the summary as JSON")
    parser.set_defaults(execute=execute, takes_beam_options=False)


def execute(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Compact and print what was done; return the exit status."""
    set_up_logging(arguments.log_format)
    report = compact(arguments.output, arguments.retain, arguments.wait)
    if arguments.log_format == "json":
        print(report_json(report))
    else:
        print_report(report, Console(file=sys.stdout, highlight=False))
    return NOT_ALL if report.failed else 0


def report_json(report: CompactReport) -> str:
    """Return the report as one line of JSON."""
    fields = dataclasses.asdict(report) | {"failed": [str(error) for error in report.failed]}
    return json.dumps(fields, default=str)


def print_report(report: CompactReport, console: Console) -> None:
    """Print a line a table that was merged, and what was dropped or failed."""
    by_table: dict[str, list[MergedDay]] = {}
    for merged in report.merged:
        by_table.setdefault(merged.table, []).append(merged)
    for table, days in by_table.items():
        console.print(f"{table:<11}{_line(days)}", soft_wrap=True)
    for day in report.dropped:
        console.print(f"dropped    {day}")
    for error in report.failed:
        console.print(f"failed     {error}", soft_wrap=True, markup=False)
    if not (report.merged or report.dropped or report.failed):
        console.print("nothing to do: every closed day is merged")


def _line(days: list[MergedDay]) -> str:
    before, after = (
        sum(getattr(d, name) for d in days) for name in ("files_before", "files_after")
    )
    size_before, size_after = (
        sum(getattr(d, name) for d in days) / 1e6 for name in ("bytes_before", "bytes_after")
    )
    rows = sum(day.rows for day in days)
    return (
        f"{len(days)} days: {before:,} files became {after:,}, {rows:,} rows, "
        f"{size_before:,.1f} MB became {size_after:,.1f} MB"
    )
