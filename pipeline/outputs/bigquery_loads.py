"""FILE_LOADS: the run's own Parquet files, by one load job a table.

Files in Cloud Storage are loaded where they are; others are sent. Loading costs nothing, and needs
neither workers nor a second copy of the rows.
"""

import tempfile
from collections.abc import Sequence
from typing import IO

import pyarrow.parquet as pq
from google.cloud import bigquery

from pipeline.outputs.bigquery_client import REQUEST_S, RETRY, settle
from pipeline.outputs.bigquery_commit import Publication, check_rows, make_staging
from pipeline.outputs.bigquery_tables import schema_fields
from pipeline.outputs.committed import CommittedTable
from schemas.tables import TABLES, arrow_schema
from transforms import storage


def load_table(publication: Publication, table: CommittedTable) -> None:
    """Fill a staging table with a run's rows of one table, in place of what was in it."""
    make_staging(publication, table, keyed=False)
    target = publication.staging(table.table)
    config = job_config(table.table)

    def start(job_id: str) -> bigquery.LoadJob:
        client = publication.client
        if all(path.startswith("gs://") for path in table.files):
            return client.load_table_from_uri(
                list(table.files),
                target,
                job_config=config,
                job_id=job_id,
                retry=RETRY,
                timeout=REQUEST_S,
            )
        with tempfile.TemporaryFile() as joined:
            join_files(table.files, table.table, joined)
            return client.load_table_from_file(
                joined, target, rewind=True, job_config=config, job_id=job_id, timeout=REQUEST_S
            )

    job = settle(publication.client, f"{publication.job_name}_{table.table}", start)
    check_rows(publication, table, job.output_rows or 0)


def job_config(table: str) -> bigquery.LoadJobConfig:
    """Return how Parquet files become a staging table."""
    lists = bigquery.ParquetOptions()
    lists.enable_list_inference = True
    return bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.PARQUET,
        parquet_options=lists,
        schema=schema_fields(TABLES[table], staged=True),
        create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
        write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
    )


def join_files(paths: Sequence[str], table: str, target: IO[bytes]) -> None:
    """Write several files' rows as one Parquet file, a row group in memory at a time."""
    schema = arrow_schema(TABLES[table])
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for path in paths:
            with storage.open_stream(path) as stream:
                file = pq.ParquetFile(stream)
                for index in range(file.num_row_groups):
                    writer.write_table(file.read_row_group(index).cast(schema))
