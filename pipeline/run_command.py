"""`newsbeam run`: one pass over feeds."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rich.console import Console

from pipeline.alert_options import add_alert_options, after_run, alert_options
from pipeline.argument_types import duration, positive
from pipeline.claim import SILENCE_S
from pipeline.detached import Submission, submission_json, submit, submitted
from pipeline.logs import add_log_format, set_up_logging
from pipeline.newsroom.server import SampleNewsroom
from pipeline.options import RunOptions
from pipeline.outputs.arguments import add_output_options, read_targets
from pipeline.progress import watch_progress
from pipeline.replay import replay_once
from pipeline.retrieve_arguments import add_retrieve_options, retrieve_options
from pipeline.run import RunReport, Watch, run_once
from pipeline.runners import goes_on_alone
from pipeline.summary import print_quotes, print_summary, summary_json
from schemas.errors import UsageError
from transforms.nlp.load import BUNDLED
from transforms.polling import PollOptions

LOOPBACK = "127.0.0.0/8"
DEFAULT_OUTPUT = "warehouse"
SHOWN_QUOTES = 12

EPILOG = """\
Options that Beam knows (--runner, --flink_master, --project …) pass through.

exit status: 0 the run was committed (failed feeds are named in the summary); 2 wrong usage;
3 every feed failed; 4 the run failed and nothing was committed
"""


def add_command(commands: Any) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "run",
        help="one pass over feeds into the tables",
        description="Fetch feeds and their articles, annotate them and write the tables.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_pass_options(parser)
    parser.add_argument(
        "--from-warc",
        metavar="GLOB",
        help="make the tables from these WARC files instead of the network; no FEEDS then",
    )
    parser.add_argument(
        "--show",
        metavar="N",
        type=int,
        default=SHOWN_QUOTES,
        help="quotations to print at the end (default: %(default)s)",
    )
    parser.add_argument(
        "--detach",
        action="store_true",
        help="hand the pass to an engine that commits it by itself, and leave",
    )
    parser.add_argument(
        "--presume-dead-after",
        metavar="DURATION",
        type=duration,
        default=SILENCE_S,
        help="a detached run that shows no sign of life for so long counts as dead "
        f"(default: {SILENCE_S / 60:g}m)",
    )
    add_log_format(parser, "log lines and the summary as JSON, for schedulers")
    add_alert_options(parser)
    parser.set_defaults(execute=execute, takes_beam_options=True)


def add_pass_options(parser: argparse.ArgumentParser) -> None:
    """Declare what one pass and a stream of passes have in common."""
    parser.add_argument(
        "feeds",
        nargs="*",
        metavar="FEEDS",
        help="feed URLs, OPML files, or text files with a URL a line; none: the sample newsroom",
    )
    add_output_options(parser, DEFAULT_OUTPUT)
    add_retrieve_options(parser)
    add_polling_options(parser)
    parser.add_argument(
        "--workers",
        metavar="N",
        type=_workers,
        default=None,
        help="worker processes, or auto: as many as the work is worth (default: auto)",
    )
    parser.add_argument(
        "--spacy-model",
        metavar="NAME",
        default=BUNDLED,
        help="an installed spaCy pipeline (default: the bundled %(default)s)",
    )
    parser.add_argument(
        "--limit", metavar="N", type=positive, help="articles to take at most, newest first"
    )
    parser.add_argument(
        "--archive",
        metavar="DIR",
        help="keep the fetched pages there as WARC 1.1 files (default: they are not kept)",
    )


def execute(arguments: argparse.Namespace, beam_args: list[str]) -> int:
    """Run the pass and print its summary; return the exit status."""
    set_up_logging(arguments.log_format)
    alerts = alert_options(arguments)
    with with_feeds(pass_options(arguments, beam_args)) as options:
        report = _pass_of(options)(options, watch_progress)
    if isinstance(report, Submission):
        print(submission_json(report) if arguments.log_format == "json" else submitted(report))
        return 0
    _print(report, arguments)
    return after_run(alerts, report.layout.root, report.exit_status)


def _pass_of(options: RunOptions) -> Callable[[RunOptions, Watch], RunReport | Submission]:
    if options.detach:
        return submit
    return replay_once if options.from_warc else run_once


def pass_options(arguments: argparse.Namespace, beam_args: list[str]) -> RunOptions:
    """Return what a pass does; UsageError where the options contradict each other."""
    if arguments.from_warc and arguments.feeds:
        raise UsageError("--from-warc reads archived pages: leave FEEDS out", arguments.feeds[0])
    if arguments.detach:
        _check_detached(arguments, beam_args)
    if (arguments.feeds or arguments.from_warc) and not arguments.output:
        raise UsageError("say where to write: --output PATH")
    targets, bigquery = read_targets(arguments, DEFAULT_OUTPUT)
    return RunOptions(
        output=targets.root,
        feeds=tuple(arguments.feeds),
        retrieve=retrieve_options(arguments),
        spacy_model=arguments.spacy_model,
        workers=arguments.workers,
        limit=arguments.limit,
        poll=poll_options(arguments),
        force=arguments.force,
        archive=arguments.archive,
        from_warc=arguments.from_warc,
        detach=arguments.detach,
        silence_s=arguments.presume_dead_after,
        beam_args=tuple(beam_args),
        bigquery=bigquery,
        keeps_files=targets.keeps_files,
    )


def _check_detached(arguments: argparse.Namespace, beam_args: list[str]) -> None:
    """Refuse what a pass that nobody waits for cannot do."""
    if arguments.from_warc:
        raise UsageError("--detach is for feeds: leave it out with --from-warc")
    if not goes_on_alone(beam_args):
        return
    if not arguments.feeds:
        raise UsageError("the sample newsroom ends with this process: name FEEDS for --detach")
    if alert_options(arguments):
        raise UsageError(
            "--alerts looks at the tables after the run, which --detach does not wait for: leave "
            "one of them out"
        )


@contextmanager
def with_feeds(options: RunOptions) -> Iterator[RunOptions]:
    """Serve the sample newsroom for a run without feeds."""
    if options.feeds or options.from_warc:
        yield options
        return
    with SampleNewsroom() as newsroom:
        networks = (*options.retrieve.allow_networks, LOOPBACK)
        retrieve = replace(options.retrieve, allow_networks=networks)
        yield replace(options, feeds=tuple(newsroom.feed_urls), retrieve=retrieve)


def _print(report: RunReport, arguments: argparse.Namespace) -> None:
    if arguments.log_format == "json":
        print(summary_json(report))
        return
    console = Console(file=sys.stdout)
    if report.record is not None:
        print_quotes(report.layout, report.run.value, console, arguments.show)
    print_summary(report, console)


def add_polling_options(parser: argparse.ArgumentParser) -> None:
    """Declare when feeds are asked for."""
    defaults = PollOptions()
    parser.add_argument(
        "--force",
        action="store_true",
        help="ask for all feeds, due or not, and once more for those that are gone",
    )
    for option, default, what in (
        (
            "--min-interval",
            defaults.min_interval_s,
            "shortest time between two requests for a feed",
        ),
        ("--max-interval", defaults.max_interval_s, "longest time, whatever its publisher asks"),
        ("--full-fetch", defaults.full_fetch_s, "longest time that `not modified` is believed"),
    ):
        parser.add_argument(
            option,
            metavar="DURATION",
            type=duration,
            default=default,
            help=f"{what}, as in 90s, 10m, 24h (default: {default / 60:g}m)",
        )


def poll_options(arguments: argparse.Namespace) -> PollOptions:
    """Return when feeds are asked for; UsageError where the bounds contradict each other."""
    if arguments.min_interval > arguments.max_interval:
        raise UsageError("--min-interval is longer than --max-interval")
    return PollOptions(
        min_interval_s=arguments.min_interval,
        max_interval_s=arguments.max_interval,
        full_fetch_s=arguments.full_fetch,
    )


def _workers(text: str) -> int | None:
    return None if text == "auto" else positive(text)
