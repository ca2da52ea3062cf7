"""A run, one of its workers or a compaction is killed, started again, and compared.

`pytest tests/pipeline/test_kills.py --kill-moments=100` (`make test-kills`) is the long series.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from pipeline.newsroom.server import SampleNewsroom
from pipeline.stopping import children
from pipeline.warehouse import open_warehouse
from tests.pipeline.running import remembered, rows, run, stable
from tests.pipeline.warehouses import files, fill

TABLES = ("articles", "entities", "mentions", "quotes")
FEEDS = 2  # of the sample newsroom: enough to have all stages, and a long series ends in time
ENDS_IN_S = 120.0


def start(
    output: Path, feeds: tuple[str, ...], workers: int = 1, *more: str
) -> subprocess.Popen[bytes]:
    """Start `newsbeam run` as a process of its own."""
    command = [
        *(sys.executable, "-m", "pipeline.cli", "run", *feeds, "--output", str(output)),
        *("--allow-network", "127.0.0.0/8", "--workers", str(workers), "--log-format", "json"),
        *more,
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def moments(request: pytest.FixtureRequest) -> list[float]:
    """Shares of a run's time, evenly spread."""
    count = request.config.getoption("--kill-moments")
    return [(number + 0.5) / count for number in range(count)]


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody killed: only to be read."""

    output: Path
    feeds: tuple[str, ...]
    seconds: float  # as a process of its own

    def is_like(self, output: Path) -> bool:
        """Whether another output has the same rows, and knows the same of feeds and articles."""
        if remembered(output) != remembered(self.output):
            return False
        return all(stable(output, table) == stable(self.output, table) for table in TABLES)


@pytest.fixture(scope="module")
def undisturbed(newsroom: SampleNewsroom, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    output, feeds = tmp_path_factory.mktemp("undisturbed"), newsroom.feed_urls[:FEEDS]
    started = time.monotonic()
    assert start(output, feeds).wait(ENDS_IN_S) == 0
    return Undisturbed(output, feeds, time.monotonic() - started)


@pytest.mark.parametrize(("options", "every"), [((), 1), (("--detach",), 2)])
def test_a_killed_run_leaves_the_tables_of_an_undisturbed_one(
    undisturbed: Undisturbed,
    options: tuple[str, ...],
    every: int,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    for number, moment in enumerate(moments(request)[::-every]):
        output = tmp_path / str(number)
        process = start(output, undisturbed.feeds, 1, *options)
        time.sleep(undisturbed.seconds * (0.35 + 0.65 * moment))
        process.send_signal(signal.SIGKILL)
        process.wait()
        run(output, undisturbed.feeds)
        assert undisturbed.is_like(output), moment
        assert not list((output / "_staging").glob("*"))
        shutil.rmtree(output)


def workers_of(pid: int) -> list[int]:
    """The worker processes of a run, without the shells between."""
    found = []
    for child in children(pid):
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(b"sdk_worker_main" in word for word in command[1:]) and b"-c" not in command:
            found.append(child)
    return found


def kill_a_worker(process: subprocess.Popen[bytes], moment: float, window_s: float) -> None:
    """Kill one worker that long after the first one was there."""
    while not workers_of(process.pid) and process.poll() is None:
        time.sleep(0.02)
    time.sleep(moment * window_s)
    for worker in workers_of(process.pid)[-1:]:
        os.kill(worker, signal.SIGKILL)


def window_of_workers(output: Path, feeds: tuple[str, ...]) -> float:
    """Seconds from the first worker to the end of an undisturbed run."""
    process = start(output, feeds, workers=2)
    while not workers_of(process.pid):
        assert process.poll() is None
        time.sleep(0.02)
    begun = time.monotonic()
    assert process.wait(ENDS_IN_S) == 0
    return time.monotonic() - begun


def test_a_killed_worker_ends_the_run_and_the_next_one_is_whole(
    undisturbed: Undisturbed, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    window = window_of_workers(tmp_path / "timing", undisturbed.feeds)
    statuses = []
    for number, moment in enumerate(moments(request)):
        output = tmp_path / str(number)
        process = start(output, undisturbed.feeds, workers=2)
        kill_a_worker(process, moment, window)
        statuses.append(process.wait(ENDS_IN_S))
        assert statuses[-1] in (0, 4), moment
        if statuses[-1] == 4:
            assert [path for table in TABLES for path in files(output, table)] == [], moment
        run(output, undisturbed.feeds)
        assert undisturbed.is_like(output), moment
        shutil.rmtree(output)
    print(f"exit status 4: {statuses.count(4)}, 0: {statuses.count(0)}", file=sys.stderr)
    assert 4 in statuses


COMPACT = """
import sys
from datetime import date
from pipeline.compact import compact
print("ready", flush=True)
sys.stdin.readline()
compact(sys.argv[1], 3, today=date(2026, 11, 24))
"""
DAYS = [date(2026, 11, day) for day in range(19, 25)]


def start_compaction(output: Path) -> subprocess.Popen[str]:
    """Start a process that is about to compact."""
    command = [sys.executable, "-c", COMPACT, str(output)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    """Let a compaction begin."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_a_killed_compaction_loses_and_doubles_nothing(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    filled, whole = tmp_path / "filled", tmp_path / "whole"
    fill(filled, DAYS)
    shutil.copytree(filled, whole)
    process = start_compaction(whole)
    begun = time.monotonic()
    go(process)
    assert process.wait(ENDS_IN_S) == 0
    seconds = time.monotonic() - begun
    expected = stable(whole, "quotes")
    for moment in moments(request):
        output = Path(shutil.copytree(filled, tmp_path / "output"))
        process = start_compaction(output)
        go(process)
        time.sleep(moment * seconds)
        process.kill()
        process.wait()
        kept = [row for row in stable(output, "quotes") if row in set(expected)]
        assert kept == expected, moment
        with open_warehouse(str(output)):
            assert [row for row in stable(output, "quotes") if row in set(expected)] == expected
        process = start_compaction(output)
        go(process)
        assert process.wait(ENDS_IN_S) == 0
        assert stable(output, "quotes") == expected, moment
        assert len(files(output, "quotes")) == len(files(whole, "quotes"))
        assert len(rows(output, "articles")) == len(rows(whole, "articles"))
        shutil.rmtree(output)
