"""The Flex Template: its parameters are newsbeam's options, its files are what Dataflow reads."""

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from google.cloud import dataflow_v1beta3 as dataflow
from google.protobuf import json_format

from pipeline.cli import build_parser
from pipeline.run_command import pass_options
from pipeline.template import run_arguments, template_options

FOLDER = Path(__file__).parents[2] / "deploy" / "dataflow"
TERRAFORM = FOLDER / "terraform"
METADATA = json.loads((FOLDER / "metadata.json").read_text())
PARAMETERS = {parameter["name"]: parameter for parameter in METADATA["parameters"]}
README = (FOLDER / "README.md").read_text()
IMAGE = "europe-west3-docker.pkg.dev/my-project/newsbeam/newsbeam:0.1.0"
NEEDED = {"feeds": "gs://news/f.opml", "output": "gs://news/w", "contact": "me@example.org"}
# Values that fit and values that do not, of each parameter.
VALUES = {
    "feeds": (["gs://news/f.opml", "https://a.org/f?x=1,2 http://b.org/"], ["", "a.org", "f.opml"]),
    "output": (
        [
            "gs://news/w",
            "gs://news/w bq://my-project.news",
            "bq://x.org:my-project.news gs://n-1/w",
        ],
        ["/data", "bq://my-project", "gs://N/w", "gs://news/w,bq://my-project.news"],
    ),
    "state": (["gs://news/state"], ["/data", "s3://news/state"]),
    "bigquery_method": (["FILE_LOADS", "STORAGE_WRITE_API"], ["STREAMING_INSERTS", "x"]),
    "bigquery_location": (["EU", "europe-west3"], ["eu", "Europe"]),
    "allow_network": (["10.0.0.0/8", "10.0.0.0/8 fd00::/8"], ["intranet", "10.0.0.0/8,fd00::/8"]),
    "host_delay": (["2", "0.5 a.org=5", "a.org:8080=3"], ["fast", "a.org=", "-1"]),
    "user_agent": (["mybot/1.0 (+https://a.org)"], ["two\nlines", ""]),
    "contact": (["me@a.org", "https://a.org/bot"], ["", "me"]),
    "force": (["true", "false"], ["yes", "1"]),
    "min_interval": (["90s", "10m", "600"], ["often", "10 m", "-5m"]),
    "max_interval": (["24h", "1.5d"], ["1w"]),
    "full_fetch": (["24h"], ["daily"]),
    "workers": (["auto", "8"], ["0", "many"]),
    "spacy_model": (["en_core_web_sm"], ["en-core", "../x"]),
    "limit": (["1", "500"], ["0", "-1", "all"]),
    "archive": (["gs://news/pages"], ["pages"]),
    "presume_dead_after": (["2h", "90m"], ["never"]),
}


def script():
    """The module that prints what Dataflow has to know."""
    described = importlib.util.spec_from_file_location("template", FOLDER / "template.py")
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


def fits(name, value):
    return all(re.fullmatch(pattern, value) for pattern in PARAMETERS[name]["regexes"])


def test_metadata_is_current():
    assert script().metadata() == METADATA, (
        "python deploy/dataflow/template.py > deploy/dataflow/metadata.json"
    )


def test_every_option_is_described_and_nothing_else():
    assert set(PARAMETERS) == set(template_options()) == set(VALUES)


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameter_is_described_validated_and_documented(name):
    parameter = PARAMETERS[name]
    assert re.fullmatch(r"[A-Z][^\n]*\.", parameter["helpText"])
    assert re.fullmatch(r"[A-Z][A-Za-z ]+", parameter["label"])
    assert parameter["regexes"]
    assert parameter["isOptional"] == (name not in NEEDED)
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", PARAMETERS)
def test_values_that_fit_are_ones_that_newsbeam_takes(name):
    good, bad = VALUES[name]
    assert [value for value in (*good, *bad) if fits(name, value)] == good
    for value in good:
        given = {**NEEDED, name: value}
        if name == "state":
            given["output"] = "bq://my-project.news"
        if name == "min_interval":
            given["max_interval"] = "30d"
        argv = [f"--{key}={text}" for key, text in given.items()]
        arguments, rest = build_parser().parse_known_args(run_arguments(argv))
        assert rest == ["--sdk_location=container"]
        assert pass_options(arguments, rest).detach


