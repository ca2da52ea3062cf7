"""A pass over many feeds of which none changed, against a bare loop with the same limits.

    python -m benchmarks.polling [--feeds 10000] [--in-flight 64] [--bare httpx]

A local server stands for the publishers: many loopback addresses as hosts, latencies of a median of
150 ms with a long tail, 5 % of the feeds broken, 30 % without validators. newsbeam knows the feeds,
their 30 articles each and their robots.txt files from an earlier run, and is told to ask for all.
Both sides may have the same number of requests under way, two a host, and try again what can get
better. Time is that of the whole pass, with the language pipeline loaded; importing is left out.
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.table import print_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--bare", choices=("httpx", "aiohttp"), default="httpx")
    parser.add_argument("--passes", type=int, default=2)
    arguments = parser.parse_args()
    limits = [str(arguments.feeds), str(arguments.in_flight)]
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.polling.site", str(port)]
    with (
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        run("newsbeam_pass", port, *limits, folder)
        rows = []
        for _ in range(arguments.passes):
            bare = run("bare", port, *limits, arguments.bare)
            bare["requests"] = answered(server)
            ours = run("newsbeam_pass", port, *limits, folder)
            ours["requests"] = answered(server)
            rows += [
                [arguments.bare, *figures(bare), "", ""],
                [
                    "newsbeam",
                    *figures(ours),
                    f"{ours['seconds'] / bare['seconds']:.2f}",
                    pages(ours),
                ],
            ]
        server.stdin.close()
    print_table(["what", "requests", "wall_s", "cpu_s", "peak_MB", "ratio", "pages"], rows)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        return int(probe.getsockname()[1])


def run(module: str, *arguments: object) -> dict[str, Any]:
    """Run one side as a process of its own; return its figures."""
    command = [sys.executable, "-m", f"benchmarks.polling.{module}", *map(str, arguments)]
    found = subprocess.run(command, capture_output=True, text=True)
    if found.returncode:
        raise SystemExit(found.stderr)
    figures: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return figures


def answered(server: "subprocess.Popen[str]") -> int:
    """Ask the server how many requests it answered since the last time."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write("\n")
    server.stdin.flush()
    return int(server.stdout.readline())


def figures(found: dict[str, Any]) -> list[str]:
    numbers = (found["seconds"], found["cpu_s"], found["peak_mb"])
    return [str(found["requests"]), *(f"{number:.1f}" for number in numbers)]


def pages(found: dict[str, Any]) -> str:
    return str(sum(found["counts"]["pages"].values()))


if __name__ == "__main__":
    main()
