"""Decide which revision an article is, and annotate what is new."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.utils.shared import Shared
from spacy.language import Language

from schemas.errors import AnnotateError
from schemas.flow import AnnotatedArticle, KnownArticle, Lineage
from schemas.rows import Article
from transforms.extract_articles import ExtractedArticle
from transforms.failures import failure_row
from transforms.find_state import ArticleIndex
from transforms.join_known import merge_refs
from transforms.nlp.load import (
    annotate_texts,
    installed_version,
    load_pipeline,
    model_version,
)
from transforms.policy import is_outdated, next_revision
from transforms.state import StateFiles

MODEL_LANGUAGES = frozenset({"en"})


@dataclass(frozen=True)
class Model:
    """A language pipeline by name, loaded once a process, whoever asks for it.

    It stays loaded as long as somebody in the process holds what `acquire` returned.
    """

    name: str
    shared: Shared = field(default_factory=Shared)

    def acquire(self) -> Language:
        """Return the pipeline; raises ModelError where it is not installed."""
        nlp: Language = self.shared.acquire(lambda: _load_for_good(self.name))
        return nlp

    def version(self) -> str:
        """Return its name and version; loads it only where nothing else tells."""
        return installed_version(self.name) or model_version(self.acquire())


def _load_for_good(name: str) -> Language:
    """Load a pipeline, and tell the garbage collector to look at what is there no more.

    Vocabulary, tables and modules are a hundred thousand objects and more that stay; each full
    collection would walk through them.
    """
    nlp = load_pipeline(name)
    gc.collect()
    gc.freeze()
    return nlp


def applied_model(article: Article, model_version: str) -> str:
    """Return the model that this article is annotated with; "" for a language without one."""
    return model_version if (article.language or "en") in MODEL_LANGUAGES else ""


def find_known(extracted: ExtractedArticle, lookup: ArticleIndex) -> KnownArticle | None:
    """Return what earlier runs know of the article that the page turned out to be."""
    known = extracted.request.known
    if known is not None and known.article_id == extracted.article.article_id:
        return known
    return lookup.find(extracted.article.article_id)


def revise(extracted: ExtractedArticle, known: KnownArticle | None, model: str) -> Article | None:
    """Return the article as its next revision; None: this model has annotated this text before."""
    revision = next_revision(extracted.article, known, model)
    if revision is None:
        return None
    return replace(extracted.article, revision=revision, model_version=model)


def remember(extracted: ExtractedArticle, article: Article) -> KnownArticle:
    """Return the state row that this run leaves of an article."""
    request = extracted.request
    return KnownArticle(
        article_id=article.article_id,
        normalized_link=request.key,
        revision=article.revision,
        content_hash=article.content_hash,
        model_version=article.model_version,
        entry_hash=request.entry_hash,
        last_seen=article.ingested_at,
        feed_refs=article.feed_refs,
    )


def with_known_refs(extracted: ExtractedArticle, known: KnownArticle | None) -> ExtractedArticle:
    """Return an article with the references under which it is known by another address, too."""
    if known is None or known is extracted.request.known:
        return extracted
    refs = merge_refs(known.feed_refs, extracted.article.feed_refs)
    return replace(extracted, article=replace(extracted.article, feed_refs=refs))


@dataclass(frozen=True)
class Revision:
    """What becomes of a page; neither: it is an older copy of what is known."""

    article: ExtractedArticle | None = None  # to be written
    remembered: KnownArticle | None = None  # nothing to write: the text is the one that is known


def decide_revision(
    extracted: ExtractedArticle, known: KnownArticle | None, model_version: str
) -> Revision:
    """Say what becomes of a page, from what is known of the article that it turned out to be."""
    if is_outdated(extracted.article, known):
        return Revision()
    extracted = with_known_refs(extracted, known)
    model = applied_model(extracted.article, model_version)
    revised = revise(extracted, known, model)
    if revised is not None:
        return Revision(article=ExtractedArticle(revised, extracted.request))
    assert known is not None
    same = replace(extracted.article, revision=known.revision, model_version=model)
    return Revision(remembered=remember(extracted, same))


class _Revise(beam.DoFn):  # type: ignore[misc]
    """ExtractedArticle → the same with its revision; tagged `remembered`: what was unchanged."""

    def __init__(self, files: StateFiles, model_version: str) -> None:
        self._lookup = ArticleIndex(files)
        self._model_version = model_version
        self._unchanged = Metrics.counter("newsbeam", "articles_unchanged")
        self._outdated = Metrics.counter("newsbeam", "articles_outdated")

    def process(self, extracted: ExtractedArticle) -> Iterator[Any]:
        known = find_known(extracted, self._lookup)
        decided = decide_revision(extracted, known, self._model_version)
        if decided.article is not None:
            yield decided.article
        elif decided.remembered is not None:
            self._unchanged.inc()
            yield beam.pvalue.TaggedOutput("remembered", decided.remembered)
        else:
            self._outdated.inc()


@dataclass
class ReviseArticles(beam.PTransform):  # type: ignore[misc]
    """PCollection[ExtractedArticle] → `articles` (new or changed) and `remembered`."""

    files: StateFiles
    model_version: str

    def expand(self, extracted: beam.PCollection) -> Any:
        """Wire the decision."""
        return extracted | "Revise" >> beam.ParDo(
            _Revise(self.files, self.model_version)
        ).with_outputs("remembered", main="articles")


class _Annotate(beam.DoFn):  # type: ignore[misc]
    """Batches of ExtractedArticle → (AnnotatedArticle, ArticleRequest); failures are tagged."""

    def __init__(self, model: Model, lineage: Lineage) -> None:
        self._model = model
        self._lineage = lineage
        self._nlp: Language | None = None
        self._annotated = Metrics.counter("newsbeam", "articles_annotated")
        self._plain = Metrics.counter("newsbeam", "articles_without_model")
        self._quotes = Metrics.counter("newsbeam", "quotes")

    def setup(self) -> None:
        self._nlp = self._model.acquire()

    def process(self, batch: list[ExtractedArticle]) -> Iterator[Any]:
        english = [item for item in batch if item.article.model_version]
        for item in batch:
            if not item.article.model_version:
                self._plain.inc()
                yield AnnotatedArticle(item.article), item.request
                yield self._remembered(item)
        tasks = [(item.article, self._lineage_of(item.article)) for item in english]
        assert self._nlp is not None
        results = annotate_texts(self._nlp, tasks)
        for item, result in zip(english, results, strict=True):
            yield from self._outputs(item, result)

    def _outputs(
        self, item: ExtractedArticle, result: AnnotatedArticle | AnnotateError
    ) -> Iterator[Any]:
        if isinstance(result, AnnotateError):
            failure = failure_row(item.article.run_id, "annotate", item.request.key, result)
            yield beam.pvalue.TaggedOutput("failures", failure)
            yield AnnotatedArticle(replace(item.article, model_version="")), item.request
        else:
            self._annotated.inc()
            self._quotes.inc(len(result.quotes))
            yield result, item.request
        yield self._remembered(item)

    def _lineage_of(self, article: Article) -> Lineage:
        return replace(
            self._lineage,
            run_id=article.run_id,
            model_version=article.model_version,
            article_id=article.article_id,
            revision=article.revision,
        )

    def _remembered(self, item: ExtractedArticle) -> beam.pvalue.TaggedOutput:
        return beam.pvalue.TaggedOutput("remembered", remember(item, item.article))


@dataclass
class AnnotateArticles(beam.PTransform):  # type: ignore[misc]
    """PCollection[ExtractedArticle] → `annotated`, `remembered`, `failures`."""

    model: Model
    lineage: Lineage
    batch_size: int = 16  # articles that go through the model together

    def expand(self, articles: beam.PCollection) -> Any:
        """Batch, then annotate."""
        return (
            articles
            | "Batch"
            >> beam.BatchElements(min_batch_size=self.batch_size, max_batch_size=self.batch_size)
            | "Annotate"
            >> beam.ParDo(_Annotate(self.model, self.lineage)).with_outputs(
                "remembered", "failures", main="annotated"
            )
        )
