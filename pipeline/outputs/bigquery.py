"""BigQuery as an output: the same tables, a run's rows all at once and once."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery

from pipeline.outputs.bigquery_client import NEEDED, REQUEST_S, RETRY, connect
from pipeline.outputs.bigquery_commit import (
    Publication,
    commit,
    drop_staging,
    is_committed,
)
from pipeline.outputs.bigquery_loads import load_table
from pipeline.outputs.bigquery_tables import prepare_dataset, prepare_tables
from pipeline.outputs.cloud_errors import explained
from pipeline.outputs.committed import CommittedRun
from pipeline.outputs.targets import (
    FILE_LOADS,
    STREAMING_INSERTS,
    BigQueryOptions,
    DatasetAddress,
)
from schemas.errors import OutputError, PublishError

log = logging.getLogger("newsbeam.bigquery")


@dataclass(frozen=True)
class BigQueryOutput:
    """One dataset that gets every committed run."""

    address: DatasetAddress
    options: BigQueryOptions
    beam_args: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of its cursor."""
        return f"{self.address.project}.{self.address.dataset}".replace(":", "_")

    @cached_property
    def client(self) -> bigquery.Client:
        """The client, connected when it is first asked for."""
        return connect(self.address)

    def prepare(self) -> None:
        """See that jobs may run and that the tables are ours; make or widen them."""
        with explained(OutputError, str(self.address), NEEDED):
            self._try_a_job()
            prepare_dataset(self.client, self.address, self.options.location)
            prepare_tables(self.client, self.address)

    def publish(self, run: CommittedRun) -> None:
        """Add a run's rows to all tables, all at once and once."""
        publication = Publication(self.client, self.address, run)
        with explained(PublishError, str(self.address), NEEDED):
            if is_committed(publication):
                return
            keyed = self._stage(publication)
            commit(publication, keyed=keyed)
            log.info("run %s is in %s", run.run_id, self.address)
            with suppress(GoogleAPIError):
                drop_staging(publication)

    def _stage(self, publication: Publication) -> bool:
        """Bring the rows into staging tables; say whether they are keyed there."""
        if self.options.method == FILE_LOADS:
            for table in publication.run.tables:
                load_table(publication, table)
            return False
        if self.options.method == STREAMING_INSERTS:
            from pipeline.outputs.bigquery_inserts import insert_tables

            insert_tables(publication, self.beam_args)
        else:
            from pipeline.outputs.bigquery_streams import stream_tables

            stream_tables(publication)
        return True

    def _try_a_job(self) -> None:
        config = bigquery.QueryJobConfig(dry_run=True)
        self.client.query(
            "SELECT 1", job_config=config, job_retry=None, retry=RETRY, timeout=REQUEST_S
        )
