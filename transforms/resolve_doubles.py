"""Two addresses, one article: keep one set of rows and bring its feed references together.

That two feed links lead to the same article is only known after both were fetched, when the rows
already lie in temporary files. Bodies never cross a shuffle, so signatures do, and the few files
that hold a double are written again without it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics

from schemas.tables import TABLES, arrow_schema, to_record
from transforms.parquet_files import RowFile, StagedFile, new_path, read_records
from transforms.redact import redact_record
from transforms.stage_rows import Signature


@dataclass(frozen=True)
class Change:
    """What is to be done with one article's rows in the files of one group."""

    group: str
    article_id: str
    keep: Signature | None  # None: drop the rows; else the merged references and address


def resolve(signatures: Iterable[Signature]) -> Iterator[Change]:
    """Say what is to be done with the sets of rows of one article; nothing where there is one.

    The request with the smallest key wins, so that the order in which pages arrived is no matter.
    """
    first, *others = sorted(signatures, key=lambda signature: (signature.key, signature.group))
    if not others:
        return
    refs = sorted(
        {ref for signature in (first, *others) for ref in signature.feed_refs},
        key=lambda ref: (ref.feed_url, ref.entry_id, ref.link or ""),
    )
    yield Change(first.group, first.article_id, replace(first, feed_refs=tuple(refs)))
    for other in others:
        yield Change(other.group, other.article_id, None)


def rewrite(staged: StagedFile, changes: dict[str, Change], folder: str) -> StagedFile:
    """Write a file again with the changes that concern it; the old one is left behind."""
    file = RowFile(new_path(folder, staged.table), arrow_schema(TABLES[staged.table]))
    for record in read_records(staged.path):
        change = changes.get(record["article_id"])
        if change is None:
            file.write(record)
        elif change.keep is not None:
            file.write(_merged(record, change.keep, staged.table))
    file.close()
    return StagedFile(staged.table, file.path, file.rows, staged.group)


def _merged(record: dict[str, Any], keep: Signature, table: str) -> dict[str, Any]:
    if table != "articles":
        return record
    merged = {**record, "feed_refs": [to_record(ref) for ref in keep.feed_refs]}
    return redact_record(table, merged)


class _Apply(beam.DoFn):  # type: ignore[misc]
    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._doubles = Metrics.counter("newsbeam", "files_with_doubles")

    def process(self, staged: StagedFile, changes: list[Change]) -> Iterator[StagedFile]:
        mine = {change.article_id: change for change in changes if change.group == staged.group}
        if not mine:
            yield staged
            return
        self._doubles.inc()
        yield rewrite(staged, mine, self._folder)


@dataclass
class ResolveDoubles(beam.PTransform):  # type: ignore[misc]
    """{`signatures`, `files`} of the staged articles → PCollection[StagedFile] without doubles."""

    folder: str

    def expand(self, inputs: Any) -> beam.PCollection:
        """Group signatures by article; the changes go to the files as a side input."""
        changes = (
            inputs["signatures"]
            | "KeyByArticle" >> beam.Map(lambda signature: (signature.article_id, signature))
            | "GroupByArticle" >> beam.GroupByKey()
            | "Resolve" >> beam.FlatMap(lambda group: resolve(group[1]))
        )
        return inputs["files"] | "ApplyChanges" >> beam.ParDo(
            _Apply(self.folder), beam.pvalue.AsList(changes)
        )
