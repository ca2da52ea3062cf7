"""Whole runs into files and datasets, killed and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.commit import committed_runs
from pipeline.options import RunOptions
from pipeline.outputs.bigquery import BigQueryOutput
from pipeline.outputs.targets import BigQueryOptions
from pipeline.run import RunReport, run_once
from schemas.errors import OutputError
from schemas.layout import Layout
from schemas.tables import TABLES, bigquery_schema
from tests.emulators.running import BUCKET, Cloud
from tests.pipeline.conftest import SampleRun
from tests.pipeline.outputs.datasets import bare_output, ordered, read
from tests.pipeline.outputs.test_bigquery import make_table
from tests.pipeline.running import LOOPBACK, UNSTABLE
from transforms import storage
from transforms.parquet_files import read_records

ARTICLE_TABLES = ("articles", "entities", "mentions", "quotes")


def run(root: str, feeds: tuple[str, ...], output: BigQueryOutput | None, **more: Any) -> RunReport:
    """Make one pass into files and, if one is given, into a dataset."""
    bigquery = output.options if output else BigQueryOptions()
    options = RunOptions(
        root, feeds, retrieve=LOOPBACK, workers=1, force=True, bigquery=bigquery, **more
    )
    return run_once(options, lambda plan: nullcontext())


def file_rows(root: str, table: str) -> list[dict[str, Any]]:
    """All rows of a table's files, wherever they lie."""
    return [row for path in storage.list_files(f"{root}/{table}") for row in read_records(path)]


def stable(rows: list[dict[str, Any]]) -> list[str]:
    """Rows without what differs between runs."""
    return ordered([{k: v for k, v in row.items() if k not in UNSTABLE} for row in rows])


def test_one_run_fills_a_bucket_and_a_dataset(cloud: Cloud, sample_run: SampleRun) -> None:
    output, root = bare_output(), f"gs://{BUCKET}/both"
    assert run(root, sample_run.feeds, output).exit_status == 0
    for table in TABLES:
        assert ordered(read(output, table)) == ordered(file_rows(root, table)), table
    for table in ARTICLE_TABLES:
        expected = stable(file_rows(str(sample_run.output), table))
        assert stable(file_rows(root, table)) == expected, table
    assert not storage.exists(f"{root}/_lock")


def test_without_files_a_dataset_gets_every_run(
    cloud: Cloud, sample_run: SampleRun, tmp_path: Path
) -> None:
    output, root = bare_output(), str(tmp_path)
    reports = [run(root, sample_run.feeds[:2], output, keeps_files=False) for _ in range(3)]
    assert sorted(r["run_id"] for r in read(output, "runs")) == [r.run.value for r in reports]
    assert len(read(output, "articles")) == reports[0].facts.rows["articles"]
    left = {path.name.split("-")[1] for path in tmp_path.glob("*/*/part-*")}
    assert left == {report.run.value for report in reports[1:]}  # the last two


def test_a_process_that_is_killed_while_it_publishes_loses_and_doubles_nothing(
    cloud: Cloud, sample_run: SampleRun, tmp_path: Path
) -> None:
    output, layout = bare_output(), Layout(str(tmp_path))
    command = [
        *(sys.executable, "-W", "ignore", "-m", "pipeline.cli", "run", *sample_run.feeds),
        *("--output", str(tmp_path), "--output", str(output.address)),
        *("--bigquery-location", "EU", "--allow-network", "127.0.0.0/8", "--workers", "1"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: bool(os.path.isdir(layout.records()) and committed_runs(layout)), process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(committed_runs(layout)) == 1
    run(str(tmp_path), sample_run.feeds, output)
    assert len(read(output, "runs")) == 2
    for table in TABLES:
        assert ordered(read(output, table)) == ordered(file_rows(str(tmp_path), table)), table
    links = {row["url"] for row in file_rows(str(sample_run.output), "articles")}
    assert {row["url"] for row in read(output, "articles")} == links


def wait_for(condition: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    """Wait until something holds, or the process has ended."""
    while not condition() and process.poll() is None:
        time.sleep(0.01)


def test_a_crash_between_two_files_in_a_bucket_is_rolled_forward(
    cloud: Cloud, sample_run: SampleRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, renames = f"gs://{BUCKET}/crashed", []

    def rename(source: str, target: str) -> None:
        if len(renames) == 4:
            raise KeyboardInterrupt
        renames.append(target)
        original(source, target)

    original = storage.rename
    monkeypatch.setattr(storage, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        run(root, sample_run.feeds, None)
    monkeypatch.undo()
    report = run(root, sample_run.feeds, None)
    assert len(report.finished) == 1
    for table in ARTICLE_TABLES:
        expected = stable(file_rows(str(sample_run.output), table))
        assert stable(file_rows(root, table)) == expected, table


def test_a_wrong_table_stops_a_run_before_it_fetches(
    cloud: Cloud, sample_run: SampleRun, tmp_path: Path
) -> None:
    output = replace(bare_output(), options=BigQueryOptions())
    output = replace(output, options=BigQueryOptions((output.address,)))
    fields = bigquery_schema(TABLES["quotes"])["fields"]
    make_table(output, "quotes", [{**fields[0], "type": "INTEGER"}, *fields[1:]])
    with pytest.raises(OutputError, match="quote_id is INTEGER, not STRING"):
        run(str(tmp_path), sample_run.feeds, output)
    assert list(tmp_path.iterdir()) == []


def test_a_feed_list_lies_in_a_bucket(cloud: Cloud, sample_run: SampleRun) -> None:
    path = f"gs://{BUCKET}/feeds.txt"
    storage.write_atomically(path, sample_run.feeds[0].encode())
    report = run(f"gs://{BUCKET}/listed", (path,), None)
    assert report.facts.feeds == 1
    assert len(file_rows(f"gs://{BUCKET}/listed", "runs")) == 1
