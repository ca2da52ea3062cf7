import logging
import subprocess
import sys

import pytest

from pipeline.worker_output import classify_line, sorted_worker_output


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("INFO:__main__:Logging handler created.", None),
        ("", None),
        ("WARNING:root:apitools not found, and …", None),
        ("ERROR:a.b:it broke", (logging.ERROR, "a.b: it broke")),
        ("WARNING:a:look", (logging.WARNING, "a: look")),
        (
            "Traceback (most recent call last):",
            (logging.WARNING, "Traceback (most recent call last):"),
        ),
    ],
)
def test_lines_are_sorted_by_level(line: str, expected: tuple[int, str] | None) -> None:
    assert classify_line(line) == expected


def test_what_children_write_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    code = "import sys; print('INFO:x:chat\\nERROR:x:broken', file=sys.stderr)"
    with caplog.at_level(logging.WARNING, "newsbeam.worker"), sorted_worker_output():
        subprocess.run([sys.executable, "-c", code], check=True)
    assert [record.getMessage() for record in caplog.records] == ["x: broken"]


def test_our_own_standard_error_stays_our_own() -> None:
    code = (
        "import sys\nfrom pipeline.worker_output import sorted_worker_output\n"
        "with sorted_worker_output():\n    print('INFO:x:mine', file=sys.stderr)\n"
        "print('after', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "INFO:x:mine\nafter\n"
