"""`newsbeam run` as the program of a Flex Template: its parameters become options.

Dataflow hands a template's parameters over as `--name=value`, beside the options of Beam that it
adds. A parameter is an option of `newsbeam run` with underscores; what may be repeated there is
parted by spaces here, what is a switch there is true or false. The run commits itself.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence

from pipeline.cli import build_parser, main

FEEDS = "feeds"
LEFT_OUT = {  # of the options of `newsbeam run`
    "--help": "prints and ends",
    "--show": "nobody looks at what a launcher prints",
    "--log-format": "a launcher's lines go to Cloud Logging as text",
    "--alerts": "looks at the tables after the run",
    "--alerts-file": "looks at the tables after the run",
    "--alerts-exit-status": "looks at the tables after the run",
    "--from-warc": "is done with a driver that waits",
    "--detach": "is what a template does",
}


def template_options() -> dict[str, argparse.Action]:
    """Return the options of `newsbeam run` that a template has, by the parameters' names."""
    (commands,) = (
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    found = {}
    for action in commands.choices["run"]._actions:
        if not action.option_strings:
            found[action.dest] = action
        elif action.option_strings[-1] not in LEFT_OUT:
            found[action.option_strings[-1].removeprefix("--").replace("-", "_")] = action
    return found


def run_arguments(argv: Sequence[str]) -> list[str]:
    """Return the arguments of `newsbeam` for those of a launcher; Beam's options stay as they are.

    A parameter without a value counts as not given.
    """
    options = template_options()
    feeds: list[str] = []
    others: list[str] = []
    for argument in argv:
        name, _, value = argument.removeprefix("--").partition("=")
        if name == FEEDS:
            feeds += value.split()
        elif argument.startswith("--") and name in options:
            others += _option(options[name], value.strip())
        else:
            others.append(argument)
    return ["run", *feeds, "--detach", "--sdk_location=container", *others]


def _option(action: argparse.Action, value: str) -> Iterator[str]:
    option = action.option_strings[-1]
    if action.nargs == 0:
        if value.lower() == "true":
            yield option
    elif isinstance(action, argparse._AppendAction):
        yield from (f"{option}={part}" for part in value.split())
    elif value:
        yield f"{option}={value}"


def launch(argv: Sequence[str] | None = None) -> int:
    """Do what the launcher of a Flex Template starts; return the exit status."""
    return main(run_arguments(sys.argv[1:] if argv is None else argv))
