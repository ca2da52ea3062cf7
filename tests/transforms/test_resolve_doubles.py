from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that

from schemas.flow import AnnotatedArticle
from schemas.rows import FeedRef
from tests.rows import article, quote
from transforms.parquet_files import StagedFile, read_records
from transforms.resolve_doubles import ResolveDoubles, resolve
from transforms.stage_rows import Signature, StagedTables

RUNNER = PipelineOptions(["--runner=FnApiRunner"])


def signature(key: str, group: str = "g", article_id: str = "a1") -> Signature:
    ref = FeedRef(feed_url=f"feed-{key}", entry_id=key)
    return Signature(article_id, key, group, f"https://example.org/{key}", (ref,))


def test_one_set_of_rows_needs_no_change() -> None:
    assert list(resolve([signature("k")])) == []


@pytest.mark.parametrize("order", [("b", "a", "c"), ("c", "b", "a"), ("a", "c", "b")])
def test_the_smallest_key_wins_in_any_order(order: tuple[str, ...]) -> None:
    changes = list(resolve([signature(key, f"g-{key}") for key in order]))
    kept = [change for change in changes if change.keep]
    assert [change.group for change in kept] == ["g-a"]
    assert {change.group for change in changes if not change.keep} == {"g-b", "g-c"}


def test_feed_references_are_brought_together() -> None:
    (first, _) = resolve([signature("b"), signature("a")])
    assert first.keep is not None
    assert [ref.feed_url for ref in first.keep.feed_refs] == ["feed-a", "feed-b"]


def test_doubles_vanish_from_the_files_and_others_stay(tmp_path: Path) -> None:
    """Two addresses led to a1 within one bundle and a third in another; a2 came once."""
    files, signatures = [], []
    for keys in (("b", "a"), ("c",)):
        tables = StagedTables(str(tmp_path))
        for key in keys:
            refs = signature(key).feed_refs
            row = AnnotatedArticle(
                article(original_url=f"https://example.org/{key}", feed_refs=refs),
                quotes=(quote(quote_text=key),),
            )
            signatures.append(signature(key, tables.write_article(row)))
        if keys == ("c",):
            group = tables.write_article(AnnotatedArticle(article(article_id="a2")))
            signatures.append(signature("z", group, "a2"))
        files += list(tables.close())

    def check(left: list[StagedFile]) -> None:
        rows = {
            table: [r for f in left if f.table == table for r in read_records(f.path)]
            for table in ("articles", "quotes")
        }
        articles = {row["article_id"]: row for row in rows["articles"]}
        assert sorted(row["article_id"] for row in rows["articles"]) == ["a1", "a2"]
        assert articles["a1"]["original_url"] == "https://example.org/a"
        assert [r["entry_id"] for r in articles["a1"]["feed_refs"]] == ["a", "b", "c"]
        assert [row["quote_text"] for row in rows["quotes"]] == ["a"]
        assert sum(file.rows for file in left) == 3

    with beam.Pipeline(options=RUNNER) as root:
        resolved = {
            "signatures": root | "S" >> beam.Create(signatures),
            "files": root | "F" >> beam.Create(files),
        } | ResolveDoubles(str(tmp_path))
        assert_that(resolved, check)
