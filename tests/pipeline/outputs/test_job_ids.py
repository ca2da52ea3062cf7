"""A job's id is taken once: who comes second waits for the job instead of doing it again."""

from dataclasses import replace

import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import bigquery

from pipeline.outputs import bigquery as bigquery_output
from pipeline.outputs.bigquery import BigQueryOutput
from pipeline.outputs.bigquery_client import settle
from pipeline.outputs.committed import CommittedRun
from schemas.tables import TABLES
from tests.emulators.proxy import Proxy, proxy
from tests.emulators.running import BUCKET, Cloud
from tests.pipeline.conftest import SampleRun
from tests.pipeline.outputs.datasets import client, counts, new_output, sample
from transforms import storage


def asked_for(between: Proxy) -> list[str]:
    """The ids of the jobs that were asked for, in order."""
    paths = (line.partition("?")[0] for line in between.seen if line.startswith("GET "))
    return [path.rsplit("/jobs/", 1)[1] for path in paths if "/jobs/" in path]


def die(*arguments: object, **options: object) -> None:
    """What a process does that is killed."""
    raise KeyboardInterrupt


def in_bucket(run: CommittedRun) -> CommittedRun:
    """The same run with its files in a bucket: the emulator forgets the ids of jobs that upload."""

    def copied(path: str) -> str:
        target = f"gs://{BUCKET}/job_ids{path}"
        storage.write_atomically(target, storage.read(path))
        return target

    tables = (replace(t, files=tuple(map(copied, t.files))) for t in run.tables)
    return replace(run, tables=tuple(tables))


def test_a_publication_goes_on_with_the_jobs_of_one_that_was_killed(
    cloud: Cloud, sample_run: SampleRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, run = new_output(), in_bucket(sample(sample_run))
    with proxy(cloud.bigquery, knows_jobs=True) as between:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", between.url)
        killed = BigQueryOutput(output.address, output.options)
        with monkeypatch.context() as patch:
            patch.setattr(bigquery_output, "commit", die)
            with pytest.raises(KeyboardInterrupt):
                killed.publish(run)
        loaded = set(between.jobs)
        assert len(loaded) == len(run.tables)
        BigQueryOutput(output.address, output.options).publish(run)
        assert len(between.jobs - loaded) >= 1  # the commit
        assert loaded <= set(asked_for(between))
        assert counts(output) == dict.fromkeys(TABLES, 0) | {t.table: t.rows for t in run.tables}


def query(used: bigquery.Client, sql: str, started: list[str], job_id: str) -> bigquery.QueryJob:
    started.append(job_id)
    return used.query(sql, job_id=job_id, job_retry=None)


@pytest.mark.parametrize(
    ("first", "expected"),
    [("SELECT 1", ["twice_1"]), ("SELECT * FROM nowhere.nothing", ["twice_1", "twice_2"])],
)
def test_a_job_that_was_done_is_not_done_again_and_one_that_failed_is(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, first: str, expected: list[str]
) -> None:
    with proxy(cloud.bigquery, knows_jobs=True) as between:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", between.url)
        used, name = client(new_output()), f"{len(expected)}_twice"
        begun: list[str] = []
        try:
            settle(used, name, lambda job_id: query(used, first, begun, job_id))
        except GoogleAPICallError:
            assert len(expected) == 2
        again: list[str] = []
        job = settle(used, name, lambda job_id: query(used, "SELECT 1", again, job_id))
        wanted = [f"{len(expected)}_{job_id}" for job_id in expected]
        assert (begun, again, job.job_id) == (wanted[:1], wanted, wanted[-1])
        assert wanted[0] in asked_for(between)
