"""A pass of newsbeam over feeds that it knows and that did not change.

    python -m benchmarks.polling.newsbeam_pass PORT FEEDS IN_FLIGHT FOLDER

Prints what it took as a line of JSON.
"""

import hashlib
import json
import resource
import sys
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.polling.site import BenchFeed, bench_feed
from pipeline.commit import commit, new_run_id
from pipeline.options import RunOptions
from pipeline.run import run_once
from schemas.flow import KnownArticle
from schemas.ids import sha256_hex
from schemas.layout import Layout
from schemas.state import FeedContents, FeedState, RobotsFile
from transforms.annotate_articles import Model
from transforms.feed_marks import signature
from transforms.merge_state import merge
from transforms.nlp.load import BUNDLED
from transforms.retrieve import RetrieveOptions
from transforms.state import StateFiles, StateWriter, hash_bytes, number_deltas
from transforms.urls import feed_key


def url_of(feed: BenchFeed, port: int) -> str:
    """The address under which a feed is listed."""
    return f"http://{feed.host}:{port}{feed.path}"


def prepare(feeds: list[BenchFeed], port: int, folder: Path, version: str) -> None:
    """Commit a run that leaves what a first pass over these feeds would have left."""
    layout = Layout(str(folder / "warehouse"))
    last = datetime.now(UTC) - timedelta(hours=1)
    run = new_run_id(last, None)
    writer = StateWriter(layout.staging(run.value))
    for feed in feeds:
        for row in rows_of(feed, url_of(feed, port), version, last):
            writer.write(row)
    for host in {feed.host for feed in feeds}:
        writer.write(RobotsFile(f"http://{host}:{port}/robots.txt", last))
    merged = merge(
        StateFiles(), writer.close(), layout.staging(run.value), last, np.array([], np.uint64)
    )
    commit(layout, run, number_deltas(merged.files), 0)


def rows_of(
    feed: BenchFeed, url: str, version: str, last: datetime
) -> list[FeedState | FeedContents | KnownArticle]:
    """What a first pass leaves of one feed."""
    key = feed_key(url)
    base = {"key": key, "url": url, "fetch_url": url, "last_fetch": last, "next_fetch_at": last}
    if feed.kind not in ("validators", "plain"):
        return [FeedState(**base, failure_score=1.0, last_problem=feed.kind)]
    marks = b"".join(hash_bytes(link) + hash_bytes(feed.etag) for link in feed.links)
    state = FeedState(
        **base,
        etag=feed.etag if feed.kind == "validators" else None,
        body_hash=hashlib.sha256(feed.body()).hexdigest(),
        signature=signature(marks),
        model_version=version,
        entries=len(feed.links),
        last_full_fetch=last,
        last_change=last,
    )
    articles = [
        KnownArticle(sha256_hex(link), link, 1, sha256_hex(link), version, "e" * 32, last)
        for link in feed.links
    ]
    return [state, FeedContents(key, marks), *articles]


def main() -> None:
    port, count, in_flight = (int(text) for text in sys.argv[1:4])
    folder = Path(sys.argv[4])
    feeds = [bench_feed(number) for number in range(count)]
    model = Model(BUNDLED)
    if not (folder / "warehouse").exists():
        prepare(feeds, port, folder, model.version())
        print("{}")
        return
    listing = folder / "feeds.txt"
    listing.write_text("\n".join(url_of(feed, port) for feed in feeds))
    retrieve = RetrieveOptions(allow_networks=("127.0.0.0/8",), max_in_flight=in_flight)
    options = RunOptions(
        str(folder / "warehouse"), (str(listing),), retrieve=retrieve, workers=1, force=True
    )
    begun = time.perf_counter()
    report = run_once(options, lambda plan: nullcontext(), model)
    spent = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    counts = {"rows": report.facts.rows, "pages": report.facts.pages, "next": str(report.next_due)}
    figures = {"seconds": spent, "cpu_s": used.ru_utime + used.ru_stime, "counts": counts}
    print(json.dumps({**figures, "peak_mb": used.ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
