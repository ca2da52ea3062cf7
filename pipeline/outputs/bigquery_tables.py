"""The tables of a dataset: made where they are missing, widened where columns were added.

All of it happens before a run fetches anything. A table that is not newsbeam's is refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.api_core import exceptions
from google.cloud import bigquery

from pipeline.outputs.bigquery_client import REQUEST_S, RETRY
from pipeline.outputs.targets import DatasetAddress
from schemas.errors import OutputError
from schemas.tables import TABLES, Table, bigquery_schema

PARTITION = "ingest_date"
_SAME = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}

Field = Mapping[str, Any]  # as the service's JSON has it


@dataclass(frozen=True)
class TablePlan:
    """What has to be done to a table: make it, give it this schema, or nothing."""

    table: Table
    found: bigquery.Table | None
    fields: list[Field]  # the schema that it shall have
    missing: tuple[str, ...]  # columns, as paths


def prepare_dataset(client: bigquery.Client, address: DatasetAddress, location: str | None) -> None:
    """See that the dataset is there, in the location that was asked for."""
    name = f"{address.project}.{address.dataset}"
    try:
        found = client.get_dataset(name, retry=RETRY, timeout=REQUEST_S)
    except exceptions.NotFound as error:
        if location is None:
            raise OutputError(
                "there is no such dataset; look at its name, or say with --bigquery-location EU "
                "(or US, europe-west3 …) where to make it",
                str(address),
            ) from error
        dataset = bigquery.Dataset(name)
        dataset.location = location
        client.create_dataset(dataset, exists_ok=True, retry=RETRY, timeout=REQUEST_S)
        return
    if location is not None and found.location and found.location.lower() != location.lower():
        raise OutputError(
            f"the dataset lies in {found.location}, not in {location}; leave --bigquery-location "
            "out, or name another dataset",
            str(address),
        )


def prepare_tables(client: bigquery.Client, address: DatasetAddress) -> None:
    """Make or widen all tables; OutputError, with nothing done, where one is not newsbeam's."""
    plans = [_plan(client, address, table) for table in TABLES.values()]
    for plan in plans:
        if plan.found is None:
            table = new_table(address, plan.table)
            client.create_table(table, exists_ok=True, retry=RETRY, timeout=REQUEST_S)
        elif plan.missing:
            plan.found.schema = [bigquery.SchemaField.from_api_repr(f) for f in plan.fields]
            client.update_table(plan.found, ["schema"], retry=RETRY, timeout=REQUEST_S)


def new_table(address: DatasetAddress, table: Table) -> bigquery.Table:
    """Return a table as it is made: columns with descriptions, partitioned, clustered."""
    made = bigquery.Table(address.table(table.name), schema=schema_fields(table))
    made.description = table.description
    made.time_partitioning = bigquery.TimePartitioning(field=PARTITION)
    if table.cluster_by:
        made.clustering_fields = list(table.cluster_by)
    return made


def schema_fields(table: Table, *, staged: bool = False) -> list[bigquery.SchemaField]:
    """Return the columns of a table; `staged`: without the partition, as the files have them."""
    fields = bigquery_schema(table)["fields"]
    kept = [field for field in fields if not (staged and field["name"] == PARTITION)]
    return [bigquery.SchemaField.from_api_repr(field) for field in kept]


def _plan(client: bigquery.Client, address: DatasetAddress, table: Table) -> TablePlan:
    wanted: list[Field] = bigquery_schema(table)["fields"]
    try:
        found = client.get_table(address.table(table.name), retry=RETRY, timeout=REQUEST_S)
    except exceptions.NotFound:
        return TablePlan(table, None, wanted, ())
    held = [field.to_api_repr() for field in found.schema]
    problems = list(differences(held, wanted))
    partition = found.time_partitioning
    if partition is None or partition.field != PARTITION:
        problems.append(f"it is not partitioned by {PARTITION}")
    if problems:
        raise OutputError(
            f"the table is there and is not newsbeam's: {'; '.join(problems)}. Rename it, or name "
            "another dataset",
            f"{address}.{table.name}",
        )
    return TablePlan(table, found, widened(held, wanted), tuple(missing_columns(held, wanted)))


def differences(held: Iterable[Field], wanted: Iterable[Field], path: str = "") -> Iterator[str]:
    """Yield what stands in the way of writing rows with the wanted columns; [] where none does.

    Columns that the table lacks do not, unless they must have a value.
    """
    ours, theirs = _by_name(wanted), _by_name(held)
    for name in theirs:
        if name not in ours:
            yield f"column {path}{name} is unknown to this version"
    for name, field in ours.items():
        there = theirs.get(name)
        if there is None:
            if field["mode"] == "REQUIRED":
                yield f"column {path}{name} is missing"
            continue
        if _type(there) != _type(field):
            yield f"column {path}{name} is {_type(there)}, not {_type(field)}"
        elif (_mode(there) == "REPEATED") != (_mode(field) == "REPEATED"):
            yield f"column {path}{name} is {_mode(there)}, not {_mode(field)}"
        elif _mode(there) == "REQUIRED" and _mode(field) == "NULLABLE":
            yield f"column {path}{name} must have a value there, and may lack one here"
        yield from differences(there.get("fields", ()), field.get("fields", ()), f"{path}{name}.")


def missing_columns(
    held: Iterable[Field], wanted: Iterable[Field], path: str = ""
) -> Iterator[str]:
    """Yield the paths of the columns that a table lacks."""
    theirs = _by_name(held)
    for field in wanted:
        there = theirs.get(field["name"])
        if there is None:
            yield f"{path}{field['name']}"
        else:
            nested = field.get("fields", ())
            yield from missing_columns(there.get("fields", ()), nested, f"{path}{field['name']}.")


def widened(held: Iterable[Field], wanted: Iterable[Field]) -> list[Field]:
    """Return the table's columns in their order, with what is missing after them."""
    ours = _by_name(wanted)
    fields: list[Field] = []
    for there in held:
        nested = widened(there.get("fields", ()), ours[there["name"]].get("fields", ()))
        fields.append({**there, "fields": nested} if nested else there)
    known = _by_name(fields)
    return fields + [field for name, field in ours.items() if name not in known]


def _by_name(fields: Iterable[Field]) -> dict[str, Field]:
    return {field["name"]: field for field in fields}


def _type(field: Field) -> str:
    return str(_SAME.get(field["type"], field["type"]))


def _mode(field: Field) -> str:
    return str(field.get("mode") or "NULLABLE")
