import argparse

import pytest

from pipeline.cli import build_parser
from pipeline.options import RunOptions
from pipeline.run_command import duration, pass_options
from schemas.errors import UsageError
from transforms.polling import PollOptions
from transforms.retrieve import RetrieveOptions


def options(*arguments: str) -> RunOptions:
    given = ["run", "https://example.org/f", "--output", "w", *arguments]
    parsed = build_parser().parse_args(given)
    return pass_options(parsed, [])


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("1.5h", 5_400), ("2d", 172_800)]
)
def test_durations_have_units(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "10 minutes", "-5m", "1e3", "nan"])
def test_what_is_no_duration_is_said(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="10m"):
        duration(text)


def test_without_options_the_defaults_hold() -> None:
    found = options()
    assert (found.poll, found.retrieve, found.force) == (PollOptions(), RetrieveOptions(), False)


def test_polling_is_configured() -> None:
    found = options("--min-interval", "5m", "--max-interval", "6h", "--full-fetch", "2d", "--force")
    assert found.poll == PollOptions(300, 21_600, 172_800)
    assert found.force


def test_bounds_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(UsageError, match="longer than"):
        options("--min-interval", "2d")


def test_a_host_can_have_a_delay_of_its_own() -> None:
    found = options("--host-delay", "www.Example.org=5", "--host-delay", "2")
    assert found.retrieve.host_delay_s == 2
    assert found.retrieve.host_delays_s == {"example.org": 5}


def test_the_contact_stands_in_the_user_agent() -> None:
    assert options("--contact", "https://paper.example/bot").retrieve.user_agent == (
        f"{RetrieveOptions().user_agent} (+https://paper.example/bot)"
    )
