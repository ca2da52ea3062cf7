"""What `--output` and `--state` name: where the files lie, and which datasets get the rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import UsageError

FILE_LOADS, STREAMING_INSERTS, STORAGE_WRITE_API = METHODS = (
    "FILE_LOADS",
    "STREAMING_INSERTS",
    "STORAGE_WRITE_API",
)
_SCHEME = "bq://"
_ADDRESS = re.compile(
    r"bq://(?P<project>(?:[a-z0-9.-]+:)?[a-z](?:[a-z0-9-]*[a-z0-9])?)\.(?P<dataset>\w+)/?", re.ASCII
)


@dataclass(frozen=True)
class DatasetAddress:
    """A dataset of BigQuery."""

    project: str
    dataset: str

    def __str__(self) -> str:
        return f"{_SCHEME}{self.project}.{self.dataset}"

    def table(self, name: str) -> str:
        """Return the id of one of its tables, as the client takes it."""
        return f"{self.project}.{self.dataset}.{name}"


@dataclass(frozen=True)
class BigQueryOptions:
    """Which datasets get the committed runs, and how."""

    addresses: tuple[DatasetAddress, ...] = ()
    method: str = FILE_LOADS
    location: str | None = None  # where a dataset is made that is missing; None: it must be there


@dataclass(frozen=True)
class Targets:
    """Where a run writes."""

    root: str  # folder or address of files, staging, state and commit records
    datasets: tuple[DatasetAddress, ...] = ()
    keeps_files: bool = True  # False: the files are only kept until the datasets have them


def choose_targets(outputs: Sequence[str], state: str | None) -> Targets:
    """Tell files from datasets; UsageError where there is no place for the state, or two."""
    datasets = tuple(
        dict.fromkeys(parse_address(text) for text in outputs if text.startswith(_SCHEME))
    )
    folders = [text for text in outputs if not text.startswith(_SCHEME)]
    if len(folders) > 1:
        raise UsageError(
            f"--output names two places for files ({', '.join(folders)}); give one, besides any "
            f"{_SCHEME}PROJECT.DATASET"
        )
    if folders and state is not None:
        raise UsageError(
            f"the state lies in {folders[0]}, with the tables' files; leave --state out, or "
            f"--output {folders[0]}"
        )
    if not folders and state is None:
        raise UsageError(
            f"{datasets[0]} holds rows alone: say with --state PATH (a folder or gs://BUCKET/DIR) "
            "where the state and the staged files go, or add --output PATH to keep files as well",
        )
    return Targets(folders[0] if folders else str(state), datasets, keeps_files=bool(folders))


def parse_address(text: str) -> DatasetAddress:
    """Read bq://PROJECT.DATASET."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise UsageError("is no dataset; write it as bq://PROJECT.DATASET", text)
    return DatasetAddress(found["project"], found["dataset"])
