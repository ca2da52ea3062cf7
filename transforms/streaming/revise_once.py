"""Give each article its revision: one worker at a time looks at one article, whatever led to it.

Two addresses may turn out to be one article; that is known when both pages were read. So what is
known lies in the engine's state by the article's id, and articles are brought there with their
text: of all stages here, this alone shuffles texts. A pass resolves doubles after writing instead,
as a local GroupByKey holds all of its input in memory; a keyed state takes them one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import apache_beam as beam
from apache_beam.coders import PickleCoder
from apache_beam.metrics import Metrics
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec, TimerSpec, on_timer

from schemas.flow import KnownArticle
from transforms.annotate_articles import Revision, decide_revision, remember
from transforms.extract_articles import ExtractedArticle
from transforms.find_state import ArticleIndex
from transforms.state import StateFiles
from transforms.streaming.committed import Committed, InFlight
from transforms.streaming.plan import StreamPlan, by_name
from transforms.streaming.windows import moment_of, stamp

KEPT = "kept"
FORGET_AFTER = timedelta(hours=6)  # much longer than a window takes to be committed


def in_flight(revision: Revision, run_id: str) -> InFlight | None:
    """Return what is to be remembered until the window is committed; None: nothing new."""
    if revision.article is not None:
        return InFlight(run_id, remember(revision.article, revision.article.article))
    if revision.remembered is not None:
        return InFlight(run_id, revision.remembered)
    return None


class _ReviseOnce(beam.DoFn):  # type: ignore[misc]
    """(article_id, ExtractedArticle) → the same with its revision; tagged `kept`: KnownArticle."""

    HELD = ReadModifyWriteStateSpec("held", PickleCoder())
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan
        self._unchanged = Metrics.counter("newsbeam", "articles_unchanged")

    def setup(self) -> None:
        self._committed = Committed(self._plan.look)
        self._index = ArticleIndex(StateFiles())

    def process(
        self,
        element: tuple[str, ExtractedArticle],
        at: Any = beam.DoFn.TimestampParam,
        held: Any = beam.DoFn.StateParam(HELD),
        forget: Any = beam.DoFn.TimerParam(FORGET),
    ) -> Iterator[Any]:
        article_id, extracted = element
        before: InFlight | None = held.read()
        known = self._known(article_id, before)
        decided = decide_revision(extracted, known, self._plan.lineage.model_version)
        now = moment_of(at)
        left = in_flight(decided, self._plan.windows.run(now).value)
        if left is not None:
            held.write(left)
            forget.set(stamp(now + FORGET_AFTER))
        if decided.article is not None:
            yield decided.article
        elif decided.remembered is not None:
            self._unchanged.inc()
            yield beam.pvalue.TaggedOutput(KEPT, decided.remembered)

    @on_timer(FORGET)  # type: ignore[untyped-decorator]
    def forget(self, held: Any = beam.DoFn.StateParam(HELD)) -> None:
        held.clear()

    def _known(self, article_id: str, before: InFlight | None) -> KnownArticle | None:
        if before is not None and not self._committed.has(before.run_id):
            return before.known
        return self._committed.ask(lambda files: self._index_of(files).find(article_id))

    def _index_of(self, files: StateFiles) -> ArticleIndex:
        if files != self._index.files:
            self._index = ArticleIndex(files)
        return self._index


@dataclass
class ReviseOnce(beam.PTransform):  # type: ignore[misc]
    """PCollection[(article_id, ExtractedArticle)] → `articles` (new or changed) and `kept`."""

    plan: StreamPlan

    def expand(self, extracted: beam.PCollection) -> Any:
        """Wire the decision."""
        work = beam.ParDo(_ReviseOnce(self.plan))
        return (
            extracted | "ByName" >> by_name() | "Revise" >> work.with_outputs(KEPT, main="articles")
        )
