"""A pass that commits itself leaves what an ordinary one does."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from pipeline.claim import Claim, read_claim, take_claim
from pipeline.cli import build_parser
from pipeline.commit import committed_runs
from pipeline.detached import Submission, submit
from pipeline.newsroom.server import SampleNewsroom
from pipeline.options import RunOptions
from pipeline.outputs.targets import STREAMING_INSERTS, BigQueryOptions, DatasetAddress
from pipeline.run import RunReport
from pipeline.run_command import pass_options
from pipeline.staged_run import committed_facts
from schemas.errors import CommitError, LockedError, UsageError
from schemas.layout import Layout
from tests.pipeline.conftest import SampleRun
from tests.pipeline.running import LOOPBACK, loaded, remembered, run, stable
from transforms import write_state

ENGINE = ["--output=gs://b/w", "--detach", "--runner=DataflowRunner"]
TABLES = ("articles", "entities", "mentions", "quotes", "fetches", "failures")


def submitted(output: Path, feeds: tuple[str, ...], **options: Any) -> RunReport:
    """Make one detached pass on the local runner."""
    fields = {"retrieve": LOOPBACK, "workers": 1, "force": True, "detach": True} | options
    report = submit(
        RunOptions(str(output), feeds, **fields), lambda plan: nullcontext(), loaded()[0]
    )
    assert not isinstance(report, Submission)
    return report


def test_tables_state_and_report_are_those_of_an_ordinary_run(
    sample_run: SampleRun, tmp_path: Path
) -> None:
    report = submitted(tmp_path, sample_run.feeds)
    for table in TABLES:
        assert stable(tmp_path, table) == stable(sample_run.output, table), table
    assert remembered(tmp_path) == remembered(sample_run.output)
    assert report.facts.rows == sample_run.report.facts.rows
    assert report.facts.pages == sample_run.report.facts.pages
    assert report.exit_status == 0
    layout = Layout(str(tmp_path))
    assert read_claim(layout) is None
    summary = json.loads(Path(layout.summary(report.run.value)).read_text())
    assert summary["status"] == "committed"
    assert summary["rows"] == dict(report.facts.rows)


def test_runs_of_both_kinds_follow_each_other(newsroom: SampleNewsroom, tmp_path: Path) -> None:
    feeds = newsroom.feed_urls[:1]
    first = run(tmp_path, feeds)
    second = submitted(tmp_path, feeds)
    third = run(tmp_path, feeds)
    assert first.facts.rows["articles"] > 0
    assert (second.facts.rows["articles"], third.facts.rows["articles"]) == (0, 0)
    assert committed_runs(Layout(str(tmp_path))) == [r.run.value for r in (first, second, third)]


def test_a_graph_that_fails_leaves_nothing(
    newsroom: SampleNewsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: str, files: object) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr(write_state, "write_manifest", full)
    with pytest.raises(CommitError, match=r"nothing was committed.*No space left"):
        submitted(tmp_path, newsroom.feed_urls[:1])
    layout = Layout(str(tmp_path))
    assert read_claim(layout) is None
    assert committed_runs(layout) == []
    assert not list((tmp_path / "_staging").rglob("*.parquet"))


def test_a_pass_beside_a_living_run_is_refused(newsroom: SampleNewsroom, tmp_path: Path) -> None:
    layout = Layout(str(tmp_path))
    take_claim(layout, Claim("20261124T083000000000Z", "DataflowRunner", 4e9))
    for start in (run, submitted):
        with pytest.raises(LockedError, match="is under way"):
            start(tmp_path, newsroom.feed_urls[:1])


def test_where_nothing_is_due_nothing_is_claimed(newsroom: SampleNewsroom, tmp_path: Path) -> None:
    submitted(tmp_path, newsroom.feed_urls[:1])
    report = submitted(tmp_path, newsroom.feed_urls[:1], force=False)
    assert report.record is None
    assert read_claim(Layout(str(tmp_path))) is None


def test_streaming_inserts_are_refused(tmp_path: Path) -> None:
    address = DatasetAddress("my-project", "news")
    options = BigQueryOptions((address,), STREAMING_INSERTS)
    with pytest.raises(UsageError, match="choose FILE_LOADS"):
        submitted(tmp_path, ("https://example.org/feed",), bigquery=options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from-warc=x*.warc.gz", "--output=w", "--detach"], "--from-warc"),
        (ENGINE, "name FEEDS"),
        (
            [*ENGINE, "f.opml", "--alerts=default"],
            "--alerts",
        ),
    ],
)
def test_what_nobody_would_wait_for_is_refused(arguments: list[str], message: str) -> None:
    given, beam_args = build_parser().parse_known_args(["run", *arguments])
    with pytest.raises(UsageError, match=message):
        pass_options(given, beam_args)


def test_facts_of_a_committed_run_are_those_of_its_files(sample_run: SampleRun) -> None:
    assert sample_run.report.record is not None
    facts = committed_facts(Layout(str(sample_run.output)), sample_run.report.record)
    assert facts == sample_run.report.facts
