"""How a row class says what its columns mean: one description beside each field."""

import dataclasses
from typing import Any


def column(description: str, *, default: Any = dataclasses.MISSING) -> Any:
    """Declare one column; the description goes into the data dictionary and BigQuery."""
    return dataclasses.field(default=default, metadata={"description": description})
