"""The options of alerts for commands that make runs, and the check after a run."""

import argparse
import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.alert_rules import DEFAULT, read_rules
from pipeline.alerts import Alert, Rule, alert_record, find_alerts
from transforms import storage


@dataclass(frozen=True)
class AlertOptions:
    """Which rules are applied, and who is told beside standard error."""

    rules: dict[str, Rule]
    file: str | None = None  # JSON for a monitor
    exit_status: int | None = None  # of a run that would leave with 0, if there is an alert


def add_alert_options(parser: argparse.ArgumentParser, *, ends: bool = True) -> None:
    """Declare the options; a command that does not end after a run has no exit status for them."""
    parser.add_argument(
        "--alerts",
        metavar="FILE",
        help=f"check the tables by the rules of a TOML file, or {DEFAULT}, after the run",
    )
    parser.add_argument(
        "--alerts-file", metavar="FILE", help="write what the rules found there, as JSON"
    )
    if ends:
        parser.add_argument(
            "--alerts-exit-status",
            metavar="N",
            type=_status,
            help="leave with N instead of 0 where a rule found something",
        )
    else:
        parser.set_defaults(alerts_exit_status=None)


def alert_options(arguments: argparse.Namespace) -> AlertOptions | None:
    """Return what was asked for; None where no option was given. Raises UsageError."""
    given = (arguments.alerts, arguments.alerts_file, arguments.alerts_exit_status)
    if all(value is None for value in given):
        return None
    rules = read_rules(arguments.alerts or DEFAULT)
    return AlertOptions(rules, arguments.alerts_file, arguments.alerts_exit_status)


def after_run(options: AlertOptions | None, output: str, status: int) -> int:
    """Check the tables and tell; return the exit status, `status` where there is no alert.

    The run stands whatever happens here: a check that fails is told, and nothing else.
    """
    if options is None:
        return status
    try:
        alerts = check(options, output)
    except Exception as error:
        print(f"newsbeam: alerts could not be checked: {error}", file=sys.stderr)
        return status
    for alert in alerts:
        print(f"newsbeam: alert {alert.rule}: {alert.subject}: {alert.message}", file=sys.stderr)
    changes = alerts and status == 0 and options.exit_status is not None
    return options.exit_status or 0 if changes else status


def check(options: AlertOptions, output: str) -> list[Alert]:
    """Return what the rules find in a warehouse, and write the file."""
    from pipeline.views import open_tables  # DuckDB is loaded when it is needed

    now = datetime.now(UTC)
    with open_tables(output) as connection:
        alerts = find_alerts(connection, options.rules, now)
        ((run_id,),) = connection.execute("select max(run_id) from runs").fetchall()
    if options.file is not None:
        body = json.dumps(alert_record(alerts, run_id, now), ensure_ascii=False, indent=2)
        path = options.file if storage.is_remote(options.file) else os.path.abspath(options.file)
        storage.write_atomically(path, f"{body}\n".encode())
    return alerts


def _status(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 125:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 125")
    return int(text)
