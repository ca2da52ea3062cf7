from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that

from schemas.flow import AnnotatedArticle
from tests.rows import ROWS, article, entity, fetch, mention, quote, request
from transforms.parquet_files import StagedFile, read_records
from transforms.stage_rows import StageArticles, StagedTables, StageRows

RUNNER = PipelineOptions(["--runner=FnApiRunner"])


def annotated(article_id: str = "a1") -> AnnotatedArticle:
    return AnnotatedArticle(
        article(article_id=article_id),
        (entity(article_id=article_id),),
        (mention(article_id=article_id), mention(article_id=article_id, mention_id="m2")),
        (quote(article_id=article_id),),
    )


def test_each_row_goes_to_the_file_of_its_table(tmp_path: Path) -> None:
    tables = StagedTables(str(tmp_path))
    for make in ROWS.values():
        tables.write_row(make())
    staged = {file.table: file for file in tables.close()}
    assert {name: file.rows for name, file in staged.items()} == dict.fromkeys(ROWS, 1)
    assert all(len(list(read_records(file.path))) == 1 for file in staged.values())


def test_an_article_is_written_with_all_that_hangs_on_it(tmp_path: Path) -> None:
    tables = StagedTables(str(tmp_path))
    tables.write_article(annotated())
    counts = {file.table: file.rows for file in tables.close()}
    assert counts == {"articles": 1, "entities": 1, "mentions": 2, "quotes": 1}


def test_a_second_set_of_the_same_article_gets_files_of_its_own(tmp_path: Path) -> None:
    tables = StagedTables(str(tmp_path))
    groups = [tables.write_article(annotated(name)) for name in ("a1", "a2", "a1")]
    assert groups[0] == groups[1] != groups[2]
    rows = {f.group: f.rows for f in tables.close() if f.table == "articles"}
    assert rows == {groups[0]: 2, groups[2]: 1}


def test_two_bundles_never_share_a_file(tmp_path: Path) -> None:
    paths = set()
    for _ in range(2):
        tables = StagedTables(str(tmp_path))
        tables.write_row(fetch())
        paths |= {file.path for file in tables.close()}
    assert len(paths) == 2


def test_nothing_written_stages_nothing(tmp_path: Path) -> None:
    assert list(StagedTables(str(tmp_path)).close()) == []


def test_the_transform_says_which_files_it_wrote(tmp_path: Path) -> None:
    def check(files: list[StagedFile]) -> None:
        rows = [row["fetch_id"] for file in files for row in read_records(file.path)]
        assert sorted(rows) == [f"f{n:02}" for n in range(40)]

    with beam.Pipeline(options=RUNNER) as root:
        files = (
            root
            | beam.Create([fetch(fetch_id=f"f{n:02}") for n in range(40)])
            | StageRows(str(tmp_path))
        )
        assert_that(files, check)


def test_articles_leave_signatures_that_name_their_files(tmp_path: Path) -> None:
    def check(pairs: list[tuple[str, str]]) -> None:
        signatures = {group for kind, group in pairs if kind == "signature"}
        files = {group for kind, group in pairs if kind == "file"}
        assert signatures
        assert signatures == files

    with beam.Pipeline(options=RUNNER) as root:
        staged = (
            root
            | beam.Create([(annotated(f"a{n}"), request()) for n in range(5)])
            | StageArticles(str(tmp_path))
        )
        signatures = staged.signatures | "S" >> beam.Map(lambda s: ("signature", s.group))
        files = staged.files | "F" >> beam.Map(lambda f: ("file", f.group))
        assert_that((signatures, files) | beam.Flatten(), check)


def test_a_row_of_no_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        StagedTables(str(tmp_path)).write_row("no row")
