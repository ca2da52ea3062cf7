"""The articles that a page or an export speaks of: the current revision of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from schemas.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CURRENT = """
create table current as
select article_id, revision, run_id, outlet, published_at as shown_at, is_copy, first_seen
from current_articles join
  (select article_id, min(ingested_at) as first_seen from articles group by all) using (article_id)
where $days is null or published_at >= now() - to_days($days)
"""


@contextmanager
def open_current(warehouse: str, days: int | None = None) -> Iterator["DuckDBPyConnection"]:
    """Give a DuckDB connection with all tables and views, and the table `current`.

    `current` has a row an article: article_id, revision, run_id, outlet, shown_at (published, else
    ingested), is_copy and first_seen. `days` keeps articles of the last days alone. Raises
    UsageError where there is no warehouse or no run in it.
    """
    from pipeline.views import open_tables  # DuckDB is loaded when it is needed

    with open_tables(warehouse) as connection:
        if not connection.execute("select 1 from runs limit 1").fetchall():
            raise UsageError("holds no committed run yet; newsbeam run makes one", warehouse)
        connection.execute(CURRENT, {"days": days})
        yield connection
