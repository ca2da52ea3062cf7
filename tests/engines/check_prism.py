"""The graph on Prism, Beam's portable engine in Go, with workers of their own: `make test-prism`.

The engine and the workers speak Beam's portability protocols over gRPC, as Flink's do: nothing is
shared with the process that submits but the output's file system.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.newsroom.server import SampleNewsroom
from schemas.tables import TABLES
from tests.engines.pool import WorkerPool
from tests.pipeline.running import rows, stable
from transforms.progress import read_progress

PRISM = os.environ.get("PRISM", "")
NEWSBEAM = Path(sys.executable).parent / "newsbeam"
KILL_WITHIN_S = 300.0
NOTHING_COMMITTED = 4

pytestmark = pytest.mark.skipif(not PRISM, reason="PRISM names no Prism binary: make test-prism")


@pytest.fixture(scope="module")
def newsroom():
    with SampleNewsroom(port=0) as served:
        yield served


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    with WorkerPool(tmp_path_factory.mktemp("pool") / "log") as started:
        yield started


def command(newsroom, output, *arguments):
    given = [*newsroom.feed_urls, "--allow-network=127.0.0.0/8", f"--output={output}"]
    return [NEWSBEAM, "run", *given, "--force", "--workers=2", "--show=0", *arguments]


def on_prism(pool):
    return (
        "--runner=PrismRunner",
        f"--prism_location={PRISM}",
        "--environment_type=EXTERNAL",
        f"--environment_config=localhost:{pool.port}",
    )


def run(newsroom, output, *arguments):
    subprocess.run(command(newsroom, output, *arguments), check=True, timeout=900)


@pytest.fixture(scope="module")
def local(newsroom, tmp_path_factory):
    output = tmp_path_factory.mktemp("local") / "warehouse"
    run(newsroom, output)
    return output


@pytest.fixture(scope="module")
def killed(newsroom, pool, tmp_path_factory):
    """The output of a run whose worker was killed while it fetched pages, and its exit status."""
    output = tmp_path_factory.mktemp("prism") / "warehouse"
    with subprocess.Popen(command(newsroom, output, *on_prism(pool))) as running:
        until = time.monotonic() + KILL_WITHIN_S
        while time.monotonic() < until and running.poll() is None and not pages(output):
            time.sleep(0.1)
        assert pool.kill_workers() >= 1
        return output, running.wait(timeout=KILL_WITHIN_S)


def pages(output):
    """How many pages the run that is under way has fetched."""
    folders = list(output.glob("_staging/*/progress"))
    return sum(read_progress(str(folder))["pages"] for folder in folders)


def test_killed_worker_fails_the_run_and_nothing_of_it_is_seen(killed):
    output, status = killed
    assert status == NOTHING_COMMITTED
    assert not [table for table in TABLES if rows(output, table)]


def test_next_run_makes_it_whole_with_the_rows_of_a_local_run(killed, local, newsroom, pool):
    output, _ = killed
    run(newsroom, output, *on_prism(pool))
    for table in TABLES:
        assert stable(output, table) == stable(local, table), table
    assert rows(output, "quotes")


def test_run_that_commits_itself_has_the_rows_of_a_local_run(local, newsroom, pool, tmp_path):
    run(newsroom, tmp_path, *on_prism(pool), "--detach")
    for table in TABLES:
        assert stable(tmp_path, table) == stable(local, table), table
    assert not list(tmp_path.glob("_claim*"))
    (summary,) = tmp_path.glob("_summaries/*.json")
    assert json.loads(summary.read_text())["status"] == "committed"


def test_no_engine_is_left_behind(killed):
    engines = [process for process in Path("/proc").glob("[0-9]*") if is_prism(process)]
    assert engines == []


def is_prism(process):
    try:
        return (process / "exe").readlink() == Path(PRISM).resolve()
    except OSError:
        return False
