"""The steps of `deploy/dataflow/Dockerfile` as shell, in an empty folder: `make test-image`.

The image that it starts from is stood in for by a new environment with Python 3.11.
"""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from shutil import copy2, copytree, ignore_patterns

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "dataflow" / "Dockerfile"


def steps():
    """The instructions that do something, in order."""
    lines = DOCKERFILE.read_text().replace("\\\n", " ").splitlines()
    ours = r"(WORKDIR|COPY(?! --from)|RUN) "  # the launcher's binary comes from another image
    return [line.split(" ", 1) for line in lines if re.match(ours, line)]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The folder that stands for the image's root, with every step taken."""
    root = tmp_path_factory.mktemp("image")
    venv.create(root / "opt", with_pip=True)
    environment = {**os.environ, "PATH": f"{root / 'opt' / 'bin'}:/usr/bin:/bin"}
    environment.pop("PYTHONPATH", None)
    folder = root
    for instruction, rest in steps():
        if instruction == "WORKDIR":
            folder = root / rest.lstrip("/")
            folder.mkdir(exist_ok=True)
        elif instruction == "COPY":
            *sources, target = rest.split()
            for source in sources:
                copy(ROOT / source, folder / target)
        else:
            command = rest.replace(" /src/", f" {root}/src/")
            subprocess.run(["bash", "-ec", command], cwd=folder, env=environment, check=True)
    return root


def copy(source, target):
    if source.is_dir():
        copytree(source, target, ignore=ignore_patterns("__pycache__"))
    else:
        copy2(source, target)


def test_newsbeam_and_its_model_are_installed_and_run(image):
    text = "“We are open,” said Amina Orr, the harbour minister.\n"
    made = subprocess.run(
        [image / "opt" / "bin" / "newsbeam", "annotate", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=image,
    )
    assert '"speaker_canonical": "Amina Orr"' in made.stdout


def test_worker_finds_beam_and_the_graph(image):
    script = (
        "import apache_beam.runners.worker.sdk_worker_main, pipeline.graph, google.cloud.storage"
    )
    subprocess.run([image / "opt" / "bin" / "python", "-c", script], check=True, cwd=image)


def test_the_templates_program_takes_a_launch(image):
    made = subprocess.run(
        [
            *(image / "opt" / "bin" / "python", image / "template" / "launch.py"),
            *("--output=gs://news/warehouse", "--runner=DataflowRunner"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=image,
    )
    assert made.returncode == 2
    assert "name FEEDS" in made.stderr


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))
