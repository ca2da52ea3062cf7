"""Every quotation of the sample newsroom that carries a cue is found with its speaker."""

import pytest

from pipeline.newsroom.content import ExpectedQuote, SampleArticle, load_articles
from schemas.rows import Quote
from tests.pipeline.conftest import SampleRun
from tests.pipeline.running import rows
from tests.rows import LINEAGE
from tests.rows import article as row
from transforms.nlp.load import annotate_texts, load_pipeline

ARTICLES = [
    article
    for edition in (1, 2)
    for article in load_articles(edition).values()
    if article.language.startswith("en") and article.edition == edition
]
LOOSE = 0.5  # overlap of the contents, in characters over their union
TIGHT = 0.8  # where marks bound the content


def key(article: SampleArticle) -> str:
    """Name an article and the edition of its text."""
    return f"{article.article_id}.{article.edition}"


CUED = [
    pytest.param(article, quote, id=f"{key(article)}-{quote.quote_id}")
    for article in ARTICLES
    for quote in article.quotes
    if quote.cue is not None
]


def overlap(one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]) -> float:
    """Characters in both over characters in either."""
    a = {i for start, end in one for i in range(start, end)}
    b = {i for start, end in other for i in range(start, end)}
    return len(a & b) / len(a | b)


@pytest.fixture(scope="module")
def found() -> dict[str, tuple[Quote, ...]]:
    """What the bundled pipeline finds in the texts as written, by article."""
    tasks = [(row(text_content=article.text_content), LINEAGE) for article in ARTICLES]
    results = annotate_texts(load_pipeline(), tasks)
    return {key(a): r.quotes for a, r in zip(ARTICLES, results, strict=True)}  # type: ignore[union-attr]


@pytest.mark.parametrize(("article", "expected"), CUED)
def test_a_quotation_with_a_cue_is_found_with_its_speaker(
    article: SampleArticle, expected: ExpectedQuote, found: dict[str, tuple[Quote, ...]]
) -> None:
    scored = [
        (overlap(tuple((s.start, s.end) for s in quote.content_spans), expected.spans), quote)
        for quote in found[key(article)]
    ]
    best, quote = max(scored, key=lambda pair: pair[0])
    assert best >= (LOOSE if expected.kind == "indirect" else TIGHT), expected.text
    assert quote.speaker_canonical == expected.speaker
    assert {"negated", "hypothetical"} & set(quote.flags) == {
        "negated",
        "hypothetical",
    } & expected.flags


def test_a_run_finds_what_the_texts_as_written_give(
    sample_run: SampleRun, found: dict[str, tuple[Quote, ...]]
) -> None:
    """From feed to table nothing of the first edition's quotations is lost or changed."""
    first = [key(article) for article in ARTICLES if article.edition == 1]
    expected = sorted(quote.quote_text for name in first for quote in found[name])
    assert sorted(row["quote_text"] for row in rows(sample_run.output, "quotes")) == expected
