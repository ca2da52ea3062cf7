"""A Flex Template from its launch to its commit; only Dataflow itself is stood in for.

The launcher's program runs as Dataflow runs it, against the emulators: it leaves the job's
description and the graph in the bucket, and ends. Then the graph is taken from there and executed
by a runner of Beam, in another process than the one that made it.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import template
from pipeline.newsroom.server import SampleNewsroom
from pipeline.outputs.bigquery import BigQueryOutput
from schemas.tables import TABLES
from tests.emulators.running import BUCKET, PROJECT, Cloud
from tests.pipeline.outputs.datasets import new_output, ordered, read
from tests.pipeline.outputs.test_runs import ARTICLE_TABLES, file_rows, stable
from tests.pipeline.running import run
from transforms import storage

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "deploy" / "dataflow" / "launch.py"
ENGINE = """
import sys
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability import python_urns
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from transforms import storage
graph = beam_runner_api_pb2.Pipeline.FromString(storage.read(sys.argv[1]))
for environment in graph.components.environments.values():  # workers here, not in containers
    environment.urn, environment.payload = python_urns.EMBEDDED_PYTHON, b""
    del environment.dependencies[:]
FnApiRunner().run_via_runner_api(graph, PipelineOptions()).wait_until_finish()
"""


def parameters(job: str, root: str, output: BigQueryOutput, feeds: tuple[str, ...]) -> list[str]:
    """Return what a launch of the template gives its program, Dataflow's own options too."""
    return [
        f"--feeds={' '.join(feeds)}",
        f"--output={root} {output.address}",
        "--allow_network=127.0.0.0/8",
        "--contact=me@example.org",
        "--runner=DataflowRunner",
        f"--project={PROJECT}",
        "--region=europe-west3",
        "--job_name=newsbeam",
        f"--template_location=gs://{BUCKET}/{job}/job_object",
        f"--temp_location=gs://{BUCKET}/{job}/temp",
        f"--staging_location=gs://{BUCKET}/{job}/staging",
        "--max_num_workers=2",
        "--sdk_container_image=europe-west3-docker.pkg.dev/p/newsbeam/newsbeam:0.1.0",
    ]


def start(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python to its end."""
    command = [sys.executable, "-W", "ignore", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def staged_graph(job: str) -> str:
    """Return the path of the graph that a launch has left in the bucket."""
    (path,) = (p for p in storage.list_files(f"gs://{BUCKET}/{job}") if p.endswith("pipeline.pb"))
    return path


def summary(root: str) -> dict[str, object]:
    (path,) = storage.list_files(f"{root}/_summaries")
    found: dict[str, object] = json.loads(storage.read(path))
    return found


def check_committed(root: str, output: BigQueryOutput, expected: Path) -> None:
    for table in ARTICLE_TABLES:
        rows = stable(file_rows(root, table))
        assert rows == stable(file_rows(str(expected), table)), table
    for table in TABLES:
        assert ordered(read(output, table)) == ordered(file_rows(root, table)), table
    left = [path.removeprefix(f"{root}/") for path in storage.list_files(root)]
    assert [path for path in left if path.startswith(("_staging", "_claim", "_lock"))] == []


def test_a_launched_job_commits_by_itself_and_once(
    cloud: Cloud,
    newsroom: SampleNewsroom,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output, root, feeds = new_output(), f"gs://{BUCKET}/flex", newsroom.feed_urls[:1]
    run(tmp_path, feeds)
    launched = start(str(PROGRAM), *parameters("job-1", root, output, feeds))
    assert launched.returncode == 0, launched.stderr
    assert file_rows(root, "articles") == []
    assert summary(root)["status"] == "submitted"
    job = json.loads(storage.read(f"gs://{BUCKET}/job-1/job_object"))
    assert (job["name"], job["type"]) == ("newsbeam", "JOB_TYPE_BATCH")

    assert template.launch(parameters("job-2", root, output, feeds)) == 2
    assert "is under way" in capsys.readouterr().err

    executed = start("-c", ENGINE, staged_graph("job-1"))
    assert executed.returncode == 0, executed.stderr
    check_committed(root, output, tmp_path)
    told = summary(root)
    assert (told["status"], told["exit_status"]) == ("committed", 0)

    assert template.launch(parameters("job-3", root, output, feeds)) == 0  # no feed is due
    assert storage.exists(f"gs://{BUCKET}/job-3/job_object")  # the launcher waits for one
