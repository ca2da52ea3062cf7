"""Put a Flink distribution together, with Beam's job server for it: needs pip, Maven and Java 17.

python deploy/flink/distribution.py build/flink

Flink comes out of the package `apache-flink-libraries`, which holds the jars of Flink's own
download. Beam publishes its runner for Flink to Maven, of which `pom.xml` makes the job server.
What is already there is left as it is.
"""

import subprocess
import sys
import tarfile
from pathlib import Path
from shutil import copy2, rmtree

FLINK_VERSION = "1.19.3"
POM = Path(__file__).parent / "pom.xml"
JOB_SERVER = "beam-flink-job-server.jar"


def make_distribution(folder: Path) -> None:
    """Fill `folder` with `bin/` and `lib/` of Flink; Beam's job server lies in `lib/` too.

    There its classes are loaded with Flink's own, so that a worker outlives a stage of the graph.
    """
    if not (folder / "lib" / f"flink-dist-{FLINK_VERSION}.jar").exists():
        _unpack_flink(folder)
    if not job_server(folder).exists():
        _build_job_server(folder)


def job_server(folder: Path) -> Path:
    """Return the jar that `--flink_job_server_jar` names."""
    return folder / "lib" / JOB_SERVER


def _unpack_flink(folder: Path) -> None:
    downloads = folder / "downloads"
    package = f"apache-flink-libraries=={FLINK_VERSION}"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:"]
    subprocess.run([*pip, f"--dest={downloads}", package], check=True)
    with tarfile.open(next(downloads.glob("*.tar.gz"))) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
        archive.extractall(downloads)
    deps = next(downloads.glob("*/deps"))
    for part in ("bin", "lib"):
        rmtree(folder / part, ignore_errors=True)
        (deps / part).rename(folder / part)
    rmtree(downloads)


def _build_job_server(folder: Path) -> None:
    build = folder / "job-server"
    build.mkdir(parents=True, exist_ok=True)
    copy2(POM, build)
    subprocess.run(["mvn", "--batch-mode", "--quiet", "package"], cwd=build, check=True)
    (build / "target" / JOB_SERVER).rename(job_server(folder))
    rmtree(build)


if __name__ == "__main__":
    make_distribution(Path(sys.argv[1]))
