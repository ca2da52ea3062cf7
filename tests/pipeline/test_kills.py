"""A run is killed, started again, and compared with an undisturbed one.

`pytest tests/pipeline/test_kills.py --kill-moments=100` is the long series.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.newsroom.server import SampleNewsroom
from pipeline.warehouse import open_warehouse
from tests.pipeline.conftest import SampleRun
from tests.pipeline.running import run, stable
from transforms.state import ARTICLES, CONTENTS, FEEDS, RETRIES, ROBOTS, StateFiles, read_rows

TABLES = ("articles", "entities", "mentions", "quotes")
KNOWN = {
    FEEDS: ("key", "fetch_url", "etag", "body_hash", "signature", "entries", "model_version"),
    CONTENTS: ("key", "marks"),
    RETRIES: ("key",),
    ARTICLES: ("article_id", "normalized_link", "revision", "content_hash", "feed_refs"),
    ROBOTS: ("site", "body"),
}


def start(output: Path, feeds: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """Start `newsbeam run` as a process of its own."""
    command = [
        *(sys.executable, "-m", "pipeline.cli", "run", *feeds, "--output", str(output)),
        *("--allow-network", "127.0.0.0/8", "--workers", "1", "--log-format", "json"),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def remembered(output: Path) -> dict[str, list[str]]:
    """What a warehouse knows, kind by kind, without times and what a second try adds to."""
    with open_warehouse(str(output)) as warehouse:
        files = StateFiles(warehouse.state_paths)
    return {
        kind.name: sorted(
            repr({name: getattr(row, name) for name in names})
            for row in read_rows(files.of(kind), kind)
        )
        for kind, names in KNOWN.items()
    }


@pytest.fixture(scope="module")
def duration(newsroom: SampleNewsroom, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Seconds that an undisturbed run takes as a process here."""
    started = time.monotonic()
    assert start(tmp_path_factory.mktemp("timing"), newsroom.feed_urls).wait() == 0
    return time.monotonic() - started


def test_a_killed_run_leaves_the_tables_of_an_undisturbed_one(
    sample_run: SampleRun, duration: float, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    moments = request.config.getoption("--kill-moments")
    for moment in range(moments):
        output = tmp_path / str(moment)
        process = start(output, sample_run.feeds)
        time.sleep(duration * (0.35 + 0.65 * (moment + 0.5) / moments))
        process.send_signal(signal.SIGKILL)
        process.wait()
        run(output, sample_run.feeds)
        for table in TABLES:
            assert stable(output, table) == stable(sample_run.output, table), (moment, table)
        assert remembered(output) == remembered(sample_run.output), moment
        assert not list((output / "_staging").glob("*"))
