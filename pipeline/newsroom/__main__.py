"""Serve the sample newsroom until standard input ends: python -m pipeline.newsroom [--copies N].

Prints the addresses of the feeds, a line each, then an empty line. For a look with a browser, and
for benchmarks that keep the server out of the measured process.
"""

import argparse
import sys

from pipeline.newsroom.server import SampleNewsroom


def main() -> None:
    """Serve until the end of standard input."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.newsroom", description=__doc__)
    parser.add_argument("--edition", type=int, default=1, help="edition to publish, 1 or 2")
    parser.add_argument("--port", type=int, help="port; 0: any free one (default: a fixed one)")
    parser.add_argument("--copies", type=int, default=0, help="serve N synthetic articles instead")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    options = parser.parse_args()
    with SampleNewsroom(
        edition=options.edition,
        port=options.port,
        latency_s=options.latency,
        copies=options.copies,
    ) as newsroom:
        print(*newsroom.feed_urls, "", sep="\n", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
