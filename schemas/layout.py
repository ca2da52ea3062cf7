"""Where things lie in a warehouse: tables, staged files, commit records, state.

```
<output>/<table>/ingest_date=YYYY-MM-DD/part-<run_id>-<shard>.parquet
<output>/_staging/<run_id>/…         files of a run that is under way
<output>/_runs/<run_id>.json         the commit record: this run counts
<output>/_state/<run_id>/…           what a later run must know
<output>/_compactions/<day>.json     the files of this day were merged into few
<output>/_lock                       held by the process that writes here
<output>/_claim.json                 the run that an engine carries on without its starter
<output>/_summaries/<run_id>.json    what such a run did
```
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

PARTITION = "ingest_date="  # how the name of a day's folder begins


@dataclass(frozen=True)
class RunId:
    """The name of a run; `value` sorts by start time."""

    value: str
    day: date  # UTC day of the start: the run's partition


def run_at(start: datetime) -> RunId:
    """Name a run by its start."""
    start = start.astimezone(UTC)
    return RunId(start.strftime("%Y%m%dT%H%M%S%fZ"), start.date())


@dataclass(frozen=True)
class Layout:
    """The paths of one warehouse; `root` is a local path or an address such as gs://bucket/dir."""

    root: str

    def path(self, *parts: str) -> str:
        """Return the path of something below the root."""
        return "/".join([self.root.rstrip("/"), *parts])

    def table(self, name: str) -> str:
        """Return the folder of a table."""
        return self.path(name)

    def day(self, table: str, day: date) -> str:
        """Return the folder of one day of a table."""
        return self.path(table, f"{PARTITION}{day.isoformat()}")

    def part(self, table: str, run: RunId, shard: int) -> str:
        """Return the final path of one file of a table."""
        return f"{self.day(table, run.day)}/part-{run.value}-{shard:05d}.parquet"

    def staging(self, run_id: str = "") -> str:
        """Return the folder of a run's temporary files; without a run, of all of them."""
        return self.path("_staging", run_id) if run_id else self.path("_staging")

    def manifest(self, run_id: str) -> str:
        """Return the path of the list of files that a finished graph has staged."""
        return self.path("_staging", run_id, "manifest.json")

    def record(self, run_id: str) -> str:
        """Return the path of a run's commit record."""
        return self.path("_runs", f"{run_id}.json")

    def records(self) -> str:
        """Return the folder of the commit records."""
        return self.path("_runs")

    def compactions(self) -> str:
        """Return the folder of the records of merged and dropped days."""
        return self.path("_compactions")

    def compaction(self, day: date, kind: str = "") -> str:
        """Return the path of the record that a day was merged; of another kind: `drop`."""
        return self.path("_compactions", f"{day.isoformat()}{f'.{kind}' if kind else ''}.json")

    def state(self, run_id: str, name: str) -> str:
        """Return the path of one file of the state that a run leaves."""
        return self.path("_state", run_id, f"{name}.parquet")

    def states(self) -> str:
        """Return the folder of all states."""
        return self.path("_state")

    def lock(self) -> str:
        """Return the path of the lock file."""
        return self.path("_lock")

    def claim(self) -> str:
        """Return the path of the claim of a run that goes on without its starter."""
        return self.path("_claim.json")

    def summary(self, run_id: str) -> str:
        """Return the path of the summary of a run that nobody waited for."""
        return self.path("_summaries", f"{run_id}.json")
