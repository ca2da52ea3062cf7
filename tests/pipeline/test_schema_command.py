"""`newsbeam schema` as a user meets it."""

from pathlib import Path

import duckdb
import pytest
import sqlglot

from pipeline.cli import main
from schemas.tables import TABLES, arrow_schema
from schemas.views import VIEWS


@pytest.mark.parametrize("name", ["articles", "current_quotes"])
def test_the_dictionary_names_the_table_and_its_columns(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", name]) == 0
    assert capsys.readouterr().out.startswith(f"## {name}\n")


def test_views_are_statements_for_bigquery(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "views", "--format", "bigquery", "--dataset", "p-1.news"]) == 0
    out = capsys.readouterr().out
    statements = sqlglot.parse(out, dialect="bigquery")
    assert [s.this.name for s in statements if s is not None] == list(VIEWS)
    assert out.count("`p-1.news.current_articles`") > 1


def test_what_is_printed_for_duckdb_makes_tables_and_views(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as connection:
        for name, table in TABLES.items():
            folder = tmp_path / name / "ingest_date=2026-11-24"
            folder.mkdir(parents=True)
            connection.register("columns_of", arrow_schema(table).empty_table())
            connection.execute(f"copy (from columns_of) to '{folder}/part-1.parquet'")
        assert main(["schema", "--format", "duckdb"]) == 0
        assert main(["schema", "views", "--format", "duckdb"]) == 0
        connection.execute(capsys.readouterr().out)
        for name in VIEWS:
            assert connection.execute(f"from {name}").fetchall() == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["nowhere"], "current_quotes"), (["gqg", "--format", "arrow"], "duckdb")],
)
def test_what_there_is_not_is_said(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", *arguments]) == 2
    assert word in capsys.readouterr().err
