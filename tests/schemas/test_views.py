"""The views' files: headers, order, the page made from them, and the twins for BigQuery."""

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from schemas.tables import TABLES
from schemas.views import VIEWS, page

FOLDER = Path(__file__).parents[2] / "schemas" / "views"
ALL = pytest.mark.parametrize("name", list(VIEWS))


def created(sql: str, dialect: str) -> exp.Create:
    (statement,) = sqlglot.parse(sql, dialect=dialect)
    assert isinstance(statement, exp.Create)
    return statement


def read_by(statement: exp.Create) -> set[str]:
    """The tables and views that a statement reads, as it names them."""
    inner = {cte.alias for cte in statement.find_all(exp.CTE)}
    tables = statement.expression.find_all(exp.Table)
    return {".".join(part.name for part in table.parts) for table in tables} - inner


def rests_on(statement: exp.Create) -> set[str]:
    """The tables that a statement reads, by itself or through views."""
    read = read_by(statement)
    through = [rests_on(created(VIEWS[name].sql, "duckdb")) for name in read & VIEWS.keys()]
    return (read & TABLES.keys()).union(*through)


def test_every_file_is_a_view_and_every_view_a_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.sql")} == set(VIEWS)
    assert {path.stem for path in FOLDER.glob("bigquery/*.sql")} <= set(VIEWS)


def test_the_page_is_current() -> None:
    assert (FOLDER.parents[1] / "docs" / "views.md").read_text() == page()


@ALL
def test_a_view_says_what_it_is(name: str) -> None:
    view = VIEWS[name]
    assert view.title
    assert not view.title.endswith(".")
    assert view.text
    assert view.columns


@ALL
def test_a_view_reads_tables_and_views_before_it(name: str) -> None:
    before = {*TABLES, *list(VIEWS)[: list(VIEWS).index(name)]}
    assert read_by(created(VIEWS[name].sql, "duckdb")) <= before


@ALL
def test_the_twin_reads_and_gives_the_same(name: str) -> None:
    view = VIEWS[name]
    ours, twin = created(view.sql, "duckdb"), created(view.bigquery, "bigquery")
    assert twin.this.name == name
    assert rests_on(twin) == rests_on(ours)
    assert twin.expression.named_selects == ours.expression.named_selects


@ALL
@pytest.mark.parametrize("dataset", ["news", "my-project.news"])
def test_the_statement_for_bigquery_names_everything_in_full(name: str, dataset: str) -> None:
    statement = created(VIEWS[name].statement_for_bigquery(dataset), "bigquery")
    plain = read_by(created(VIEWS[name].bigquery, "bigquery"))
    assert read_by(statement) == {f"{dataset}.{table}" for table in plain}
    assert ".".join(part.name for part in statement.this.parts) == f"{dataset}.{name}"


@ALL
def test_no_statement_is_broken_by_naming_in_full(name: str) -> None:
    plain = created(VIEWS[name].bigquery, "bigquery")
    full = created(VIEWS[name].statement_for_bigquery("news"), "bigquery")
    assert full.expression.named_selects == plain.expression.named_selects
