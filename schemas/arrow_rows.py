"""Arrow schemas of plain frozen dataclasses, and the way back from Arrow's records to them."""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

import pyarrow as pa

Row = TypeVar("Row")

_ARROW = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    datetime: pa.timestamp("us", tz="UTC"),
}


@cache
def schema_of(row: type) -> pa.Schema:
    """Return the Arrow schema of a dataclass; all columns are nullable: some may be added."""
    hints = typing.get_type_hints(row)
    return pa.schema([pa.field(f.name, _arrow(hints[f.name])) for f in dataclasses.fields(row)])


def from_record(row: type[Row], record: Mapping[str, Any]) -> Row:
    """Make a row of what Arrow gives; columns that it does not have yet take their defaults."""
    kind: Any = row
    make, names = _makers(kind), _names(kind)
    fields = {
        name: make[name](value) if name in make else value
        for name, value in record.items()
        if name in names
    }
    return row(**fields)


def _arrow(hint: Any) -> pa.DataType:
    hint = _without_none(hint)
    if typing.get_origin(hint) is tuple:
        return pa.list_(_arrow(typing.get_args(hint)[0]))
    if dataclasses.is_dataclass(hint):
        return pa.struct(list(schema_of(cast(type, hint))))
    return _ARROW[hint]


@cache
def _names(row: type) -> frozenset[str]:
    return frozenset(f.name for f in dataclasses.fields(row))


@cache
def _makers(row: type) -> dict[str, Callable[[Any], Any]]:
    """How to make the values that Arrow does not give as they have to be."""
    hints = typing.get_type_hints(row)
    made = {name: _maker(hints[name]) for name in _names(row)}
    return {name: make for name, make in made.items() if make is not None}


def _maker(hint: Any) -> Callable[[Any], Any] | None:
    hint = _without_none(hint)
    if typing.get_origin(hint) is tuple:
        one = _maker(typing.get_args(hint)[0])
        return lambda values: tuple(values or ()) if one is None else tuple(map(one, values or ()))
    if dataclasses.is_dataclass(hint):
        return lambda value: from_record(cast(type, hint), value)
    return None


def _without_none(hint: Any) -> Any:
    if not isinstance(hint, types.UnionType):
        return hint
    (only,) = [arg for arg in typing.get_args(hint) if arg is not types.NoneType]
    return only
