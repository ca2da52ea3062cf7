"""The tables, and what follows from their row classes: Arrow, BigQuery, dictionary."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import pyarrow as pa

from schemas import rows


@dataclass(frozen=True)
class Table:
    """A table: its name, the class of its rows, and how BigQuery lays it out."""

    name: str
    row: type
    description: str
    cluster_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column as every output needs it: `kind` is string, integer, float, boolean, timestamp or
    record; a record has `fields`."""

    name: str
    kind: str
    nullable: bool
    repeated: bool
    description: str
    fields: tuple["Column", ...] = ()


_TABLES = (
    Table("articles", rows.Article, "One row a revision of an article", ("canonical_domain",)),
    Table("entities", rows.Entity, "One row an entity of an article"),
    Table("mentions", rows.Mention, "One row a span that names or refers to an entity"),
    Table("quotes", rows.Quote, "One row an utterance and its speaker", ("speaker_canonical",)),
    Table("fetches", rows.Fetch, "One row an attempt to retrieve something; append-only"),
    Table("runs", rows.Run, "One row a run"),
    Table("failures", rows.Failure, "One row an element that could not be processed"),
)
TABLES: Mapping[str, Table] = types.MappingProxyType({table.name: table for table in _TABLES})

_KINDS = {str: "string", int: "integer", float: "float", bool: "boolean", datetime: "timestamp"}
_ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
_BIGQUERY = {
    "string": "STRING",
    "integer": "INTEGER",
    "float": "FLOAT",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "record": "RECORD",
}


def table_of(row: Any) -> Table:
    """Return the table that a row belongs to; KeyError for anything that is no row."""
    return _BY_ROW[type(row)]


_BY_ROW = {table.row: table for table in _TABLES}


@cache
def columns(row: type) -> tuple[Column, ...]:
    """Return the columns of a row class in order."""
    hints = typing.get_type_hints(row)
    return tuple(
        _column(field.name, hints[field.name], field.metadata["description"])
        for field in dataclasses.fields(row)
    )


def _column(name: str, hint: Any, description: str) -> Column:
    nullable = repeated = False
    if isinstance(hint, types.UnionType):
        (hint,) = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        nullable = True
    if typing.get_origin(hint) is tuple:
        hint = typing.get_args(hint)[0]
        repeated = True
    if dataclasses.is_dataclass(hint):
        nested = columns(typing.cast(type, hint))
        return Column(name, "record", nullable, repeated, description, nested)
    return Column(name, _KINDS[hint], nullable, repeated, description)


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """Return the Parquet schema; `ingest_date` stands in the path and is not in it."""
    return pa.schema([_arrow_field(column) for column in columns(table.row)])


def _arrow_field(column: Column) -> pa.Field:
    if column.kind == "record":
        kind = pa.struct([_arrow_field(field) for field in column.fields])
    else:
        kind = _ARROW[column.kind]
    if column.repeated:
        kind = pa.list_(pa.field("element", kind, nullable=False))
    metadata = {"description": column.description}
    return pa.field(column.name, kind, nullable=column.nullable, metadata=metadata)


def bigquery_schema(table: Table) -> dict[str, Any]:
    """Return the schema as BigQuery's JSON, with `ingest_date` as the last column."""
    fields = [_bigquery_field(column) for column in columns(table.row)]
    fields.append(
        {
            "name": "ingest_date",
            "type": "DATE",
            "mode": "NULLABLE",
            "description": "Day of the run's start, UTC; the table is partitioned by it",
        }
    )
    return {"fields": fields}


def _bigquery_field(column: Column) -> dict[str, Any]:
    mode = "REPEATED" if column.repeated else "NULLABLE" if column.nullable else "REQUIRED"
    field: dict[str, Any] = {
        "name": column.name,
        "type": _BIGQUERY[column.kind],
        "mode": mode,
        "description": column.description,
    }
    if column.fields:
        field["fields"] = [_bigquery_field(nested) for nested in column.fields]
    return field


def dictionary(table: Table) -> str:
    """Return the table's part of the data dictionary as Markdown."""
    lines = [f"## {table.name}", "", f"{table.description}.", "", "| column | type | meaning |"]
    lines.append("|---|---|---|")
    for column in columns(table.row):
        lines.append(f"| `{column.name}` | {type_name(column)} | {column.description} |")
    lines.append("| `ingest_date` | date | Day of the run's start, UTC; stands in the path |")
    return "\n".join(lines) + "\n"


def type_name(column: Column) -> str:
    """Return the column's type in words, such as `list of record(start, end)`."""
    name = column.kind
    if column.fields:
        name += f"({', '.join(field.name for field in column.fields)})"
    if column.repeated:
        name = f"list of {name}"
    return f"{name}, nullable" if column.nullable else name


def to_record(row: Any) -> dict[str, Any]:
    """Return a row as plain dicts and lists, ready for Arrow and JSON."""
    return {field.name: _plain(getattr(row, field.name)) for field in dataclasses.fields(row)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return to_record(value)
    return value
