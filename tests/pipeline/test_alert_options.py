import argparse
import json
from pathlib import Path

import pytest

from pipeline.alert_options import (
    AlertOptions,
    add_alert_options,
    after_run,
    alert_options,
)
from pipeline.alert_rules import parse_rules, read_rules
from pipeline.alerts import RULES, FeedFailing, FeedSilent
from schemas.errors import UsageError
from tests.pipeline.conftest import SampleRun

STRICT = {"feed_failing": FeedFailing(attempts=1)}


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_alert_options(parser)
    return parser.parse_args(arguments)


def test_the_default_file_names_all_rules_with_the_limits_of_the_code() -> None:
    assert read_rules("default") == {name: rule() for name, rule in RULES.items()}


def test_a_rule_that_is_left_out_is_not_applied_and_a_limit_that_is_has_its_default() -> None:
    assert parse_rules('[feed_silent]\nignore = ["x"]') == {
        "feed_silent": FeedSilent(ignore=("x",))
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[feeds_silent]", "there is no rule 'feeds_silent'; there are feed_silent"),
        ("feed_silent = 3", "there is no rule"),
        ("[feed_silent]\nhour = 3", "[feed_silent] knows no 'hour'; it knows times, hours"),
        ("[feed_silent]\nhours = 'x'", "hours is a number from 0, not 'x'"),
        ("[feed_silent]\nhours = true", "hours is a number"),
        ("[failures]\nshare = -1", "share is a number from 0, not -1"),
        ("[failures]\nelements = 1.5", "elements is a whole number"),
        ("[feed_failing]\nignore = 'x'", "ignore is a list of strings"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(text: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_rules(text)
    assert told in error.value.message


@pytest.mark.parametrize("content", [None, b"[feed", b"\xff"])
def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "alerts.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"alerts\.toml"):
        read_rules(str(path))


def test_nothing_is_checked_unless_asked() -> None:
    assert alert_options(parsed()) is None
    assert after_run(None, "/nowhere", 3) == 3


@pytest.mark.parametrize("given", [("--alerts-exit-status", "9"), ("--alerts-file", "x.json")])
def test_an_option_without_rules_takes_the_default_ones(given: tuple[str, str]) -> None:
    options = alert_options(parsed(*given))
    assert options is not None
    assert options.rules == read_rules("default")


@pytest.mark.parametrize(("asked", "status", "expected"), [(9, 0, 9), (None, 0, 0), (9, 3, 3)])
def test_the_exit_status_changes_only_where_asked_and_the_run_was_good(
    sample_run: SampleRun, asked: int | None, status: int, expected: int
) -> None:
    options = AlertOptions(STRICT, exit_status=asked)
    assert after_run(options, str(sample_run.output), status) == expected


def test_no_alert_leaves_the_exit_status_alone(sample_run: SampleRun) -> None:
    options = AlertOptions({"feed_silent": FeedSilent()}, exit_status=9)
    assert after_run(options, str(sample_run.output), 0) == 0


def test_alerts_are_told_on_standard_error_and_in_the_file(
    sample_run: SampleRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "state" / "alerts.json"
    after_run(AlertOptions(STRICT, file=str(path)), str(sample_run.output), 0)
    told = json.loads(path.read_text())
    assert told["run_id"] == sample_run.report.run.value
    assert {alert["rule"] for alert in told["alerts"]} == {"feed_failing"}
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert [
        f"newsbeam: alert feed_failing: {a['subject']}: {a['message']}" for a in told["alerts"]
    ] == lines
    assert len(lines) == 3  # of the sample newsroom's feeds


def test_the_file_is_written_anew_by_each_run_also_without_alerts(
    sample_run: SampleRun, tmp_path: Path
) -> None:
    path = tmp_path / "alerts.json"
    after_run(AlertOptions(STRICT, file=str(path)), str(sample_run.output), 0)
    after_run(AlertOptions({}, file=str(path)), str(sample_run.output), 0)
    assert json.loads(path.read_text())["alerts"] == []


def test_a_check_that_fails_is_told_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = AlertOptions(STRICT, exit_status=9)
    assert after_run(options, str(tmp_path / "nowhere"), 0) == 0
    assert "alerts could not be checked" in capsys.readouterr().err
