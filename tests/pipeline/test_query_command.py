"""`newsbeam query` as a user meets it."""

import csv
import io
import json
import os
import pty
import sys
from pathlib import Path

import pytest

from pipeline.cli import main
from schemas.tables import TABLES
from schemas.views import VIEWS
from tests.pipeline.conftest import SampleRun

SQL = "select title, feed_refs, published_at, is_copy from current_articles order by title limit 2"


def query(sample_run: SampleRun, *arguments: str) -> int:
    return main(["query", str(sample_run.output), *arguments])


def test_json_is_an_object_a_line(
    sample_run: SampleRun, capsys: pytest.CaptureFixture[str]
) -> None:
    assert query(sample_run, SQL, "--format", "json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 2
    assert list(rows[0]) == ["title", "feed_refs", "published_at", "is_copy"]
    assert rows[0]["feed_refs"][0]["feed_url"].startswith("http")
    assert rows[0]["published_at"].endswith("+00:00")


def test_csv_has_a_header_and_lists_as_json(
    sample_run: SampleRun, capsys: pytest.CaptureFixture[str]
) -> None:
    assert query(sample_run, SQL, "--format", "csv") == 0
    header, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    assert header == ["title", "feed_refs", "published_at", "is_copy"]
    assert len(rows) == 2
    assert json.loads(rows[0][1])[0]["feed_url"].startswith("http")


def test_sql_may_stand_behind_the_options(
    sample_run: SampleRun, capsys: pytest.CaptureFixture[str]
) -> None:
    assert query(sample_run, "--format", "csv", "select 1 as one") == 0
    assert capsys.readouterr().out == "one\n1\n"


def test_statements_without_a_result_print_nothing(
    sample_run: SampleRun, capsys: pytest.CaptureFixture[str]
) -> None:
    sql = "create table t as select 2 as two; insert into t values (3); select sum(two) as s from t"
    assert query(sample_run, sql, "--format", "csv") == 0
    assert capsys.readouterr().out == "s\n5\n"


def test_a_table_for_people_names_columns(
    sample_run: SampleRun, capsys: pytest.CaptureFixture[str]
) -> None:
    assert query(sample_run, "select outlet, count(*) as n from current_articles group by all") == 0
    out = capsys.readouterr().out
    assert "outlet" in out
    assert "The Humber Courier" in out


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("selct 1", "Parser Error"),
        ("from nowhere", "nowhere does not exist"),
        ("select nothing from quotes", '"nothing" not found'),
        ("select cast('x' as integer)", "Conversion Error"),
    ],
)
def test_bad_sql_says_why_and_what_there_is(
    sample_run: SampleRun, sql: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert query(sample_run, sql, "--format", "json") == 2
    error = capsys.readouterr().err
    assert message in error
    for name in [*TABLES, *VIEWS]:
        assert name in error


@pytest.mark.parametrize("extra", [["--nonsense"], ["select 1", "select 2"]])
def test_what_is_too_much_is_refused(
    sample_run: SampleRun, extra: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert query(sample_run, *extra) == 2
    assert extra[-1] in capsys.readouterr().err


def test_a_missing_warehouse_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", str(tmp_path / "nix"), "select 1"]) == 2
    error = capsys.readouterr().err
    assert "nix" in error
    assert "newsbeam run" in error


def test_sql_can_be_piped_in(
    sample_run: SampleRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("select 1 as a;\nselect 2 as b;\n"))
    assert query(sample_run, "--format", "csv") == 0
    assert capsys.readouterr().out == "a\n1\nb\n2\n"


def converse(output: Path, home: Path, typed: bytes) -> tuple[int, str]:
    """Type at the prompt of a terminal; return the exit status and all that was on the screen."""
    arguments = [sys.executable, "-m", "pipeline.cli", "query", str(output), "--format", "csv"]
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(XDG_STATE_HOME=str(home), TERM="dumb")
        os.execv(sys.executable, arguments)
    screen = b""
    while b"newsbeam> " not in screen:
        screen += os.read(terminal, 4096)
    os.write(terminal, typed)
    while piece := _read(terminal):
        screen += piece
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), screen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other side has closed
        return b""


def test_the_prompt_answers_goes_on_after_errors_and_remembers(
    sample_run: SampleRun, tmp_path: Path
) -> None:
    typed = (
        b"select 40 +\n2 as answer;\nselect bad;\n.tables\nselect 'still ' || 'there' as x;\n\x04"
    )
    status, screen = converse(sample_run.output, tmp_path, typed)
    assert status == 0
    assert "answer\r\n42" in screen
    assert "Binder Error" in screen
    assert "still there" in screen
    history = (tmp_path / "newsbeam" / "query_history").read_text()
    assert "2 as answer;" in history


@pytest.mark.parametrize("word", ["quit", ".quit"])
def test_the_prompt_can_be_left_by_a_word(sample_run: SampleRun, tmp_path: Path, word: str) -> None:
    status, _ = converse(sample_run.output, tmp_path, f"{word}\n".encode())
    assert status == 0
