"""One giant host on two workers: both annotate its pages, and the host is not hurried."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.graph import RunPlan
from pipeline.newsroom.site import LocalSite, Request, Response
from pipeline.options import RunOptions
from pipeline.run import run_once
from tests.pipeline.running import loaded, rows
from transforms.progress import read_workers
from transforms.retrieve import RetrieveOptions

PAGES = 40
DELAY_S = 0.2
CONNECTIONS = 2


class GiantHost:
    """Serves a feed and its pages, and notes when each page was asked for."""

    def __init__(self) -> None:
        self.starts: list[float] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()

    def page(self, request: Request) -> Response:
        with self._lock:
            self.starts.append(request.received_at)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        time.sleep(DELAY_S / 2)
        with self._lock:
            self._now -= 1
        number = request.path.rsplit("/", 1)[-1]
        words = f"The bridge number {number} was closed on Monday, the harbour board said. " * 9
        said = f"“We will open number {number} in spring,” said Amina Orr, who runs the works."
        return Response(f"<article><h1>Bridge {number}</h1><p>{words}</p><p>{said}</p></article>")


def feed(site: LocalSite) -> str:
    items = "".join(
        f"<item><title>Bridge {n}</title><link>{site.url(f'/page/{n}')}</link></item>"
        for n in range(PAGES)
    )
    return f'<rss version="2.0"><channel><title>Bridges</title>{items}</channel></rss>'


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, GiantHost, dict[str, Counter]]:
    host, output = GiantHost(), tmp_path_factory.mktemp("spread") / "warehouse"
    workers: dict[str, Counter] = {}

    @contextmanager
    def watch(plan: RunPlan) -> Iterator[None]:
        yield
        workers.update(read_workers(plan.progress))

    with LocalSite() as site:
        site.add("/feed", feed(site), content_type="application/rss+xml")
        site.set_fallback(host.page)
        retrieve = RetrieveOptions(
            allow_networks=("127.0.0.0/8",),
            host_delays_s={"127.0.0.1": DELAY_S},
            per_host_connections=CONNECTIONS,
            obey_robots=False,
        )
        options = RunOptions(str(output), (site.url("/feed"),), retrieve, workers=2)
        run_once(options, watch, loaded()[0])
    return output, host, workers


def test_both_workers_annotate_articles_of_one_giant_host(spread) -> None:
    _, _, workers = spread
    shares = sorted(counts["articles"] for counts in workers.values() if counts["articles"])
    assert sum(shares) == PAGES
    assert len(shares) == 2
    assert shares[0] >= PAGES / 4


def test_nothing_is_lost_or_fetched_twice(spread) -> None:
    output, host, _ = spread
    assert len({row["article_id"] for row in rows(output, "articles")}) == PAGES
    assert len(host.starts) == PAGES
    assert len(rows(output, "quotes")) >= PAGES


def test_the_host_sees_no_more_than_one_worker_might_ask(spread) -> None:
    _, host, _ = spread
    assert host.most_at_once <= CONNECTIONS
    taken = max(host.starts) - min(host.starts)
    assert taken >= 0.75 * PAGES * DELAY_S  # two workers with the full rate take half the time
