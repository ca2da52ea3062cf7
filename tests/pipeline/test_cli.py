import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import build_parser, main

OPML_NOT_XML = "<opml><body><outline"


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, str]:
    return {
        "missing": str(tmp_path / "missing.txt"),
        "opml": write(tmp_path, "feeds.opml", OPML_NOT_XML),
        "empty": write(tmp_path, "feeds.txt", "# nothing\n"),
        "file": write(tmp_path, "file", ""),
        "out": str(tmp_path / "out"),
    }


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("run {missing} --output {out}", "missing.txt"),
        ("run {opml} --output {out}", "XML"),
        ("run {empty} --output {out}", "feeds.txt"),
        ("run ftp://example.org/feed --output {out}", "ftp"),
        ("run https://e.org/f --output {file}/below", "cannot be written"),
        ("run https://e.org/f", "--output"),
        ("run --output {out} --spacy-model no_such_model", "python -m spacy download"),
        ("run --output {out} --outptu x", "--outptu"),
        ("annotate {missing}", "missing.txt"),
        ("annotate --spacy-model no_such_model {file}", "no_such_model"),
        ("schema articels", "articels"),
    ],
)
def test_wrong_input_is_named_and_ends_with_status_2(
    command: str, told: str, paths: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    status = main([word.format(**paths) for word in command.split()])
    captured = capsys.readouterr()
    assert status == 2
    assert told in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("run --allow-network 127.0.0.1/8", "127.0.0.1/8"),
        ("run --workers none", "none"),
        ("run --limit 0", "0"),
        ("run --host-delay -1", "-1"),
        ("annotate --jsnl", "--jsnl"),
        ("feed", "feed"),
        ("", "COMMAND"),
    ],
)
def test_a_malformed_command_line_ends_with_status_2(
    command: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(command.split())
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_wrong_output_is_told_before_anything_is_fetched(
    paths: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--output", paths["file"]]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_help_of_every_command_names_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("run", "annotate", "schema"):
        with pytest.raises(SystemExit):
            build_parser().parse_args([command, "--help"])
        assert "--" in capsys.readouterr().out


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m pipeline.cli schema | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("## articles")
    assert "Traceback" not in done.stderr


def test_what_was_registered_for_the_end_is_done() -> None:
    script = (
        "import atexit, sys; from pipeline import cli; "
        "atexit.register(print, 'stopped', flush=True); "
        "sys.argv = ['newsbeam', 'schema', 'runs']; cli.command()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("stopped\n")
