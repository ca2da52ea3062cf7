"""The graph on a Flink cluster with a worker pool beside each task manager: `make test-flink`.

Nothing is shared between the driver, the task managers and the workers but the output's file
system. The job server is Beam's of an older version than the Python SDK: see docs/engines.md.
"""

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.flink.cluster import ClusterOptions, FlinkCluster
from pipeline.newsroom.server import SampleNewsroom
from schemas.tables import TABLES
from tests.pipeline.running import rows, stable
from transforms.progress import read_progress

FLINK = os.environ.get("FLINK", "")
NEWSBEAM = Path(sys.executable).parent / "newsbeam"
RUN_S = 900.0

pytestmark = pytest.mark.skipif(not FLINK, reason="FLINK names no distribution: make test-flink")


@pytest.fixture(scope="module")
def newsroom():
    with SampleNewsroom(port=0) as served:
        yield served


@contextmanager
def a_cluster(work):
    rest, rpc, pool = free_ports(3)
    home = Path(FLINK).resolve()
    options = ClusterOptions(home, work, rest_port=rest, rpc_port=rpc, pool_port=pool)
    with FlinkCluster(options) as started:
        yield started


def free_ports(number):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def start(newsroom, output, *arguments):
    given = [*newsroom.feed_urls, "--allow-network=127.0.0.0/8", f"--output={output}"]
    command = [NEWSBEAM, "run", *given, "--force", "--show=0", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def finish(running):
    """Return how long a run took, what it logged and its exit status."""
    _, told = running.communicate(timeout=RUN_S)
    sys.stderr.write(told)
    return told, running.returncode


@pytest.fixture(scope="module")
def local(newsroom, tmp_path_factory):
    output = tmp_path_factory.mktemp("local") / "warehouse"
    _, status = finish(start(newsroom, output, "--workers=2"))
    assert status == 0
    return output


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with a_cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture(scope="module")
def undisturbed(newsroom, cluster, tmp_path_factory):
    """The output of a run on the whole cluster, and what it logged."""
    output = tmp_path_factory.mktemp("flink") / "warehouse"
    told, status = finish(start(newsroom, output, *cluster.beam_options()))
    assert status == 0
    return output, told


@pytest.fixture(scope="module")
def killed(undisturbed, newsroom, cluster, tmp_path_factory):
    """The output of a run that lost a task manager while it fetched pages, and its status."""
    output = tmp_path_factory.mktemp("killed") / "warehouse"
    running = start(newsroom, output, *cluster.beam_options())
    until = time.monotonic() + RUN_S
    while time.monotonic() < until and running.poll() is None and not pages(output):
        time.sleep(0.05)
    assert running.poll() is None, "the run was over before a task manager could be killed"
    cluster.machines[0].kill()
    print(f"{cluster.machines[0].address} killed after {pages(output)} pages")
    _, status = finish(running)
    return output, status


def pages(output):
    """How many pages the run that is under way has fetched."""
    folders = list(output.glob("_staging/*/progress"))
    return sum(read_progress(str(folder))["pages"] for folder in folders)


def test_rows_are_those_of_a_local_run(undisturbed, local):
    output, _ = undisturbed
    assert rows(output, "quotes")
    for table in TABLES:
        assert stable(output, table) == stable(local, table), table


def test_work_spreads_over_both_task_managers(undisturbed):
    output, told = undisturbed
    line = re.search(r"articles by worker: (.*)", told)
    assert line is not None, "one worker made all articles"
    print(line[0])
    counts = [int(count) for count in re.findall(r"\S+ (\d+)", line[1])]
    assert len(counts) == 2
    assert sum(counts) == len(rows(output, "articles"))
    assert min(counts) >= sum(counts) / 5


def test_run_that_loses_a_task_manager_ends_well(killed, cluster):
    _, status = killed
    assert status == 0
    assert restarts(cluster) >= 1
    assert cluster.ask("overview")["taskmanagers"] == 1


def restarts(cluster):
    """How often tasks of the last job were started again."""
    jobs = cluster.ask("jobs/overview")["jobs"]
    last = max(jobs, key=lambda job: job["start-time"])["jid"]
    vertices = cluster.ask(f"jobs/{last}")["vertices"]
    asked = [cluster.ask(f"jobs/{last}/vertices/{vertex['id']}") for vertex in vertices]
    return sum(task["attempt"] for vertex in asked for task in vertex["subtasks"])


def test_lost_task_manager_costs_no_row_and_doubles_none(killed, local):
    output, _ = killed
    for table in TABLES:
        assert stable(output, table) == stable(local, table), table
