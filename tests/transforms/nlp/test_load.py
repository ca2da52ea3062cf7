import pytest

from schemas.errors import AnnotateError, ModelError
from schemas.flow import AnnotatedArticle, Lineage
from schemas.rows import Article
from tests.rows import LINEAGE, article
from tests.transforms.nlp.bundled import pipeline
from transforms.nlp import load
from transforms.nlp.load import annotate_texts, load_pipeline, model_version, readable_text

GOOD = "“It is safe,” said Amina Orr."


def tasks(*texts: str) -> list[tuple[Article, Lineage]]:
    return [(article(article_id=f"a{n}", text_content=t), LINEAGE) for n, t in enumerate(texts)]


def test_a_pipeline_that_is_not_installed_is_named_with_the_remedy():
    with pytest.raises(ModelError, match="python -m spacy download no_such_model"):
        load_pipeline("no_such_model")


def test_the_version_names_pipeline_and_number():
    name, _, number = model_version(pipeline()).rpartition("-")
    assert name == "en_newsbeam_sm"
    assert number[0].isdigit()


def test_results_come_in_order_over_several_batches():
    texts = [f"“It is safe,” said Amina Orr on day {n}." for n in range(load.BATCH_SIZE + 3)]
    found = list(annotate_texts(pipeline(), tasks(*texts)))
    assert [r.article.text_content for r in found if isinstance(r, AnnotatedArticle)] == texts


def test_one_bad_text_does_not_lose_the_batch(monkeypatch: pytest.MonkeyPatch):
    makes = load.annotate_rows

    def fail(doc: object, row: Article, lineage: Lineage) -> AnnotatedArticle:
        if row.article_id == "a1":
            raise RuntimeError("made to fail")
        return makes(doc, row, lineage)  # type: ignore[arg-type]

    monkeypatch.setattr(load, "annotate_rows", fail)
    first, second, third = annotate_texts(pipeline(), tasks(GOOD, GOOD, GOOD))
    assert isinstance(second, AnnotateError)
    assert "made to fail" in str(second)
    assert isinstance(first, AnnotatedArticle)
    assert isinstance(third, AnnotatedArticle)


@pytest.mark.parametrize(
    "long", ["x " * (load.MAX_TEXT_LENGTH // 2 + 1), '"a" ' * (load.MAX_TOKENS // 3 + 1)]
)
def test_a_text_that_is_too_long_fails_alone(long: str):
    found = list(annotate_texts(pipeline(), tasks(GOOD, long)))
    assert isinstance(found[0], AnnotatedArticle)
    assert isinstance(found[1], AnnotateError)


@pytest.mark.parametrize(
    "text",
    ["", " ", "\ud800", "“a\udfff”\r\n“b”", "\x00\x1c\u2028", '"' * 5000, "x" * 5000, '" ' * 5000],
)
def test_whatever_a_text_holds_it_is_annotated_and_stays_as_it_is(text: str):
    (found,) = annotate_texts(pipeline(), tasks(text))
    assert isinstance(found, AnnotatedArticle)
    assert found.article.text_content == text


@pytest.mark.parametrize("text", ["a\ud800b", "x" * 3000, "a" * 10])
def test_what_spacy_reads_is_as_long_as_the_text(text: str):
    assert len(readable_text(text)) == len(text)
