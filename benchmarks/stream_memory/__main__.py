"""Make many passes over the unchanged sample newsroom in one process and watch its memory.

    python -m benchmarks.stream_memory --passes 500

Every pass asks for all feeds (as with --force), as none would be due. The first pass writes all
articles; the others find nothing new.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks.table import print_table
from pipeline.memory import release_memory
from pipeline.newsroom.server import SampleNewsroom
from pipeline.options import RunOptions
from pipeline.run import run_once
from pipeline.stopping import Stopper
from transforms.annotate_articles import Model
from transforms.retrieve import RetrieveOptions

SETTLED = 20  # passes after which memory is looked at first


def resident_mb() -> float:
    """Memory of this process that is in use, in MB (Linux)."""
    fields = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in fields if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def measure(passes: int, every: int) -> list[tuple[int, float, float]]:
    """Return (passes so far, MB, seconds of the median pass since the last row)."""
    rows = []
    with SampleNewsroom(port=0) as newsroom, tempfile.TemporaryDirectory() as output:
        options = RunOptions(
            output,
            tuple(newsroom.feed_urls),
            retrieve=RetrieveOptions(allow_networks=("127.0.0.0/8",)),
            workers=1,
            force=True,
        )
        model = Model(options.spacy_model)
        held = model.acquire()
        seconds: list[float] = []
        with Stopper(0) as stopper:
            for number in range(1, passes + 1):
                seconds.append(run_once(options, stopper.watch, model).seconds)
                newsroom.clear_requests()
                release_memory()
                if number in (1, SETTLED, passes) or number % every == 0:
                    rows.append((number, resident_mb(), statistics.median(seconds)))
                    seconds = []
        del held
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passes", type=int, default=500)
    parser.add_argument("--every", type=int, default=100, help="passes from row to row")
    arguments = parser.parse_args()
    rows = measure(arguments.passes, arguments.every)
    settled = next((mb for number, mb, _ in rows if number == SETTLED), rows[0][1])
    print_table(
        ("passes", "RSS", "growth since 20", "median pass"),
        [
            (f"{number}", f"{mb:.0f} MB", f"{mb / settled - 1:+.1%}", f"{seconds:.2f} s")
            for number, mb, seconds in rows
        ],
    )


if __name__ == "__main__":
    main()
