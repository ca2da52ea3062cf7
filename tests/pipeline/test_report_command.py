from pathlib import Path

import pytest

from pipeline.cli import main
from tests.pipeline.conftest import SampleRun


def test_the_command_writes_the_page_and_says_where(
    sample_run: SampleRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.html"
    assert main(["report", str(sample_run.output), "-o", str(path), "--limit", "20"]) == 0
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"wrote {path}" in captured.err


@pytest.mark.parametrize("option", [("--limit", "0"), ("--days", "x")])
def test_a_number_that_is_none_is_wrong_usage(option: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["report", "warehouse", *option])
    assert left.value.code == 2


def test_a_folder_without_runs_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
