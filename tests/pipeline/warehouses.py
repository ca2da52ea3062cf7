"""Warehouses for tests of housekeeping: several days, several runs a day."""

import os
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.commit import commit
from schemas.layout import Layout, RunId
from tests.rows import article, fetch, quote
from transforms.stage_rows import StagedTables

DOMAINS = ("c.example", "a.example", None, "b.example")
SPEAKERS = ("Orr", None, "Abel", "Moe")
RUNS_A_DAY = 4


def commit_run(layout: Layout, day: date, number: int, articles: int = 4) -> RunId:
    """Commit one run of a day with a few articles, quotations and fetches."""
    start = datetime(day.year, day.month, day.day, number, tzinfo=UTC)
    run = RunId(start.strftime("%Y%m%dT%H%M%S%fZ"), day)
    tables = StagedTables(layout.staging(run.value))
    for n in range(articles):
        key = {"article_id": f"{run.value}-{n}", "run_id": run.value}
        tables.write_row(article(**key, canonical_domain=DOMAINS[n % 4], text_content=f"Rain {n}."))
        speaker = SPEAKERS[n % 4]
        tables.write_row(quote(**key, quote_id=f"{run.value}-{n}", speaker_canonical=speaker))
    tables.write_row(fetch(fetch_id=run.value, run_id=run.value))
    commit(layout, run, list(tables.close()), 0)
    return run


def fill(output: Path, days: Iterable[date], runs: int = RUNS_A_DAY) -> Layout:
    """Make a warehouse with a few runs on each of these days."""
    layout = Layout(str(output))
    for day in days:
        for number in range(runs):
            commit_run(layout, day, number)
    return layout


def files(output: Path, table: str) -> list[str]:
    """The paths of a table's files, relative to its folder, in order."""
    root = output / table
    return sorted(os.path.relpath(path, root) for path in root.rglob("*") if path.is_file())
