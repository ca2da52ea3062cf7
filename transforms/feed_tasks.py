"""Hand the feeds that are due to the workers: one file a slot, so that nothing is shuffled."""

from collections.abc import Iterable, Iterator

from schemas.arrow_rows import from_record, schema_of
from schemas.state import FeedTask
from schemas.tables import to_record
from transforms.parquet_files import RowFile, read_records
from transforms.urls import host_slot

FOLDER = "tasks"


def write_tasks(folder: str, tasks: Iterable[FeedTask], slots: int) -> tuple[tuple[str, str], ...]:
    """Deal tasks to slots by host, so that one worker alone talks to a host.

    Return the slots that have something to do, each with the path of its tasks.
    """
    files: dict[str, RowFile] = {}
    for task in tasks:
        slot = host_slot(task.state.fetch_url, slots)
        if slot not in files:
            files[slot] = RowFile(f"{folder}/{FOLDER}/{slot}.parquet", schema_of(FeedTask))
        files[slot].write(to_record(task))
    for file in files.values():
        file.close()
    return tuple((slot, file.path) for slot, file in sorted(files.items()))


def read_tasks(path: str) -> Iterator[FeedTask]:
    """Yield the tasks of one slot."""
    for record in read_records(path):
        yield from_record(FeedTask, record)
