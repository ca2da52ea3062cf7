import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.commit import commit
from pipeline.warehouse import open_warehouse
from schemas.errors import OutputError
from tests.pipeline.test_commit import RUN, stage

HOLD = """
import sys, time
from pipeline.warehouse import open_warehouse
with open_warehouse(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(path: Path) -> subprocess.Popen[str]:
    """Start a process that holds the warehouse's lock."""
    command = [sys.executable, "-c", HOLD, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_new_warehouse_has_no_last_run(tmp_path: Path) -> None:
    with open_warehouse(str(tmp_path / "new")) as warehouse:
        assert warehouse.last is None
        assert warehouse.state_paths == ()


def test_the_last_run_and_its_state_are_found(tmp_path: Path) -> None:
    with open_warehouse(str(tmp_path)) as warehouse:
        commit(warehouse.layout, RUN, stage(warehouse.layout), 0)
    with open_warehouse(str(tmp_path)) as warehouse:
        assert warehouse.last is not None
        assert warehouse.last.run_id == RUN.value
        assert [os.path.exists(path) for path in warehouse.state_paths] == [True]


def test_what_a_killed_run_left_is_cleared_at_the_start(tmp_path: Path) -> None:
    with open_warehouse(str(tmp_path)) as warehouse:
        stage(warehouse.layout)
    with open_warehouse(str(tmp_path)) as warehouse:
        assert warehouse.cleared == (RUN.value,)


def test_a_second_run_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    process = hold(tmp_path)
    try:
        with pytest.raises(OutputError, match=str(process.pid)), open_warehouse(str(tmp_path)):
            pass
    finally:
        process.kill()
        process.wait()


def test_a_killed_run_does_not_hold_the_lock(tmp_path: Path) -> None:
    process = hold(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with open_warehouse(str(tmp_path)) as warehouse:
        assert warehouse.last is None


def test_an_output_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    warehouse = open_warehouse(str(tmp_path / "file" / "warehouse"))
    with pytest.raises(OutputError, match="cannot be written"), warehouse:
        pass
