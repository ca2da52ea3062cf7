"""The articles of a warehouse with all that hangs on them, newest first, a batch in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH = 500  # articles

# Articles are numbered newest first, until the quotations are as many as wanted.
PICK = """
create table picked as
with counted as (
  select c.*, coalesce(q.quotations, 0) as quotations
  from current c left join
    (select article_id, count(*) as quotations from quoted group by all) q using (article_id)),
ordered as (
  select *, row_number() over newest - 1 as n, sum(quotations) over newest - quotations as before
  from counted window newest as (order by shown_at desc, article_id rows unbounded preceding))
select * exclude (before) from ordered where before < $limit
"""
# What hangs on the articles, in the order in which it is read.
HANGING = {
    "entities": "mention_count desc, entity_id",
    "mentions": "char_start, char_end",
    "quotes": "content_spans[1].start, quote_id",
}
ARTICLES = """
select p.n, p.outlet, p.is_copy, epoch_ms(p.shown_at) as shown_at,
  epoch_ms(a.date_published) as published, a.* exclude (date_published, ingested_at)
from articles a join picked p using (article_id, revision, run_id)
where p.n >= $first and p.n < $end order by p.n
"""


@dataclass(frozen=True)
class ReportArticle:
    """One article as the page takes it: rows as dicts with the tables' columns.

    `article` has beside its columns `outlet`, `is_copy` and, in milliseconds since 1970, `shown_at`
    and `published` (may be None).
    """

    article: dict[str, Any]
    entities: list[dict[str, Any]]
    mentions: list[dict[str, Any]]
    quotes: list[dict[str, Any]]


def read_articles(connection: "DuckDBPyConnection", limit: int) -> Iterator[ReportArticle]:
    """Yield the newest articles, until their quotations are `limit`.

    `connection` comes from `open_current`, after `collect_facts`.
    """
    connection.execute(PICK, {"limit": limit})
    for table, order in HANGING.items():
        connection.execute(
            f"create table picked_{table} as select p.n, t.* from {table} t "
            f"join picked p using (article_id, revision, run_id) order by p.n, {order}"
        )
    ((total,),) = connection.execute("select count(*) from picked").fetchall()
    for first in range(0, total, BATCH):
        yield from _batch(connection, {"first": first, "end": first + BATCH})


def _batch(connection: "DuckDBPyConnection", numbers: dict[str, int]) -> Iterator[ReportArticle]:
    hanging = {table: _grouped(connection, table, numbers) for table in HANGING}
    for article in _dicts(connection, ARTICLES, numbers):
        rows = [hanging[table].get(article["n"], []) for table in HANGING]
        yield ReportArticle(article, *rows)


def _grouped(
    connection: "DuckDBPyConnection", table: str, numbers: dict[str, int]
) -> dict[int, list[dict[str, Any]]]:
    sql = f"select * from picked_{table} where n >= $first and n < $end"
    rows = _dicts(connection, sql, numbers)
    rows.sort(key=itemgetter("n"))  # stable: keeps the order within an article
    return {number: list(group) for number, group in groupby(rows, key=itemgetter("n"))}


def _dicts(
    connection: "DuckDBPyConnection", sql: str, numbers: dict[str, int]
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.sql(sql, params=numbers).to_arrow_table().to_pylist()
    return rows
