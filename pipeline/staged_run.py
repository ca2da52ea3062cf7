"""The commit of what a graph has staged, from its manifest alone: no driver, no graph in here.

The driver calls it when the graph is done; a run that nobody waits for calls it as the graph's last
step (`pipeline.commit_run`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from pipeline.commit import CommitRecord, commit
from pipeline.exit_status import EVERY_FEED_FAILED
from pipeline.facts import RunFacts, collect_facts
from pipeline.remedies import describe
from schemas.errors import CommitError
from schemas.flow import Lineage
from schemas.layout import Layout, RunId
from schemas.rows import Run
from schemas.tables import TABLES
from transforms.merge_state import merge
from transforms.parquet_files import StagedFile
from transforms.stage_rows import StagedTables
from transforms.state import StateFiles, hash_of, number_deltas
from transforms.write_state import read_manifest

Check = Callable[[], None]


@dataclass(frozen=True)
class StagedRun:
    """A run whose files wait below `_staging/<run_id>`: all that its commit needs to know of it."""

    layout: Layout
    lineage: Lineage
    started: datetime  # UTC; its day is the partition
    manifest: str  # path of the list of staged files
    options: str  # JSON, as `runs` holds it
    ahead: tuple[StagedFile, ...] = ()  # of rows that were known before the graph; in no manifest

    @property
    def run(self) -> RunId:
        """The run's name."""
        return RunId(self.lineage.run_id, self.started.date())

    @property
    def staging(self) -> str:
        """Folder of the run's temporary files."""
        return self.layout.staging(self.lineage.run_id)


def commit_staged(
    staged: StagedRun, state: StateFiles, listed: Iterable[str], check_lock: Check = lambda: None
) -> tuple[CommitRecord, RunFacts]:
    """Commit what the manifest lists; until the record is in place it can be called again.

    `state` are the files that the run before left, `listed` the keys of all feeds that are listed
    now; `check_lock` is called right before the record is written, and raises where the lock is
    lost. Only for a caller that holds it. Raises CommitError, with the tables as before, where the
    run cannot be committed.
    """
    try:
        files = [*read_manifest(staged.manifest), *staged.ahead]
        facts = collect_facts(files)
        status = EVERY_FEED_FAILED if facts.every_feed_failed else 0
        files += stage_rows(staged.staging, [_run_row(staged, facts, status)])
        hashes = np.array([hash_of(key) for key in listed], np.uint64)
        merged = merge(state, files, staged.staging, staged.started, hashes)
    except (OSError, pa.ArrowException) as error:
        raise CommitError(
            f"nothing was committed: {describe(error)}", staged.layout.root
        ) from error
    check_lock()
    record = commit(staged.layout, staged.run, number_deltas(merged.files), status, merged.kept)
    return record, facts


def stage_rows(folder: str, rows: Iterable[Any]) -> tuple[StagedFile, ...]:
    """Write rows of any tables to files of their own below a folder."""
    tables = StagedTables(folder)
    for row in rows:
        tables.write_row(row)
    return tuple(tables.close())


def committed_facts(layout: Layout, record: CommitRecord) -> RunFacts:
    """Return the numbers of a run that is in its tables."""
    moves = [move for move in record.moves if move.target.split("/")[0] in TABLES]
    files = (StagedFile(m.target.split("/")[0], layout.path(m.target), 0) for m in moves)
    facts = collect_facts(files)
    facts.rows.update(record.rows)
    del facts.rows["runs"]  # the numbers are those in this row
    return facts


def _run_row(staged: StagedRun, facts: RunFacts, status: int) -> Run:
    return Run(
        run_id=staged.lineage.run_id,
        started_at=staged.started,
        finished_at=datetime.now(UTC),
        pipeline_version=staged.lineage.pipeline_version,
        model_version=staged.lineage.model_version,
        beam_version=beam.__version__,
        options=staged.options,
        counts=facts.counts(),
        exit_status=status,
    )
