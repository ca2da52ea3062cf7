"""Serve the package `bqemulator` and print its address: `python -m tests.emulators.bigquery ROOT`.

ROOT is the folder in which the storage emulator keeps its buckets. Mended here, for this process,
to be as BigQuery is: DuckDB's extensions are not loaded (they come from the network); names of
nested fields are quoted (`end` is a word of SQL); Parquet columns are matched by name, and none is
read out of the path; columns that a changed schema adds are added to the table, too; lists of
records come through a stream.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from bqemulator.storage import type_map
from bqemulator.storage.engine import DuckDBEngine

_columns = type_map.bq_schema_to_duckdb_columns


def _quoted(fields: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return _columns([{**f, "fields": [_quote(n) for n in f.get("fields", [])]} for f in fields])


def _quote(field: dict[str, Any]) -> dict[str, Any]:
    return {**field, "name": '"' + field["name"] + '"'}


def _load_parquet(path: str, target: str, ctx: Any) -> None:
    rows = "SELECT * FROM read_parquet(?, hive_partitioning = false)"
    ctx.engine.execute(f"INSERT INTO {target} BY NAME {rows}", [path])


def _mend() -> None:
    """Change the package before its server is imported, which takes these functions over."""
    type_map.bq_schema_to_duckdb_columns = _quoted
    DuckDBEngine._load_spatial = lambda self: None
    from bqemulator.api.routes import tables
    from bqemulator.catalog.memory_repository import MemoryCatalogRepository
    from bqemulator.grpc_api import write_servicer
    from bqemulator.jobs import executor

    executor._LOAD_FORMAT_HANDLERS["PARQUET"] = _load_parquet
    write_servicer._align_to_target = lambda table, schema: table
    update = MemoryCatalogRepository.update_table

    def update_table(self: Any, meta: Any) -> Any:
        held = self.get_table(meta.project_id, meta.dataset_id, meta.table_id)
        known = {field.name for field in held.schema_.fields}
        added = [f for f in meta.schema_.fields if f.name not in known]
        target = tables.quoted_table_ref(meta.project_id, meta.dataset_id, meta.table_id)
        for name, kind in _quoted([tables._field_to_rest(field) for field in added]):
            self._engine.execute(f'ALTER TABLE {target} ADD COLUMN "{name}" {kind}')
        return update(self, meta)

    MemoryCatalogRepository.update_table = update_table


async def _serve(root: str) -> None:
    from bqemulator.config import PersistenceMode, Settings
    from bqemulator.server import EmulatorServer

    settings = Settings(
        persistence_mode=PersistenceMode.EPHEMERAL,
        rest_port=0,
        grpc_port=0,
        gcs_local_root=Path(root),
        enable_format_extensions=False,
    )
    server = EmulatorServer(settings)
    await server.start()
    print(server.rest_url, server.grpc_endpoint, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    _mend()
    asyncio.run(_serve(sys.argv[1]))
