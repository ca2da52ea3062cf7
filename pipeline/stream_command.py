"""`newsbeam stream`: passes over feeds, one after the other, until it is asked to end."""

import argparse
from typing import Any

from pipeline.alert_options import add_alert_options, alert_options
from pipeline.argument_types import duration, positive, whole_days
from pipeline.claim import SILENCE_S
from pipeline.logs import add_log_format, set_up_logging
from pipeline.run_command import add_pass_options, pass_options, with_feeds
from pipeline.stream import StreamOptions, stream
from pipeline.stream_job import JobOptions, runs_as_job, stream_job
from schemas.errors import UsageError

EPILOG = """\
SIGTERM and SIGINT end it: the pass under way is finished, after --grace seconds or at a second
signal abandoned; nothing half-done is visible.

exit status: 0 it was asked to end; 2 wrong usage, found in the first pass; 4 the last of --passes
failed
"""


def add_command(commands: Any) -> None:
    """Declare the command and its options."""
    defaults = StreamOptions()
    parser = commands.add_parser(
        "stream",
        help="passes without end in one process, the model loaded once",
        description="Like `newsbeam run` again and again: sleeps until a feed is due.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_pass_options(parser)
    parser.add_argument(
        "--every",
        metavar="DURATION",
        type=duration,
        default=defaults.every_s,
        help="longest time from one pass to the next, as in 90s, 5m, 1h (default: 5m)",
    )
    parser.add_argument(
        "--passes", metavar="N", type=positive, help="end after N passes (default: never)"
    )
    parser.add_argument(
        "--window",
        metavar="DURATION",
        type=duration,
        default=JobOptions().window_s,
        help="on an engine (--runner): commit what was fetched in each such time (default: 5m)",
    )
    parser.add_argument(
        "--health-file",
        metavar="FILE",
        help="write counters for Prometheus there after each pass (default: none)",
    )
    parser.add_argument(
        "--compact",
        action="store_true",
        help="once a day, do what `newsbeam compact` does",
    )
    parser.add_argument(
        "--retain",
        metavar="DAYS",
        type=whole_days,
        help="drop days that are more than DAYS before today; implies --compact",
    )
    parser.add_argument(
        "--grace",
        metavar="SECONDS",
        type=float,
        default=defaults.grace_s,
        help="how long the pass under way may go on after a signal (default: %(default)g)",
    )
    add_alert_options(parser, ends=False)
    add_log_format(parser, "log lines as JSON")
    parser.set_defaults(from_warc=None, detach=False, presume_dead_after=SILENCE_S)
    parser.set_defaults(execute=execute, takes_beam_options=True)


def execute(arguments: argparse.Namespace, beam_args: list[str]) -> int:
    """Stream; return the exit status."""
    set_up_logging(arguments.log_format)
    if runs_as_job(beam_args):
        return _execute_job(arguments, beam_args)
    options = StreamOptions(
        every_s=arguments.every,
        passes=arguments.passes,
        health_file=arguments.health_file,
        compacts=arguments.compact or arguments.retain is not None,
        retain_days=arguments.retain,
        grace_s=arguments.grace,
        alerts=alert_options(arguments),
    )
    with with_feeds(pass_options(arguments, beam_args)) as run:
        return stream(run, options)


def _execute_job(arguments: argparse.Namespace, beam_args: list[str]) -> int:
    """Stream on an engine; return the exit status."""
    given = {
        "--compact": arguments.compact,
        "--retain": arguments.retain is not None,
        "--health-file": arguments.health_file is not None,
    }
    for option, is_given in given.items():
        if is_given:
            raise UsageError(
                f"{option} goes with passes on this machine, not with a job of an engine's"
            )
    job = JobOptions(arguments.window, arguments.passes, alert_options(arguments))
    with with_feeds(pass_options(arguments, beam_args)) as run:
        return stream_job(run, job)
