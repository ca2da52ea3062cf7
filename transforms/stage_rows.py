"""Write rows to temporary Parquet files in the stage that makes them.

A bundle may be run twice anywhere, so every bundle writes files of its own under new names and says
which at its end; only files that a bundle has said, and that the manifest lists, are committed.
The stock sinks of Beam lose rows on a local disk (see the notes on Beam 2.77 in ARCHITECTURE.md).
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.timestamp import MIN_TIMESTAMP
from apache_beam.utils.windowed_value import WindowedValue

from schemas.flow import AnnotatedArticle, ArticleRequest
from schemas.rows import Article, FeedRef
from schemas.tables import TABLES, arrow_schema, table_of, to_record
from transforms.parquet_files import RowFile, StagedFile, new_path
from transforms.redact import redact_record


@dataclass(frozen=True)
class Signature:
    """What is shuffled of an article that was written: enough to find doubles and to keep state."""

    article_id: str
    key: str  # of the request that led to it
    group: str  # of the files that hold its rows
    original_url: str | None
    feed_refs: tuple[FeedRef, ...]


@dataclass
class StagedTables:
    """The open files of one bundle, by table and generation.

    The rows of one article stand in one generation; an article that comes a second time within a
    bundle goes into the next, so that `group` and `article_id` always name one set of rows.
    """

    folder: str
    _bundle: str = field(default_factory=lambda: uuid.uuid4().hex)
    _files: dict[tuple[str, int], RowFile] = field(default_factory=dict)
    _seen: Counter[str] = field(default_factory=Counter)

    def write_row(self, row: Any, generation: int = 0) -> None:
        """Write one row to the file of its table."""
        table = table_of(row)
        size = len(row.text_content) if isinstance(row, Article) else 200
        record = redact_record(table.name, to_record(row))
        self._file(table.name, generation).write(record, size)

    def write_article(self, annotated: AnnotatedArticle) -> str:
        """Write an article with all that hangs on it; return the group of its files."""
        article = annotated.article
        generation = self._seen[article.article_id]
        self._seen[article.article_id] += 1
        for row in (article, *annotated.entities, *annotated.mentions, *annotated.quotes):
            self.write_row(row, generation)
        return self._group(generation)

    def close(self) -> Iterator[StagedFile]:
        """Close all files and yield them."""
        for (table, generation), file in self._files.items():
            file.close()
            yield StagedFile(table, file.path, file.rows, self._group(generation))

    def _group(self, generation: int) -> str:
        return f"{self._bundle}-{generation}"

    def _file(self, table: str, generation: int) -> RowFile:
        file = self._files.get((table, generation))
        if file is None:
            file = RowFile(new_path(self.folder, table), arrow_schema(TABLES[table]))
            self._files[table, generation] = file
        return file


class _Staging(beam.DoFn):  # type: ignore[misc]
    """What both writers share: files are opened with a bundle and closed with it."""

    FILES = "files"

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._tables = StagedTables(folder)

    def start_bundle(self) -> None:
        self._tables = StagedTables(self._folder)

    def _close(self) -> Iterator[WindowedValue]:
        for staged in self._tables.close():
            yield WindowedValue(staged, MIN_TIMESTAMP, [GlobalWindow()])


class _StageRows(_Staging):
    def process(self, row: Any) -> None:
        self._tables.write_row(row)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        yield from self._close()


class _StageArticles(_Staging):
    def process(self, element: tuple[AnnotatedArticle, ArticleRequest]) -> Iterator[Signature]:
        annotated, request = element
        group = self._tables.write_article(annotated)
        article = annotated.article
        yield Signature(
            article.article_id, request.key, group, article.original_url, article.feed_refs
        )

    def finish_bundle(self) -> Iterator[Any]:
        for value in self._close():
            yield beam.pvalue.TaggedOutput(self.FILES, value)


@dataclass
class StageRows(beam.PTransform):  # type: ignore[misc]
    """PCollection of rows of any table → PCollection[StagedFile]."""

    folder: str

    def expand(self, rows: beam.PCollection) -> beam.PCollection:
        """Wire the writer."""
        return rows | "WriteRows" >> beam.ParDo(_StageRows(self.folder))


@dataclass
class StageArticles(beam.PTransform):  # type: ignore[misc]
    """PCollection[(AnnotatedArticle, ArticleRequest)] → `signatures` and `files`."""

    folder: str

    def expand(self, articles: beam.PCollection) -> Any:
        """Wire the writer."""
        return articles | "WriteArticles" >> beam.ParDo(_StageArticles(self.folder)).with_outputs(
            _Staging.FILES, main="signatures"
        )
