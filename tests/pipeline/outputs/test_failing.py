"""What is refused says what and what to do; nothing is half-written."""

import os
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.newsroom.server import SampleNewsroom
from pipeline.outputs.bigquery import BigQueryOutput
from schemas.errors import OutputError, PublishError
from tests.emulators.proxy import Fault, proxy
from tests.emulators.running import PROJECT, Cloud
from tests.pipeline.conftest import SampleRun
from tests.pipeline.outputs.datasets import counts, new_output, sample

JOBS = r"POST /bigquery/v2/projects/[^/]+/jobs"
REFUSALS = {
    "no permission": (
        Fault(JOBS, 403, "accessDenied", "User does not have bigquery.jobs.create permission"),
        "no permission: grant roles/bigquery.dataEditor",
    ),
    "wrong project": (
        Fault(JOBS, 404, "notFound", "Not found: Project newsbeam-test"),
        "there is no such project, dataset or bucket",
    ),
    "no billing": (
        Fault(JOBS, 403, "billingNotEnabled", "Billing has not been enabled for this project"),
        "the project has no billing",
    ),
    "service not enabled": (
        Fault(JOBS, 403, "accessNotConfigured", "BigQuery API has not been used in project"),
        "the service is not enabled",
    ),
    "quota": (
        Fault(JOBS, 403, "quotaExceeded", "Quota exceeded: Your project exceeded quota"),
        "a quota is used up",
    ),
    "old credentials": (
        Fault(JOBS, 401, "authError", "Invalid Credentials"),
        "no credentials were found",  # an emulator is asked without any
    ),
    "unknown region": (
        Fault("POST .*/datasets", 400, "invalid", "Invalid value for location: atlantis-1"),
        "the location is not the dataset's, or there is none of this name",
    ),
    "no dataset": (
        Fault("POST .*/datasets", 403, "accessDenied", "bigquery.datasets.create denied"),
        "no permission",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_refused_before_a_run_is_said_and_nothing_is_fetched(
    cloud: Cloud,
    newsroom: SampleNewsroom,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    case: str,
) -> None:
    fault, message = REFUSALS[case]
    with proxy(cloud.bigquery, fault) as between:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", between.url)
        output = f"bq://{PROJECT}.refused"
        arguments = ["run", newsroom.feed_urls[0], "--output", output, "--state", str(tmp_path)]
        assert main([*arguments, "--bigquery-location", "atlantis-1"]) == 2
    said = capsys.readouterr().err
    assert output in said
    assert message in said
    assert fault.message in said or fault.status == 401  # which the client takes for its own
    assert os.listdir(tmp_path) == []


def test_missing_credentials_are_said(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("BIGQUERY_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    with pytest.raises(OutputError, match="gcloud auth application-default login"):
        new_output()


LATER = {
    "loads": (r"POST /upload/", "quotaExceeded", "a quota is used up"),
    "commit": (JOBS, "accessDenied", "no permission"),
    "staging": (r"POST .*/tables", "accessDenied", "no permission"),
}


@pytest.mark.parametrize("case", LATER)
def test_what_is_refused_while_publishing_leaves_nothing_visible(
    cloud: Cloud, sample_run: SampleRun, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    pattern, reason, message = LATER[case]
    output, run = new_output(), sample(sample_run)
    fault = Fault(pattern, 403, reason, "refused")
    with proxy(cloud.bigquery, fault) as between, monkeypatch.context() as patch:
        patch.setenv("BIGQUERY_EMULATOR_HOST", between.url)
        broken = BigQueryOutput(output.address, output.options)
        with pytest.raises(PublishError, match=message):
            broken.publish(run)
    assert set(counts(output).values()) == {0}
    output.publish(run)
    assert counts(output)["articles"] == 33


BUCKETS = {
    "a bucket that is not there": (
        "gs://no-such-bucket/w",
        None,
        "there is no such file or bucket",
    ),
    "no permission": (
        "gs://news/refused",
        Fault("POST .*/o", 403, "forbidden", "does not have storage.objects.create access"),
        "roles/storage.objectAdmin",
    ),
    "no credentials": (
        "gs://news/refused",
        Fault("(POST|GET) .*/o", 401, "required", "Anonymous caller does not have access"),
        "gcloud auth application-default login",
    ),
}


@pytest.mark.parametrize("case", BUCKETS)
def test_a_bucket_that_cannot_be_written_is_said(
    cloud: Cloud,
    newsroom: SampleNewsroom,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    case: str,
) -> None:
    output, fault, message = BUCKETS[case]
    with proxy(cloud.storage, *([fault] if fault else [])) as between:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", between.url)
        assert main(["run", newsroom.feed_urls[0], "--output", output]) == 2
    said = capsys.readouterr().err
    assert output in said
    assert message in said
