"""Print the tables as Terraform makes them: descriptions, clustering, columns.

python deploy/dataflow/tables.py > deploy/dataflow/terraform/tables.json
"""

import json
from typing import Any

from schemas.tables import TABLES, bigquery_schema


def tables() -> dict[str, dict[str, Any]]:
    """Return all tables by name, from their one definition in `schemas/`."""
    return {
        name: {
            "description": table.description,
            "clustering": list(table.cluster_by),
            "schema": bigquery_schema(table)["fields"],
        }
        for name, table in TABLES.items()
    }


if __name__ == "__main__":
    print(json.dumps(tables(), indent=1))
