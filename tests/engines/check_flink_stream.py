"""A graph without end on Flink: feeds change while it runs, and a task manager is killed.

Part of `make test-flink`; the newspapers are those of `check_prism_stream`.
"""

import os
import subprocess

import pytest

from tests.engines.check_flink import a_cluster
from tests.engines.check_prism_stream import NEWSBEAM, TABLES, Newspapers, play, written
from tests.pipeline.running import rows, stable

pytestmark = pytest.mark.skipif(
    not os.environ.get("FLINK"), reason="FLINK names no distribution: make test-flink"
)


def stream(papers, output, cluster, log):
    command = [
        *(NEWSBEAM, "stream", *papers.feeds, f"--output={output}", "--allow-network=127.0.0.0/8"),
        *("--window=5s", "--min-interval=1s", "--max-interval=3s", *cluster.beam_options()),
        "--checkpointing_interval=3000",
    ]
    return subprocess.Popen(command, stdout=log, stderr=log)


def kill_machine(cluster):
    cluster.machines[0].kill()
    return 1


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """What a stream that lost a task manager has written, and passes over the same pages."""
    folder = tmp_path_factory.mktemp("stream")
    output, passes, log = folder / "stream", folder / "passes", folder / "log"
    with Newspapers() as papers, a_cluster(folder / "cluster") as cluster, log.open("wb") as told:
        with stream(papers, output, cluster, told) as process:
            status = play(papers, process, (output, passes, log), lambda: kill_machine(cluster))
        yield output, passes, papers.names(), status, log.read_text()


def test_nothing_is_lost_and_nothing_comes_twice(outcome):
    output, _, names, status, _ = outcome
    assert written(output) == names
    assert status == 0


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_those_of_passes(outcome, table):
    output, passes, *_ = outcome
    assert stable(output, table) == stable(passes, table)
    assert rows(output, table)


def test_engine_mends_itself(outcome):
    """Flink restores the state that its checkpoints hold; the command starts nothing again."""
    *_, log = outcome
    assert "the job failed" not in log
