import dataclasses
import json

import pyarrow as pa
import pytest

from schemas.rows import Candidate, FeedRef, Span
from schemas.tables import (
    TABLES,
    arrow_schema,
    bigquery_schema,
    columns,
    dictionary,
    table_of,
    to_record,
    type_name,
)
from tests.rows import ROWS, quote

TABLE_NAMES = sorted(TABLES)


def test_tables_are_those_of_the_design() -> None:
    expected = "articles entities failures fetches mentions quotes runs"
    assert " ".join(TABLE_NAMES) == expected


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_every_column_says_what_it_means(name: str) -> None:
    assert all(column.description for column in columns(TABLES[name].row))


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_every_table_carries_run_id(name: str) -> None:
    assert "run_id" in arrow_schema(TABLES[name]).names


@pytest.mark.parametrize("name", ["articles", "entities", "mentions", "quotes"])
def test_what_hangs_on_articles_carries_its_lineage(name: str) -> None:
    wanted = {"article_id", "revision", "pipeline_version", "model_version"}
    assert wanted <= set(arrow_schema(TABLES[name]).names)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_row_survives_arrow(name: str) -> None:
    row = ROWS[name]()
    table = pa.Table.from_pylist([to_record(row)], schema=arrow_schema(table_of(row)))
    assert table.to_pylist() == [to_record(row)]


def test_nested_columns_survive_arrow() -> None:
    row = quote(
        content_spans=(Span(start=1, end=4), Span(start=9, end=12)),
        candidates=(Candidate(speaker="Orr", probability=0.7),),
        flags=("negated",),
    )
    (record,) = pa.Table.from_pylist(
        [to_record(row)], schema=arrow_schema(TABLES["quotes"])
    ).to_pylist()
    assert record["content_spans"] == [{"start": 1, "end": 4}, {"start": 9, "end": 12}]
    assert record["candidates"] == [{"speaker": "Orr", "probability": 0.7}]
    assert record["flags"] == ["negated"]


def test_a_column_is_nullable_where_its_annotation_is() -> None:
    schema = arrow_schema(TABLES["articles"])
    assert not schema.field("text_content").nullable
    assert schema.field("title").nullable


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_bigquery_has_the_same_columns_and_the_partition(name: str) -> None:
    fields = bigquery_schema(TABLES[name])["fields"]
    assert [field["name"] for field in fields] == [*arrow_schema(TABLES[name]).names, "ingest_date"]
    assert all(field["description"] for field in fields)
    assert json.loads(json.dumps(fields)) == fields


def test_bigquery_modes_follow_from_the_annotations() -> None:
    fields = {field["name"]: field for field in bigquery_schema(TABLES["articles"])["fields"]}
    modes = {name: fields[name]["mode"] for name in ("text_content", "title", "authors")}
    assert modes == {"text_content": "REQUIRED", "title": "NULLABLE", "authors": "REPEATED"}
    nested = fields["feed_refs"]
    assert (nested["type"], nested["mode"]) == ("RECORD", "REPEATED")
    assert [field["name"] for field in nested["fields"]] == ["feed_url", "entry_id", "link"]


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_the_dictionary_names_every_column(name: str) -> None:
    text = dictionary(TABLES[name])
    names = [field.name for field in dataclasses.fields(TABLES[name].row)]
    assert all(f"| `{column}` |" in text for column in [*names, "ingest_date"])


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("text_content", "string"),
        ("title", "string, nullable"),
        ("authors", "list of string"),
        ("feed_refs", "list of record(feed_url, entry_id, link)"),
        ("ingested_at", "timestamp"),
    ],
)
def test_types_are_named_in_words(column: str, expected: str) -> None:
    by_name = {item.name: item for item in columns(TABLES["articles"].row)}
    assert type_name(by_name[column]) == expected


def test_a_feed_ref_without_link_is_a_record_with_null() -> None:
    assert to_record(FeedRef(feed_url="f", entry_id="1")) == {
        "feed_url": "f",
        "entry_id": "1",
        "link": None,
    }
