"""Submit and leave for real: Beam's job service and its workers outlive the command."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.newsroom.server import SampleNewsroom
from tests.engines.pool import WorkerPool
from tests.pipeline.running import remembered, run, stable

ENDS_IN_S = 300.0
TABLES = ("articles", "entities", "mentions", "quotes", "fetches")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """The options that name a job service and a worker pool."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    module = "apache_beam.runners.portability.local_job_service_main"
    command = [sys.executable, "-W", "ignore", "-m", module, "--port", str(port)]
    log = (tmp_path / "service.log").open("wb")
    service = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port)
        with WorkerPool(tmp_path / "pool.log") as pool:
            yield (
                "--runner=PortableRunner",
                f"--job_endpoint=localhost:{port}",
                "--environment_type=EXTERNAL",
                f"--environment_config=localhost:{pool.port}",
            )
    finally:
        service.kill()
        service.wait()
        log.close()


def wait_for(port: int) -> None:
    """Wait until something listens."""
    until = time.monotonic() + ENDS_IN_S
    while time.monotonic() < until:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def test_the_command_leaves_and_the_run_is_committed(
    newsroom: SampleNewsroom, engine: tuple[str, ...], tmp_path: Path
) -> None:
    output, feeds = tmp_path / "warehouse", newsroom.feed_urls[:1]
    command = [
        *(sys.executable, "-W", "ignore", "-m", "pipeline.cli", "run", *feeds, "--force"),
        *(f"--output={output}", "--allow-network=127.0.0.0/8", "--workers=1", "--detach"),
        *("--log-format=json", *engine),
    ]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert said["status"] == "submitted"
    until = time.monotonic() + ENDS_IN_S
    while (summary := read(said["summary"]))["status"] == "submitted":
        assert time.monotonic() < until, (tmp_path / "service.log").read_text()[-3000:]
        time.sleep(0.1)
    assert (summary["status"], summary["exit_status"]) == ("committed", 0)
    expected = tmp_path / "expected"
    run(expected, feeds)
    for table in TABLES:
        assert stable(output, table) == stable(expected, table), table
    assert remembered(output) == remembered(expected)


def read(path: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(Path(path).read_text())
    return found
