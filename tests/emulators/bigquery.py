"""Serve the package `bqemulator` and print its address: `python -m tests.emulators.bigquery ROOT`.

ROOT is the folder in which the storage emulator keeps its buckets. Mended here, for this process:
DuckDB's extensions are not loaded (they come from the network), names of nested fields are quoted
(`end` is a word of SQL), and a job id counts once, as BigQuery has it.
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
    print(server.rest_url, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    type_map.bq_schema_to_duckdb_columns = _quoted
    DuckDBEngine._load_spatial = lambda self: None
    asyncio.run(_serve(sys.argv[1]))
