"""Pages out of WARC files instead of the network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.metrics import Metrics

from schemas.errors import ElementError, UsageError
from transforms.archive.read import ArchiveRange, PageRecord, list_pages, read_page, split_file
from transforms.failures import failure_row

STAGE = "read_archive"
FAILURES = "failures"


@dataclass(frozen=True)
class Archive:
    """WARC files to read."""

    pattern: str  # that named them
    ranges: tuple[ArchiveRange, ...]

    @property
    def folder(self) -> str:
        """The folder below which `raw_ref` is given."""
        return fixed_folder(self.pattern)

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(part.end - part.start for part in self.ranges)

    def __str__(self) -> str:
        files = len({part.path for part in self.ranges})
        return (
            f"{self.pattern} ({files} file{'' if files == 1 else 's'}, {self.bytes / 1e6:.1f} MB)"
        )


def find_archive(pattern: str) -> Archive:
    """Return the files that match a glob, cut into ranges; UsageError where none does."""
    try:
        (match,) = FileSystems.match([pattern])
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be listed: {error}", pattern) from error
    files = sorted((metadata.path, metadata.size_in_bytes) for metadata in match.metadata_list)
    if not files:
        raise UsageError(
            "no such WARC file; quote the pattern, as in 'archive/**.warc.gz'", pattern
        )
    parts = tuple(part for path, size in files for part in split_file(path, size))
    return Archive(pattern, parts)


def fixed_folder(pattern: str) -> str:
    """The folder in a glob before its first wildcard."""
    return re.split(r"[*?\[{]", pattern)[0].rpartition("/")[0]


def newest_record(records: Iterable[PageRecord]) -> PageRecord:
    """The last record of a page."""
    return max(records, key=lambda record: record.age_key)


@dataclass
class ReadArchive(beam.PTransform):  # type: ignore[misc]
    """PCollection[ArchiveRange] → `pages` (Page), `failures` (Failure).

    Of each address the newest page comes. What is shuffled is where records stand, never a body;
    a range is read twice, first for its headers.
    """

    folder: str  # of the archive
    run_id: str
    limit: int | None = None  # pages, the newest

    def expand(self, ranges: beam.PCollection) -> Any:
        """List, keep the newest, read."""
        listed = (
            ranges
            | "DealRanges" >> beam.Reshuffle()
            | "ListPages"
            >> beam.ParDo(_ListPages(self.run_id)).with_outputs(FAILURES, main="records")
        )
        records = (
            listed.records
            | "KeyByPage" >> beam.Map(lambda record: (record.key, record))
            | "GroupByPage" >> beam.GroupByKey()
            | "KeepNewest" >> beam.MapTuple(lambda _, records: newest_record(records))
        )
        if self.limit is not None:
            records = (
                records
                | "Limit" >> beam.combiners.Top.Of(self.limit, key=lambda record: record.age_key)
                | "Unpack" >> beam.FlatMap(lambda kept: kept)
            )
        read = (
            records
            | "DealRecords" >> beam.Reshuffle()
            | "ReadPages"
            >> beam.ParDo(_ReadPages(self.folder, self.run_id)).with_outputs(FAILURES, main="pages")
        )
        failures = [listed.failures, read.failures] | "FlattenFailures" >> beam.Flatten()
        return {"pages": read.pages, FAILURES: failures}


class _ListPages(beam.DoFn):  # type: ignore[misc]
    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._listed = Metrics.counter("newsbeam", "archive_pages")

    def process(self, part: ArchiveRange) -> Iterator[Any]:
        try:
            for record in list_pages(part):
                self._listed.inc()
                yield record
        except (ElementError, OSError) as error:
            failure = failure_row(self._run_id, STAGE, f"{part.path}#{part.start}", error)
            yield beam.pvalue.TaggedOutput(FAILURES, failure)


class _ReadPages(beam.DoFn):  # type: ignore[misc]
    def __init__(self, folder: str, run_id: str) -> None:
        self._folder = folder
        self._run_id = run_id

    def process(self, record: PageRecord) -> Iterator[Any]:
        try:
            yield read_page(record, self._folder)
        except (ElementError, OSError) as error:
            failure = failure_row(self._run_id, STAGE, record.url, error)
            yield beam.pvalue.TaggedOutput(FAILURES, failure)
