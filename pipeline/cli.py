"""The command `newsbeam`: what it takes and which command does it."""

import argparse
import atexit
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from pipeline.exit_status import NOTHING_COMMITTED, USAGE
from pipeline.memory import keep_memory
from pipeline.version import newsbeam_version
from schemas.errors import CommitError, UsageError
from transforms.redact import redact_text


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status (0, 2, 3, 4: see `newsbeam run --help`)."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process a core: no threads on top
    keep_memory()
    parser = build_parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and not arguments.takes_beam_options:
        parser.error(f"unknown option or argument {rest[0]!r}; see newsbeam {arguments.command} -h")
    try:
        return int(arguments.execute(arguments, rest))
    except UsageError as error:
        print(f"newsbeam: {redact_text(str(error))}", file=sys.stderr)
        return USAGE
    except CommitError as error:
        print(f"newsbeam: {redact_text(str(error))}", file=sys.stderr)
        return NOTHING_COMMITTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("newsbeam: interrupted; nothing of this run was committed", file=sys.stderr)
        return 130


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    logging.getLogger().setLevel(logging.ERROR)  # Beam warns about extras while it is imported
    from pipeline import (
        annotate_command,
        compact_command,
        export_command,
        feeds_command,
        query_command,
        report_command,
        run_command,
        schema_command,
        stream_command,
    )

    parser = argparse.ArgumentParser(
        prog="newsbeam",
        description="News feeds in, tables of articles, names and attributed quotations out.",
    )
    parser.add_argument("--version", action="version", version=f"newsbeam {newsbeam_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (
        run_command,
        stream_command,
        compact_command,
        annotate_command,
        query_command,
        report_command,
        export_command,
        feeds_command,
        schema_command,
    ):
        module.add_command(commands)
    return parser


def command() -> NoReturn:
    """Run the command line of this process and leave at once with its exit status.

    Threads of gRPC and Arrow outlive a run; where one of them asks for the interpreter while it is
    being taken down, the process aborts, and a committed run would look like a failed one. What
    was registered for the end is done all the same: Beam stops the engines it started (Prism, the
    job server of Flink) there.
    """
    status = main()
    atexit._run_exitfuncs()
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    sys.stderr.flush()
    logging.shutdown()
    os._exit(status)


if __name__ == "__main__":
    command()
