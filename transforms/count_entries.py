"""Fill in how many of a feed's entries were new; that is known only after the join."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam

from schemas.rows import Fetch


def with_new_entries(fetches: Iterable[Fetch], new: int) -> Iterator[Fetch]:
    """Give the number to the attempt that brought entries; the others keep null."""
    for fetch in fetches:
        brought = fetch.entries_seen is not None
        yield replace(fetch, entries_new=new) if brought else fetch


def _fill(group: Iterable[Fetch | int]) -> list[Fetch]:
    held = list(group)
    fetches = (item for item in held if isinstance(item, Fetch))
    return list(with_new_entries(fetches, sum(item for item in held if isinstance(item, int))))


@dataclass
class CountNewEntries(beam.PTransform):  # type: ignore[misc]
    """{`fetches`: Fetch of feeds, `new_entries`: (feed_url, count)} → PCollection[Fetch]."""

    def expand(self, inputs: Any) -> beam.PCollection:
        """Join by feed."""
        fetches = inputs["fetches"] | "KeyByFeed" >> beam.Map(
            lambda fetch: (fetch.feed_url or "", fetch)
        ).with_output_types(tuple[str, Any])
        return (
            [fetches, inputs["new_entries"]]
            | "Flatten" >> beam.Flatten()
            | "GroupByFeed" >> beam.GroupByKey()
            | "Fill" >> beam.FlatMap(lambda group: _fill(group[1]))
        )
