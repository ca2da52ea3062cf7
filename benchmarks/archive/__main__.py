"""Replay WARC files of growing size and see what memory a run takes.

    python -m benchmarks.archive [--mb 100 1000] [--page-kb 250] [--workers 2]

The pages are short articles in much markup that does not compress, as a crawl of news has it; each
file holds nothing else. Memory is that of the command and all its workers. With ten times the
pages it grows by what a run keeps of an article; with pages ten times as large it should not.
"""

import argparse
import io
import json
import os
import random
import sys
import tempfile
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.table import print_table
from benchmarks.throughput.__main__ import measure

TEXT = (
    "the council said that a new bridge over the river would open in spring after years of repair "
    "while drivers waited and the mayor asked for patience at a meeting on Monday evening"
)


def page(number: int, size: int) -> bytes:
    """One page: a headline, six sentences of known words in random order, and a large script."""
    words = random.Random(number)
    sentences = (" ".join(words.choices(TEXT.split(), k=18)).capitalize() + "." for _ in range(6))
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    script = os.urandom(size // 2).hex()
    return (
        f"<html lang='en'><head><title>Bridge {number}</title><script>'{script}'</script></head>"
        f"<body><article><h1>Bridge {number} opens</h1>{paragraphs}</article></body></html>"
    ).encode()


def write_archive(path: Path, size: int, page_size: int) -> int:
    """Write a WARC file of at least that many bytes; return the number of its pages."""
    number = 0
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        while stream.tell() < size:
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], "HTTP/1.1")
            record = writer.create_warc_record(
                f"https://news.example/{number}",
                "response",
                payload=io.BytesIO(page(number, page_size)),
                http_headers=headers,
            )
            writer.write_record(record)
            number += 1
    return number


def replay(megabytes: int, page_kb: int, workers: int) -> list[str]:
    """Replay one file of that size with the command; return a row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "pages.warc.gz"
        pages = write_archive(archive, megabytes * 1_000_000, page_kb * 1_000)
        command = [
            *(sys.executable, "-m", "pipeline.cli", "run", "--from-warc", str(archive)),
            *("--output", f"{folder}/tables", "--workers", str(workers), "--log-format", "json"),
        ]
        measured = measure(command)
        size = archive.stat().st_size / 1e6
    rows = json.loads(measured.output.splitlines()[-1])["rows"]["articles"]
    figures = (measured.wall_s, measured.cpu_s, measured.peak_mb)
    return [f"{size:,.0f} MB", str(pages), str(rows), *(f"{figure:.0f}" for figure in figures)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--page-kb", type=int, default=250)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    rows = [replay(size, arguments.page_kb, arguments.workers) for size in arguments.mb]
    print_table(["file", "pages", "articles", "wall_s", "cpu_s", "peak_MB"], rows)


if __name__ == "__main__":
    main()
