"""A graph without end on Prism: feeds change while it runs, and its worker is killed on the way."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.newsroom.site import LocalSite, Response
from tests.engines.pool import WorkerPool
from tests.pipeline.running import rows, run, stable
from transforms.retrieve import RetrieveOptions

PRISM = os.environ.get("PRISM", "")
NEWSBEAM = Path(sys.executable).parent / "newsbeam"
WITHIN_S = 180.0
TABLES = ("articles", "entities", "mentions", "quotes")
RETRIEVE = RetrieveOptions(allow_networks=("127.0.0.0/8",), max_retries=0)
STORIES = {  # speaker, office, what happened, what was said: no two are alike
    "storm": (
        *("Amina Orr", "harbour", "The quay was closed at dawn and ferries stayed in port"),
        "The waves came over the wall before anyone could close the gate",
    ),
    "pumps": (
        *("Tom Reed", "drainage", "Engineers replaced four pumps below the market square"),
        "Two old motors had burnt out and nobody noticed for a week",
    ),
    "tram": (
        *("Lena Voss", "transport", "A new line will connect the university with the docks"),
        "Students will reach their first lecture without changing twice",
    ),
    "bread": (
        *("Paul Haas", "bakery", "Flour prices rose again because of the long drought"),
        "A loaf costs more today than a whole breakfast did in spring",
    ),
    "school": (
        *("Ruth Kane", "education", "Two schools share one hall until the roof is repaired"),
        "Children play volleyball in turns until the plasterers have gone",
    ),
    "bees": (
        *("Omar Diaz", "garden", "Beekeepers counted fewer swarms than in any spring on record"),
        "Half of our hives stayed silent when the lime trees bloomed",
    ),
    "opera": (
        *("Ines Roth", "theatre", "The opera sold its last ticket an hour before the premiere"),
        "People slept on the steps to hear her sing that last act",
    ),
    "mine": (
        *("Karl Bruun", "mining", "Miners walked out after the lift had stopped between levels"),
        "Nobody goes underground again while those cables look like this",
    ),
    "lake": (
        *("Sara Lind", "water", "Divers found a sunken barge in the northern part of the lake"),
        "She must have gone down with her cargo of bricks in a gale",
    ),
}

pytestmark = pytest.mark.skipif(not PRISM, reason="PRISM names no Prism binary: make test-prism")


def page(name, more=""):
    speaker, what, sentence, said = STORIES[name]
    return (
        f"<html><head><title>The {name}</title></head><body><article><h1>The {name}</h1>"
        f"<p>{sentence}, the {what} office wrote.</p><p>“{said},” said {speaker}.</p>{more}"
        "</article></body></html>"
    )


class Newspapers:
    """Two hosts whose three feeds carry more from stage to stage."""

    STAGES = (
        {"a": ["storm", "pumps"], "b": ["tram"], "c": ["storm"]},
        {"a": ["storm", "pumps", "bread", "school"], "b": ["tram", "bees"], "c": ["storm", "tram"]},
        {"a": ["bread", "school", "opera"], "b": ["tram*", "bees", "mine"], "c": ["lake", "storm"]},
    )

    def __init__(self):
        self.hosts = [LocalSite("127.0.0.1"), LocalSite("127.0.0.2")]
        self.stage = 0
        self.feeds = []

    def __enter__(self):
        for host in self.hosts:
            host.start()
        for name, host in zip("abc", (*self.hosts, self.hosts[0]), strict=True):
            host.add(f"/{name}.xml", lambda _, feed=name: self._feed(feed))
            self.feeds.append(host.url(f"/{name}.xml"))
        for name in STORIES:
            self._home(name).add(f"/{name}", lambda _, story=name: self._page(story))
        return self

    def __exit__(self, *error):
        for host in self.hosts:
            host.stop()

    def _home(self, name):
        in_b = any(name in [item.rstrip("*") for item in stage["b"]] for stage in self.STAGES)
        return self.hosts[in_b]

    def _page(self, name):
        more = "<p>The town council has agreed.</p>" if self.stage == 2 and name == "tram" else ""
        return Response(page(name, more), delay_s=0.3)

    def _feed(self, feed):
        items = []
        for item in self.STAGES[self.stage][feed]:
            name = item.rstrip("*")
            title = f"The {name}{' goes on' if item.endswith('*') else ''}"
            link = self._home(name).url(f"/{name}")
            items.append(
                f"<item><title>{title}</title><link>{link}</link><guid>{name}</guid></item>"
            )
        body = f'<rss version="2.0"><channel><title>{feed}</title>{"".join(items)}</channel></rss>'
        return Response(body, content_type="application/rss+xml")

    def names(self):
        """What has to be in the tables at this stage."""
        listed = {
            n for stage in self.STAGES[: self.stage + 1] for names in stage.values() for n in names
        }
        return sorted((item.rstrip("*"), 2 if item.endswith("*") else 1) for item in listed)

    def asked_for(self, path):
        return sum(request.path == path for host in self.hosts for request in host.requests)


def written(output):
    """Titles and revisions of the articles that readers see."""
    found = [
        (row["original_url"].rsplit("/", 1)[-1], row["revision"])
        for row in rows(output, "articles")
    ]
    return sorted(found)


def stream(papers, output, pool, log):
    command = [
        *(NEWSBEAM, "stream", *papers.feeds, f"--output={output}", "--allow-network=127.0.0.0/8"),
        *("--window=3s", "--min-interval=1s", "--max-interval=2s", "--runner=PrismRunner"),
        *(f"--prism_location={PRISM}", "--environment_type=EXTERNAL"),
        f"--environment_config=localhost:{pool.port}",
    ]
    return subprocess.Popen(command, stdout=log, stderr=log)


def wait_for(what, process, log):
    until = time.monotonic() + WITHIN_S
    while not what():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.2)


def play(papers, process, folders, kill):
    """Go through the stages, with passes besides; `kill` tells how many it hit. End the stream."""
    output, passes, log = folders
    for stage in range(len(papers.STAGES)):
        papers.stage = stage
        if stage == 1:
            wait_for(lambda: papers.asked_for("/bees"), process, log)
            assert kill() >= 1
        wait_for(lambda: written(output) == papers.names(), process, log)
        run(passes, papers.feeds, retrieve=RETRIEVE)
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=60)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """A stream whose worker is killed while it fetches, and passes over the same pages."""
    folder = tmp_path_factory.mktemp("stream")
    output, passes, log = folder / "stream", folder / "passes", folder / "log"
    with Newspapers() as papers, WorkerPool(folder / "pool") as pool, log.open("wb") as told:
        with stream(papers, output, pool, told) as process:
            status = play(papers, process, (output, passes, log), pool.kill_workers)
        seen = written(output)
        report = run(output, papers.feeds, retrieve=RETRIEVE)  # a pass goes on from there
        yield {
            "output": output, "passes": passes, "status": status, "seen": seen,
            "pass": report, "log": log.read_text(), "papers": papers,
        }  # fmt: skip


def test_nothing_is_lost_and_nothing_comes_twice(outcome):
    assert outcome["seen"] == outcome["papers"].names()
    assert "the job failed" in outcome["log"]


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_those_of_passes(outcome, table):
    assert stable(outcome["output"], table) == stable(outcome["passes"], table)
    assert rows(outcome["output"], table)


def test_each_window_is_a_run(outcome):
    runs = rows(outcome["output"], "runs")
    windows = [row["run_id"] for row in runs]
    assert len(windows) == len(set(windows)) > 3
    assert {row["run_id"] for row in rows(outcome["output"], "articles")} <= set(windows)


def test_files_do_not_grow_in_number_with_the_articles(outcome):
    for table in TABLES:
        names = [path.name.split("-")[1] for path in (outcome["output"] / table).rglob("*.parquet")]
        assert len(names) == len(set(names)), table


def test_pass_finds_nothing_that_the_stream_has_not_found(outcome):
    assert outcome["pass"].facts.rows["articles"] == 0
    assert written(outcome["output"]) == outcome["seen"]


def test_end_is_clean(outcome):
    assert outcome["status"] == 0
    left = [path for path in (outcome["output"] / "_staging").rglob("*") if path.is_file()]
    assert left == []
    assert not (outcome["output"] / "_claim.json").exists()
