from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from schemas.ids import sha256_hex
from tests.rows import LINEAGE, article, known, request
from transforms import annotate_articles
from transforms.annotate_articles import (
    AnnotateArticles,
    Model,
    ReviseArticles,
    applied_model,
    find_known,
    remember,
    revise,
)
from transforms.extract_articles import ExtractedArticle
from transforms.find_state import ArticleIndex
from transforms.nlp.load import BUNDLED, annotate_texts
from transforms.state import StateFiles

RUNNER = PipelineOptions(["--runner=FnApiRunner"])
TEXT = "“We were lucky,” said Amina Orr, the harbour minister."
HASH = sha256_hex("Rain fell on Leith.")


def extracted(**fields: Any) -> ExtractedArticle:
    held = fields.pop("known", None)
    return ExtractedArticle(article(**fields), request(known=held))


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "m1"), (None, "m1"), ("de", ""), ("fr", "")]
)
def test_only_languages_with_a_model_get_one(language: str | None, expected: str) -> None:
    assert applied_model(article(language=language), "m1") == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (None, 1),
        (known(content_hash=HASH, model_version="m1"), None),
        (known(content_hash="other", model_version="m1"), 2),
        (known(content_hash=HASH, model_version="m0", revision=4), 5),
    ],
)
def test_another_text_or_model_gives_the_next_revision(held: Any, expected: int | None) -> None:
    revised = revise(extracted(), held, "m1")
    assert (revised.revision if revised else None) == expected


def test_a_page_that_turned_out_to_be_another_article_is_looked_up(tmp_path: Any) -> None:
    other = known(article_id="b2")
    lookup = ArticleIndex(StateFiles())
    assert find_known(extracted(known=other), lookup) is None
    assert find_known(extracted(known=known()), lookup) == known()


def test_what_is_remembered_finds_the_article_by_its_entry() -> None:
    item = extracted(revision=3)
    state = remember(item, item.article)
    assert (state.normalized_link, state.revision) == (item.request.key, 3)
    assert state.entry_hash == item.request.entry_hash


def test_an_unchanged_article_ends_here_and_is_remembered() -> None:
    item = extracted(known=known(content_hash=HASH, model_version="m1", revision=2))
    with beam.Pipeline(options=RUNNER) as root:
        out = root | beam.Create([item]) | ReviseArticles(StateFiles(), "m1")
        assert_that(out.articles, equal_to([]), label="articles")
        kept = out.remembered | beam.Map(lambda row: row.revision)
        assert_that(kept, equal_to([2]), label="remembered")


def test_articles_are_annotated_and_others_pass_as_they_are() -> None:
    items = [
        extracted(article_id="a1", text_content=TEXT, model_version="m1"),
        extracted(article_id="a2", text_content="Es regnet.", language="de", model_version=""),
    ]
    with beam.Pipeline(options=RUNNER) as root:
        out = root | beam.Create(items) | AnnotateArticles(Model(BUNDLED), LINEAGE)
        found = out.annotated | "Speakers" >> beam.Map(
            lambda pair: (pair[0].article.article_id, [q.speaker_canonical for q in pair[0].quotes])
        )
        assert_that(found, equal_to([("a1", ["Amina Orr"]), ("a2", [])]), label="annotated")
        kept = out.remembered | "Ids" >> beam.Map(lambda row: row.article_id)
        assert_that(kept, equal_to(["a1", "a2"]), label="remembered")


def test_a_text_that_fails_is_stored_without_annotation_and_said() -> None:
    longer = "x " * 600_000
    items = [
        extracted(article_id="a1", text_content=longer, model_version="m1"),
        extracted(article_id="a2", text_content=TEXT, model_version="m1"),
    ]
    with beam.Pipeline(options=RUNNER) as root:
        out = root | beam.Create(items) | AnnotateArticles(Model(BUNDLED), LINEAGE)
        models = out.annotated | "Models" >> beam.Map(
            lambda pair: (pair[0].article.article_id, pair[0].article.model_version)
        )
        assert_that(models, equal_to([("a1", ""), ("a2", "m1")]), label="annotated")
        stages = out.failures | "Stages" >> beam.Map(lambda row: (row.stage, row.error_class))
        assert_that(stages, equal_to([("annotate", "annotate_error")]), label="failures")


def test_the_model_is_loaded_once_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []

    def load(name: str) -> Any:
        loads.append(name)
        return annotate_texts  # anything that can be held

    monkeypatch.setattr(annotate_articles, "load_pipeline", load)
    model = Model("some_model")
    held = [model.acquire() for _ in range(3)]
    assert len(held) == 3
    assert loads == ["some_model"]
