import pytest

from pipeline.outputs.targets import DatasetAddress, Targets, choose_targets, parse_address
from schemas.errors import UsageError

NEWS = DatasetAddress("my-project", "news")
GOOD = {
    "files alone": (["w"], None, Targets("w")),
    "a bucket": (["gs://b/w"], None, Targets("gs://b/w")),
    "both": (["w", "bq://my-project.news"], None, Targets("w", (NEWS,))),
    "both, the other way round": (["bq://my-project.news", "w"], None, Targets("w", (NEWS,))),
    "named twice": (
        ["w", "bq://my-project.news", "bq://my-project.news/"],
        None,
        Targets("w", (NEWS,)),
    ),
    "a dataset alone": (["bq://my-project.news"], "gs://b/s", Targets("gs://b/s", (NEWS,), False)),
}


@pytest.mark.parametrize("case", GOOD)
def test_files_are_told_from_datasets(case: str) -> None:
    outputs, state, expected = GOOD[case]
    assert choose_targets(outputs, state) == expected


BAD = {
    "no place for the state": (["bq://my-project.news"], None, "--state PATH"),
    "two places for files": (["a", "b"], None, "two places for files"),
    "two places for the state": (["w"], "s", "leave --state out"),
    "no dataset": (["bq://my-project", "w"], None, "bq://PROJECT.DATASET"),
    "a table": (["bq://my-project.news.articles", "w"], None, "bq://PROJECT.DATASET"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_refused_with_the_remedy(case: str) -> None:
    outputs, state, message = BAD[case]
    with pytest.raises(UsageError, match=message):
        choose_targets(outputs, state)


@pytest.mark.parametrize("text", ["bq://my-project.news", "bq://example.com:p.news", "bq://a1.b_2"])
def test_an_address_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_address(text)) == text