def test_metadata_and_spec_are_what_dataflows_api_reads():
    spec = script().spec(IMAGE)
    read = dataflow.ContainerSpec()
    json_format.ParseDict(spec, dataflow.ContainerSpec.pb(read))
    assert read.image == read.default_environment.sdk_container_image == IMAGE
    assert read.sdk_info.language == dataflow.SDKInfo.Language.PYTHON
    assert [parameter.name for parameter in read.metadata.parameters] == list(PARAMETERS)


STUBS = """
locals {
  image  = "%s"
  bucket = "gs://news"
  worker = "newsbeam-worker@my-project.iam.gserviceaccount.com"
  cores  = 4
}
"""
ASSIGNED = """
project = "my-project"
bucket  = "news"
feeds   = ["gs://news/feeds.opml", "https://example.org/feed.xml"]
contact = "https://example.org/bot"
"""


WRONG = {
    "project": "My",
    "region": "EU",
    "location": "Europe",
    "bucket": "gs://x",
    "dataset": "news-2",
    "feeds": '["feeds.opml"]',
    "contact": "me",
    "image_tag": "a:b",
    "starter": "cron",
    "schedule": "hourly",
    "workers": "0",
    "machine_type": "e2",
    "timeout": "4h",
    "keep_staging_days": "0",
}


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    """The module without its resources, which Terraform evaluates without any provider."""
    if not shutil.which("terraform"):
        pytest.skip("terraform is not installed")
    folder = tmp_path_factory.mktemp("dataflow") / "terraform"
    folder.mkdir()
    shutil.copy(FOLDER / "metadata.json", folder.parent)
    for name in ("variables.tf", "launch.tf"):
        shutil.copy(TERRAFORM / name, folder)
    (folder / "stubs.tf").write_text(STUBS % IMAGE)
    (folder / "terraform.tfvars").write_text(ASSIGNED)
    return folder


def console(module, expression, *options):
    command = ["terraform", f"-chdir={module}", "console", *options]
    asked = f"jsonencode({expression})\n"
    return subprocess.run(command, input=asked, capture_output=True, text=True, check=False)


def evaluate(module, expression):
    made = console(module, expression)
    assert made.returncode == 0, made.stderr
    return json.loads(json.loads(made.stdout))


def test_template_that_terraform_writes_is_the_one_that_the_script_prints(module):
    assert evaluate(module, "local.spec") == script().spec(IMAGE)


def test_schedule_asks_for_what_dataflows_api_and_the_template_take(module):
    launch = evaluate(module, "local.launch")
    read = dataflow.LaunchFlexTemplateRequest()
    json_format.ParseDict(launch, dataflow.LaunchFlexTemplateRequest.pb(read))
    asked = read.launch_parameter
    assert asked.container_spec_gcs_path == "gs://news/templates/newsbeam-0.1.0.json"
    assert asked.environment.max_workers == 2
    given = dict(asked.parameters)
    assert {name for name, value in given.items() if not fits(name, value)} == set()
    assert {name for name, p in PARAMETERS.items() if not p["isOptional"]} <= set(given)
    arguments, rest = build_parser().parse_known_args(
        run_arguments([f"--{name}={value}" for name, value in given.items()])
    )
    options = pass_options(arguments, rest)
    assert options.output == "gs://news/warehouse"
    assert [str(address) for address in options.bigquery.addresses] == ["bq://my-project.news"]
    assert options.workers == 8


def test_terraform_refuses_every_wrong_value_and_says_why(module):
    text = (TERRAFORM / "variables.tf").read_text()
    assert set(WRONG) == set(re.findall(r'^variable "(\w+)"', text, re.MULTILINE))
    given = [f"-var={name}={value}" for name, value in WRONG.items()]
    made = console(module, "var.project", "-no-color", *given)
    refused = re.findall(r'variable "(\w+)" \{', made.stderr + made.stdout)
    assert sorted(set(refused)) == sorted(WRONG)


def test_image_starts_the_program_of_the_template():
    dockerfile = (FOLDER / "Dockerfile").read_text()
    (program,) = re.findall(r"^ENV FLEX_TEMPLATE_PYTHON_PY_FILE=(.*)$", dockerfile, re.MULTILINE)
    assert program == "/template/launch.py"
    assert re.search(
        r"^WORKDIR /template\nCOPY deploy/dataflow/launch.py \./$", dockerfile, re.MULTILINE
    )
    assert "ENTRYPOINT" not in dockerfile  # workers need the one of Beam's image
