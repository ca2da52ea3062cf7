import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import stream as stream_module
from pipeline.alert_options import AlertOptions
from pipeline.commit import CommitRecord
from pipeline.compact import CompactReport
from pipeline.newsroom.site import LocalSite, Request, Response
from pipeline.options import RunOptions
from pipeline.stream import LONGEST_RETRY_S, StreamOptions, stream
from schemas.errors import CommitError, FeedListError, LockedError, NewsbeamError
from tests.pipeline.running import rows
from tests.pipeline.test_health import report, samples

PAGE = "<html><body><article><h1>Rain</h1>" + "<p>Rain fell on the harbour of Leith.</p>" * 9
RUN = RunOptions("somewhere")


class Passes:
    """Stands in for run_once: what each pass brings, one after the other; remembers the sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *outcomes: Any) -> None:
        self._outcomes: Iterator[Any] = iter(outcomes)
        self.sleeps: list[float] = []
        self.models: list[Any] = []
        monkeypatch.setattr(stream_module, "run_once", self._run_once)
        monkeypatch.setattr(stream_module.Stopper, "sleep", lambda _, s: self.sleeps.append(s))
        monkeypatch.setattr(stream_module.Model, "acquire", lambda _: object())
        monkeypatch.setattr(stream_module, "release_memory", lambda: None)

    def _run_once(self, options: RunOptions, watch: Any, model: Any) -> Any:
        self.models.append(model)
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.mark.parametrize(
    ("due", "pause"),
    [(None, 300), (40, 40), (4000, 300), (-9, 1)],
    ids=["nothing is ever due", "due soon", "due late", "due already"],
)
def test_it_sleeps_until_a_feed_is_due_but_no_longer_than_asked(
    monkeypatch: pytest.MonkeyPatch, due: float | None, pause: float
) -> None:
    next_due = None if due is None else datetime.now(UTC) + timedelta(seconds=due)
    passes = Passes(monkeypatch, report(next_due=next_due), report())
    assert stream(RUN, StreamOptions(every_s=300, passes=2)) == 0
    assert passes.sleeps == [pytest.approx(pause, abs=20 if due == 40 else 1)]


@pytest.mark.parametrize(
    "error", [CommitError("the disk is full"), LockedError("in use"), ZeroDivisionError("a bug")]
)
def test_a_failed_pass_is_tried_again_with_a_growing_pause(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    passes = Passes(monkeypatch, report(), *[error] * 9, report())
    assert stream(RUN, StreamOptions(every_s=10, passes=11)) == 0
    failed = passes.sleeps[1:]
    assert failed == sorted(failed)
    assert failed[0] < 60
    assert failed[-1] == LONGEST_RETRY_S


def test_a_pass_that_goes_well_ends_the_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    error = CommitError("the disk is full")
    passes = Passes(monkeypatch, report(), error, error, report(), error, report())
    stream(RUN, StreamOptions(every_s=5, passes=6))
    assert passes.sleeps[4] == passes.sleeps[1]


def test_what_is_wrong_from_the_start_ends_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    Passes(monkeypatch, FeedListError("is missing", "feeds.opml"))
    with pytest.raises(FeedListError):
        stream(RUN, StreamOptions(passes=2))


def test_a_feed_list_that_breaks_later_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    Passes(monkeypatch, report(), FeedListError("is missing", "feeds.opml"), report())
    assert stream(RUN, StreamOptions(passes=3)) == 0


def test_when_the_last_pass_failed_the_status_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    Passes(monkeypatch, report(), CommitError("the disk is full"))
    assert stream(RUN, StreamOptions(passes=2)) == 4


def test_all_passes_have_the_same_model(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = Passes(monkeypatch, report(), report())
    stream(RUN, StreamOptions(passes=2))
    assert passes.models[0] is passes.models[1]


def test_a_health_file_that_cannot_be_written_does_not_end_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Passes(monkeypatch, report())
    missing = str(tmp_path / "missing" / "health.prom")
    assert stream(RUN, StreamOptions(passes=1, health_file=missing)) == 0


def test_alerts_are_checked_after_each_pass_that_was_committed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    committed = report(record=CommitRecord("r", "", 0, {}, (), ()))
    Passes(monkeypatch, committed, report(), CommitError("no space"), committed)
    checked: list[Any] = []
    monkeypatch.setattr(stream_module, "after_run", lambda *given: checked.append(given))
    alerts = AlertOptions({})
    stream(RUN, StreamOptions(passes=4, alerts=alerts))
    assert checked == [(alerts, report().layout.root, 0)] * 2


def test_days_are_merged_once_a_day_and_again_where_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcomes: Iterator[NewsbeamError | CompactReport] = iter(
        [LockedError("in use"), CompactReport(dropped=(date(2026, 1, 1),))]
    )
    calls = []

    def compact(output: str, retain_days: int | None) -> CompactReport:
        calls.append((output, retain_days))
        outcome = next(outcomes)
        if isinstance(outcome, NewsbeamError):
            raise outcome
        return outcome

    monkeypatch.setattr(stream_module, "compact", compact)
    Passes(monkeypatch, *[report()] * 4)
    assert stream(RUN, StreamOptions(passes=4, compacts=True, retain_days=30)) == 0
    assert calls == [("somewhere", 30)] * 2


class Streaming:
    """`newsbeam stream` as a process of its own over one feed of one site."""

    def __init__(self, site: LocalSite, output: Path, *options: str) -> None:
        self.output = output
        self.health = output.parent / "health.prom"
        self.log = (output.parent / "log").open("wb")
        command = [
            *(sys.executable, "-m", "pipeline.cli", "stream", site.url("/feed")),
            *("--output", str(output), "--allow-network", "127.0.0.0/8", "--workers", "1"),
            *("--health-file", str(self.health), "--log-format", "json", *options),
        ]
        self.process = subprocess.Popen(command, stderr=self.log)

    def __enter__(self) -> "Streaming":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()

    def wait_for(self, site: LocalSite, path: str) -> None:
        """Wait until the process has asked for a path, and a moment longer."""
        wait_until(lambda: bool(site.requests_for(path)))
        time.sleep(0.3)


def wait_until(is_so: Any) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def publish(site: LocalSite, page_delay_s: float = 0.0) -> None:
    """Put a feed with one page on a site."""
    item = f"<item><link>{site.url('/page')}</link></item>"
    site.add("/feed", f"<rss version='2.0'><channel>{item}</channel></rss>")

    def page(request: Request) -> Response:
        return Response(PAGE, delay_s=page_delay_s)

    site.add("/page", page)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sleeping_stream_ends_at_once(tmp_path: Path, number: int) -> None:
    with LocalSite() as site:
        publish(site)
        with Streaming(site, tmp_path / "out", "--every", "1h") as streaming:
            wait_until(streaming.health.exists)
            begun = time.monotonic()
            streaming.process.send_signal(number)
            assert streaming.process.wait(30) == 0
    assert time.monotonic() - begun < 10
    assert len(rows(tmp_path / "out", "articles")) == 1
    assert samples(streaming.health)["newsbeam_rows_total,articles"] == 1
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    (line,) = [line for line in lines if line["message"].startswith("pass:")]
    assert (line["feeds_due"], line["articles"]) == (1, 1)


def test_the_pass_under_way_is_finished_after_a_signal(tmp_path: Path) -> None:
    with LocalSite() as site:
        publish(site, page_delay_s=1.5)
        with Streaming(site, tmp_path / "out") as streaming:
            streaming.wait_for(site, "/page")
            streaming.process.send_signal(signal.SIGTERM)
            assert streaming.process.wait(60) == 0
    assert len(rows(tmp_path / "out", "articles")) == 1


@pytest.mark.parametrize("signals", [1, 2])
def test_a_pass_that_is_abandoned_leaves_nothing_visible(tmp_path: Path, signals: int) -> None:
    grace = "0.3" if signals == 1 else "60"
    with LocalSite() as site:
        publish(site, page_delay_s=30)
        with Streaming(site, tmp_path / "out", "--grace", grace) as streaming:
            streaming.wait_for(site, "/page")
            begun = time.monotonic()
            for _ in range(signals):
                streaming.process.send_signal(signal.SIGTERM)
                time.sleep(0.2)
            assert streaming.process.wait(20) == 0
    assert time.monotonic() - begun < 15
    assert not list((tmp_path / "out" / "_runs").glob("*"))
    assert rows(tmp_path / "out", "articles") == []
