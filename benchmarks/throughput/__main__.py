"""Speed and memory of `newsbeam run` against a bare loop over the same pages.

    python -m benchmarks.throughput [--articles 200 2000] [--workers 1 2]

The sample newsroom serves synthetic copies from this process. Each run is a process of its own, as
a user starts it; its CPU time is that of all its processes, its memory the largest sum of their
resident sets (sampled). The bare loop strips the same pages with trafilatura and annotates them in
one process with the same language pipeline; both multiply matrices in one thread (a second one
costs CPU time and gives little). Overhead is the run's CPU time over the
bare loop's, less one: the ratio of one session, on one machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import print_table
from pipeline.newsroom.server import SampleNewsroom

PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
SAMPLE_S = 0.2


@dataclass(frozen=True)
class Measured:
    """One process and its children, from start to end."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[200, 2000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    rows = []
    for count in arguments.articles:
        with SampleNewsroom(copies=count, port=0) as newsroom, tempfile.TemporaryDirectory() as at:
            save_pages(newsroom, Path(at) / "pages")
            bare = measure([sys.executable, "-m", "benchmarks.throughput.bare", f"{at}/pages"])
            rows.append(bare_row(count, bare))
            for workers in arguments.workers:
                run = measure(run_command(newsroom, f"{at}/out-{workers}", workers))
                rows.append(run_row(count, workers, run, bare))
    header = "articles what articles/s wall_s cpu_s peak_MB trafilatura spaCy newsbeam overhead"
    print_table(header.split(), rows)


def save_pages(newsroom: SampleNewsroom, folder: Path) -> None:
    """Write the pages to files, so that the bare loop reads what the run fetches."""
    folder.mkdir()
    for article_id in newsroom.articles:
        with urllib.request.urlopen(newsroom.page_url(article_id)) as page:
            (folder / f"{article_id}.html").write_bytes(page.read())


def run_command(newsroom: SampleNewsroom, output: str, workers: int) -> list[str]:
    """Return the command of one run."""
    return [
        *(sys.executable, "-m", "pipeline.cli", "run", *newsroom.feed_urls),
        *("--output", output, "--allow-network", "127.0.0.0/8"),
        *("--workers", str(workers), "--log-format", "json"),
    ]


def measure(command: list[str]) -> Measured:
    """Run a command to its end; raises CalledProcessError if it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    peak = [0.0]
    sampler = threading.Thread(target=sample_memory, args=(process, peak), daemon=True)
    sampler.start()
    before = os.times()
    output, errors = process.communicate()
    after = os.times()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output, errors)
    cpu = (
        after.children_user - before.children_user + after.children_system - before.children_system
    )
    return Measured(time.perf_counter() - started, cpu, peak[0], output)


def sample_memory(process: subprocess.Popen[str], peak: list[float]) -> None:
    """Keep the largest sum of resident sets of a process and all below it, in MB."""
    while process.poll() is None:
        total = sum(resident_bytes(pid) for pid in process_tree(process.pid))
        peak[0] = max(peak[0], total / 1e6)
        time.sleep(SAMPLE_S)


def process_tree(root: int) -> list[int]:
    """Return the ids of a process and of all its descendants that live."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                waiting += [int(child) for child in task.read_text().split()]
            except OSError:
                continue
    return found


def resident_bytes(pid: int) -> int:
    """Return a process's resident set; 0 where it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_SIZE
    except OSError:
        return 0


def bare_row(count: int, bare: Measured) -> list[str]:
    shares = json.loads(bare.output)
    total = sum(shares.values())
    parts = [f"{100 * shares[name] / total:.0f}%" for name in ("trafilatura", "spacy", "newsbeam")]
    return [str(count), "bare loop", *figures(count, bare), *parts, ""]


def run_row(count: int, workers: int, run: Measured, bare: Measured) -> list[str]:
    written = json.loads(run.output.splitlines()[-1])["rows"]["articles"]
    assert written == count, f"{written} of {count} articles were written"
    overhead = f"{100 * (run.cpu_s / bare.cpu_s - 1):.0f}%"
    return [str(count), f"run, {workers} worker(s)", *figures(count, run), "", "", "", overhead]


def figures(count: int, measured: Measured) -> list[str]:
    per_second = f"{count / measured.wall_s:.1f}"
    numbers = (measured.wall_s, measured.cpu_s, measured.peak_mb)
    return [per_second, *(f"{n:.1f}" for n in numbers)]


if __name__ == "__main__":
    main()
