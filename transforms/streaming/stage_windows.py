"""Write articles to temporary files as they come: a bundle's articles of one window to one set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.utils.windowed_value import WindowedValue

from schemas.flow import AnnotatedArticle, ArticleRequest
from transforms.stage_rows import StagedTables
from transforms.streaming.plan import StreamPlan
from transforms.streaming.windows import moment_of


class _StageWindows(beam.DoFn):  # type: ignore[misc]
    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan
        self._tables: dict[Any, StagedTables] = {}

    def start_bundle(self) -> None:
        self._tables = {}

    def process(
        self,
        element: tuple[AnnotatedArticle, ArticleRequest],
        window: Any = beam.DoFn.WindowParam,
    ) -> None:
        if window not in self._tables:
            run = self._plan.windows.run(moment_of(window.start))
            self._tables[window] = StagedTables(self._plan.staging(run))
        self._tables[window].write_article(element[0])

    def finish_bundle(self) -> Iterator[WindowedValue]:
        for window, tables in self._tables.items():
            for file in tables.close():
                yield WindowedValue(file, window.max_timestamp(), [window])


@dataclass
class StageWindows(beam.PTransform):  # type: ignore[misc]
    """PCollection[(AnnotatedArticle, request)] in windows → PCollection[StagedFile] in the same."""

    plan: StreamPlan

    def expand(self, articles: beam.PCollection) -> beam.PCollection:
        """Wire the writer."""
        return articles | "WriteArticles" >> beam.ParDo(_StageWindows(self.plan))
