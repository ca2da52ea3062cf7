"""A run's rows into a dataset: staged in tables of the run's own, then committed all at once.

However often this is begun anew, a reader sees the run's rows in all tables, once, or in none:

1. Each table's rows go into a staging table that belongs to this run (`bigquery_loads`,
   `bigquery_streams`), and are counted.
2. One script, in one transaction, inserts them into all tables; where the run's row already stands
   in `runs`, it does nothing. Its job id follows from the run: two processes cannot run it twice.
3. The staging tables are dropped; one that is forgotten goes by itself after a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.cloud import bigquery

from pipeline.outputs.bigquery_client import REQUEST_S, RETRY, settle
from pipeline.outputs.bigquery_tables import PARTITION, schema_fields
from pipeline.outputs.committed import CommittedRun, CommittedTable
from pipeline.outputs.targets import DatasetAddress
from schemas.errors import PublishError
from schemas.ids import stable_id
from schemas.tables import TABLES

STAGING = "newsbeam_staging"
ROW_KEY = "newsbeam_row"  # column of a staging table into which a row may come twice
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Publication:
    """One run on its way into one dataset."""

    client: bigquery.Client
    address: DatasetAddress
    run: CommittedRun

    @property
    def job_name(self) -> str:
        """What the ids of all jobs of this publication start with."""
        run_id = self.run.run_id.replace("+", "x")
        return f"newsbeam_{run_id}_{stable_id(str(self.address), self.run.run_id)[:8]}"

    def staging(self, table: str) -> str:
        """Return the id of a table's staging table."""
        run_id = self.run.run_id.replace("+", "x")
        return self.address.table(f"{STAGING}_{table}_{run_id}")


def make_staging(publication: Publication, table: CommittedTable, *, keyed: bool) -> None:
    """Make a table's staging table, empty; one that is there stays."""
    fields = schema_fields(TABLES[table.table], staged=True)
    if keyed:
        fields.append(bigquery.SchemaField(ROW_KEY, "STRING"))
    made = bigquery.Table(publication.staging(table.table), schema=fields)
    made.expires = datetime.now(UTC) + FORGOTTEN_AFTER
    publication.client.create_table(made, exists_ok=True, retry=RETRY, timeout=REQUEST_S)


def is_committed(publication: Publication) -> bool:
    """Say whether the dataset has the run."""
    sql = f"SELECT 1 FROM `{publication.address.table('runs')}` WHERE {_this_run(publication)}"
    rows = publication.client.query_and_wait(
        sql, retry=RETRY, api_timeout=REQUEST_S, wait_timeout=REQUEST_S
    )
    return bool(rows.total_rows)


def check_rows(publication: Publication, table: CommittedTable, staged: int) -> None:
    """Raise PublishError where a staging table has not the rows that it should have."""
    if staged != table.rows:
        raise PublishError(
            f"of {table.rows:,} rows of {table.table}, {staged:,} arrived in a staging table",
            str(publication.address),
        )


def commit(publication: Publication, *, keyed: bool) -> None:
    """Insert all staged rows in one transaction, unless the dataset has the run."""
    script = commit_script(publication, keyed=keyed)

    def start(job_id: str) -> bigquery.QueryJob:
        return publication.client.query(
            script, job_id=job_id, job_retry=None, retry=RETRY, timeout=REQUEST_S
        )

    settle(publication.client, f"{publication.job_name}_commit", start)


def commit_script(publication: Publication, *, keyed: bool) -> str:
    """Return the script; `keyed`: of rows with the same key in staging one is taken."""
    inserts = [_insert(publication, table, keyed=keyed) for table in publication.run.tables]
    runs = publication.address.table("runs")
    return "\n".join(
        [
            f"IF NOT EXISTS (SELECT 1 FROM `{runs}` WHERE {_this_run(publication)}) THEN",
            "BEGIN TRANSACTION;",
            *inserts,
            "COMMIT TRANSACTION;",
            "END IF;",
        ]
    )


def _insert(publication: Publication, table: CommittedTable, *, keyed: bool) -> str:
    names = [f"`{field.name}`" for field in schema_fields(TABLES[table.table], staged=True)]
    columns, day = ", ".join(names), publication.run.day.isoformat()
    once = f" WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY {ROW_KEY}) = 1" if keyed else ""
    return (
        f"INSERT INTO `{publication.address.table(table.table)}` ({columns}, {PARTITION}) "
        f"SELECT {columns}, DATE '{day}' FROM `{publication.staging(table.table)}`{once};"
    )


def _this_run(publication: Publication) -> str:
    day, run_id = publication.run.day.isoformat(), publication.run.run_id
    return f"{PARTITION} = DATE '{day}' AND run_id = '{run_id}'"


def drop_staging(publication: Publication) -> None:
    """Drop the run's staging tables."""
    for table in publication.run.tables:
        publication.client.delete_table(
            publication.staging(table.table), not_found_ok=True, retry=RETRY, timeout=REQUEST_S
        )


def staged_rows(publication: Publication) -> Mapping[str, int]:
    """Count the rows of all staging tables, those of one key once."""
    parts = [
        f"SELECT '{name}', COUNT(DISTINCT {ROW_KEY}) FROM `{publication.staging(name)}`"
        for name in (table.table for table in publication.run.tables)
    ]
    rows = publication.client.query_and_wait(
        " UNION ALL ".join(parts), retry=RETRY, api_timeout=REQUEST_S, wait_timeout=REQUEST_S
    )
    return {row[0]: row[1] for row in rows}
