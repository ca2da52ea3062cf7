"""The client of BigQuery, and what all that use it share."""

import os
from collections.abc import Callable
from typing import Any

from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY

from pipeline.outputs.targets import DatasetAddress

RETRY_S = 60.0  # how long what can get better is tried again
RETRY = DEFAULT_RETRY.with_timeout(RETRY_S)
REQUEST_S = 60.0  # for one request
JOB_S = 3600.0  # for a job
EMULATOR = "BIGQUERY_EMULATOR_HOST"
NEEDED = "roles/bigquery.dataEditor on the dataset and roles/bigquery.jobUser on the project"
_ATTEMPTS = 20  # jobs of one name


def connect(address: DatasetAddress) -> bigquery.Client:
    """Return a client; an emulator that the environment names needs no credentials."""
    credentials = AnonymousCredentials() if os.environ.get(EMULATOR) else None
    return bigquery.Client(project=address.project, credentials=credentials)


def settle(client: bigquery.Client, name: str, start: Callable[[str], Any]) -> Any:
    """Run a job under an id that follows from its name, and return it done.

    BigQuery takes an id once: a job that an earlier process started is waited for instead of being
    started again. One that failed is followed by the next of its name.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        job_id, is_ours = f"{name}_{attempt}", True
        try:
            job = start(job_id)
        except exceptions.Conflict:
            job, is_ours = client.get_job(job_id, retry=RETRY, timeout=REQUEST_S), False
        try:
            job.result(retry=RETRY, timeout=JOB_S)
        except exceptions.GoogleAPICallError:
            if is_ours:
                raise
            continue
        return job
    raise exceptions.ServiceUnavailable(f"{_ATTEMPTS} jobs named {name} have failed")
