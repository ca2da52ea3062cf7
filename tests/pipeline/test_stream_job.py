from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cli import main
from pipeline.options import RunOptions
from pipeline.outputs.targets import STREAMING_INSERTS, BigQueryOptions, DatasetAddress
from pipeline.runners import check_known
from pipeline.stream_job import (
    JobOptions,
    check_job,
    deal_feeds,
    job_args,
    plan_stream,
    runs_as_job,
)
from pipeline.warehouse import Warehouse
from schemas.errors import CommitError, UsageError
from schemas.flow import Feed
from schemas.layout import Layout
from tests.transforms.streaming.running import RETRIEVE
from transforms.feed_tasks import read_tasks

OPTIONS = RunOptions("out", ("feeds.txt",), beam_args=("--runner=PrismRunner",))


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([], False),
        (["--runner=DirectRunner"], False),
        (["--runner=FnApiRunner"], False),
        (["--runner=PrismRunner"], True),
        (["--runner=FlinkRunner"], True),
        (["--runner=DataflowRunner"], True),
    ],
)
def test_stream_is_one_job_where_an_engine_is_named(args, expected):
    assert runs_as_job(args) is expected


@pytest.mark.parametrize(
    ("fields", "job", "message"),
    [
        ({"limit": 3}, {}, "--limit is for passes"),
        ({"force": True}, {}, "--force is for passes"),
        ({"archive": "warc"}, {}, "--archive is for passes"),
        ({"beam_args": ("--runner=SparkRunner",)}, {}, "SparkRunner runs no graph without end"),
        ({"retrieve": replace(RETRIEVE, per_host_connections=1)}, {}, "needs two connections"),
        ({}, {"window_s": 0.5}, "--window is shorter"),
    ],
)
def test_what_an_engine_cannot_do_is_told_before_anything_is_fetched(fields, job, message):
    with pytest.raises(UsageError, match=message):
        check_job(replace(OPTIONS, **fields), JobOptions(**job))


@pytest.mark.parametrize("option", ["--compact", "--retain=3", "--health-file=x", "--limit=3"])
def test_command_refuses_what_goes_with_passes(option, tmp_path, capsys):
    feed = tmp_path / "feeds.txt"
    feed.write_text("https://example.org/feed\n")
    status = main(["stream", str(feed), f"--output={tmp_path}/w", "--runner=PrismRunner", option])
    assert status == 2
    assert option.split("=")[0] in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "added"),
    [
        (["--runner=PrismRunner"], []),
        (
            ["--runner=FlinkRunner"],
            ["--finish_bundle_before_checkpointing", "--checkpointing_interval=10000"],
        ),
        (
            ["--runner=FlinkRunner", "--checkpointing_interval=60000"],
            ["--finish_bundle_before_checkpointing"],
        ),
    ],
)
def test_flink_makes_checkpoints_between_bundles(given, added):
    args = job_args(tuple(given))
    assert list(args) == given + added
    check_known(args)


def test_first_window_is_later_than_the_last_run(tmp_path):
    warehouse = Warehouse(Layout(str(tmp_path)), None)
    plan = plan_stream(warehouse, OPTIONS, JobOptions(window_s=90), (60, "model-1"))
    assert plan.windows.size == timedelta(seconds=90)
    assert abs(datetime.now(UTC) - plan.windows.start) < timedelta(minutes=1)
    assert (plan.feed_slots, plan.lineage.model_version) == (3, "model-1")


def test_clock_that_was_set_back_is_told(tmp_path):
    from pipeline.commit import CommitRecord

    last = CommitRecord("29991124T083000000000Z", "", 0, {}, (), ())
    warehouse = Warehouse(Layout(str(tmp_path)), last)
    with pytest.raises(CommitError, match="the clock is behind the last run"):
        plan_stream(warehouse, OPTIONS, JobOptions(), (1, "model-1"))


def test_feeds_of_a_host_lie_in_one_slot_and_none_twice(tmp_path):
    warehouse = Warehouse(Layout(str(tmp_path)), None)
    plan = plan_stream(warehouse, OPTIONS, JobOptions(), (100, "model-1"))
    urls = [f"https://{host}.example/{n}" for host in "abcdef" for n in range(4)]
    dealt = deal_feeds(plan, [Feed(url) for url in [*urls, urls[0].replace("https", "http")]])
    by_slot = {slot: [task.feed.url for task in read_tasks(path)] for slot, path in dealt}
    assert sorted(url for found in by_slot.values() for url in found) == sorted(urls)
    for host in "abcdef":
        assert (
            len([s for s, found in by_slot.items() if any(f"//{host}." in u for u in found)]) == 1
        )


def test_rows_beside_the_graph_are_refused():
    address = DatasetAddress("project", "dataset")
    options = replace(OPTIONS, bigquery=BigQueryOptions((address,), STREAMING_INSERTS))
    with pytest.raises(UsageError, match="needs a graph of its own"):
        check_job(options, JobOptions())
