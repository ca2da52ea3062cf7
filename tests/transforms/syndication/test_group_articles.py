"""The transform: stories within a run, and with what earlier runs left."""

import pickle
import tempfile
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow.parquet as pq
import pytest

from pipeline.runners import beam_options
from schemas.arrow_rows import from_record
from schemas.flow import AnnotatedArticle
from schemas.rows import Article
from schemas.story import SignedArticle, StoryDecision
from schemas.tables import TABLES, arrow_schema, to_record
from tests.rows import NOW, article, request
from tests.transforms.syndication.test_signatures import OTHER, TEXT, cut
from transforms.parquet_files import RowFile, StagedFile, read_records
from transforms.state import STORIES, StateFiles, StateTable, StateWriter, hash_of, number_deltas
from transforms.syndication.blocks import pack, unpack
from transforms.syndication.fill_stories import FillStories, fill_file
from transforms.syndication.group_articles import PLACES, GroupArticles, SignArticles, sign_article
from transforms.syndication.known import KnownSignatures, pack_wanted

DAY = timedelta(days=1)
NOWHERE = StateFiles(("/nowhere/_state/run-1/stories-delta-00000.parquet",))


def story_of(article_id: str, text: str, **fields: Any) -> Article:
    return article(article_id=article_id, text_content=text, **fields)


def outputs_of(build: Callable[[beam.Pipeline], dict[str, Any]]) -> dict[str, list[Any]]:
    """Run a graph and return the elements of its outputs."""
    with tempfile.TemporaryDirectory() as folder:

        def keep(element: Any, name: str) -> None:
            Path(folder, f"{name}-{uuid.uuid4().hex}").write_bytes(pickle.dumps(element))

        with beam.Pipeline(options=beam_options((), 1)) as root:
            outputs = build(root)
            for name, elements in outputs.items():
                _ = elements | f"Keep{name}" >> beam.Map(keep, name)
        return {
            name: [pickle.loads(path.read_bytes()) for path in Path(folder).glob(f"{name}-*")]
            for name in outputs
        }


def group(
    articles: Iterable[Article], known: KnownSignatures | None = None, places: int = PLACES
) -> tuple[dict[str, StoryDecision], dict[str, SignedArticle]]:
    """Run the transform; return its decisions and what it remembers, by article."""
    signed = [sign_article(item) for item in articles]
    found = outputs_of(
        lambda root: root | beam.Create(signed) | GroupArticles(known or KnownSignatures(), places)
    )
    rows = [row for item in found["remembered"] for row in item.table.to_pylist()]
    assert {row["key_hash"] for row in rows} == {hash_of(row["article_id"]) for row in rows}
    return (
        {decision.article_id: decision for decision in found["decisions"]},
        {row["article_id"]: from_record(SignedArticle, row) for row in rows},
    )


def keep(folder: Path, *runs: Iterable[SignedArticle | StateTable]) -> StateFiles:
    """Write what runs remember, the oldest run first, as the state does."""
    paths = []
    for number, rows in enumerate(runs):
        writer = StateWriter(str(folder / f"run-{number}"))
        for row in rows:
            writer.write(row)
        (staged,) = number_deltas(writer.close())
        path = folder / f"run-{number}" / f"{staged.group}.parquet"
        Path(staged.path).rename(path)
        paths.append(str(path))
    return StateFiles(tuple(paths))


def test_near_duplicates_of_one_run_are_one_story() -> None:
    decisions, remembered = group(
        [
            story_of("copy", f"New headline\n{cut(TEXT, 5)}", date_published=NOW),
            story_of("first", f"{TEXT}\n— AFP", date_published=NOW - DAY),
            story_of("other", OTHER),
        ]
    )
    assert decisions == {"copy": StoryDecision("copy", "first", NOW, True, "AFP")}
    assert {key: row.cluster_id for key, row in remembered.items()} == {
        "copy": "first",
        "first": "first",
        "other": "other",
    }


def test_a_later_run_joins_the_story_of_an_earlier_one(tmp_path: Path) -> None:
    _, remembered = group([story_of("first", TEXT), story_of("other", OTHER)])
    paths = keep(tmp_path, remembered.values())
    later = story_of("later", cut(TEXT, 5), ingested_at=NOW + DAY)
    decisions, again = group([later], KnownSignatures(paths, since=NOW - DAY))
    assert decisions == {"later": StoryDecision("later", "first", NOW, False, None)}
    assert set(again) == {"later"}


def test_the_window_ends(tmp_path: Path) -> None:
    _, remembered = group([story_of("first", TEXT)])
    paths = keep(tmp_path, remembered.values())
    decisions, _ = group([story_of("later", TEXT)], KnownSignatures(paths, NOW + DAY))
    assert decisions == {}


def test_a_revision_keeps_its_story_though_its_text_is_another(tmp_path: Path) -> None:
    first = story_of("first", TEXT, date_published=NOW - DAY)
    _, remembered = group([first, story_of("copy", cut(TEXT, 5))])
    paths = keep(tmp_path, remembered.values())
    story = "first"
    assert remembered["copy"].cluster_id == story
    revised = replace(story_of("copy", OTHER, revision=2), ingested_at=NOW + DAY)
    decisions, again = group([revised], KnownSignatures(paths))
    assert decisions == {"copy": StoryDecision("copy", story, NOW, False, None)}
    assert again["copy"].cluster_id == story


def test_of_an_article_the_newest_row_counts(tmp_path: Path) -> None:
    before = replace(sign_article(story_of("a", TEXT)), cluster_id="a", first_seen_at=NOW)
    after = replace(sign_article(story_of("a", OTHER)), cluster_id="s", first_seen_at=NOW)
    known = KnownSignatures(keep(tmp_path, [before], [after]), NOW - DAY)
    assert read(known, sign_article(story_of("b", OTHER))) == [after]
    assert read(known, sign_article(story_of("b", TEXT))) == []


def read(known: KnownSignatures, *wanted: SignedArticle) -> list[SignedArticle]:
    """What is found for articles that each come in a block of their own."""
    packed = [pack_wanted(pack([article], is_new=True)) for article in wanted]
    return [member.article for block in known.read(packed) for member in unpack(block)]


def test_articles_of_all_blocks_are_looked_for(tmp_path: Path) -> None:
    kept = [sign_article(story_of("a", TEXT)), sign_article(story_of("b", OTHER))]
    known = KnownSignatures(keep(tmp_path, kept))
    assert (
        read(known, sign_article(story_of("c", TEXT)), sign_article(story_of("d", OTHER))) == kept
    )


def test_where_nothing_is_new_no_file_is_opened() -> None:
    assert read(KnownSignatures(NOWHERE)) == []
    assert group([], KnownSignatures(NOWHERE)) == ({}, {})


def test_tables_are_written_to_the_state_as_rows_are(tmp_path: Path) -> None:
    rows = [sign_article(story_of("a", TEXT)), sign_article(story_of("b", OTHER))]
    table = StateTable(STORIES, pack(rows, is_new=True).drop_columns(["is_new"]))
    by_row, by_table = (
        keep(tmp_path / name, items) for name, items in (("r", rows), ("t", [table]))
    )
    assert pq.read_table(by_row.paths[0]).equals(pq.read_table(by_table.paths[0]))


@pytest.mark.parametrize("places", [1, 3])
def test_into_how_many_places_work_is_dealt_is_no_matter(places: int) -> None:
    articles = [story_of(f"{n}", [TEXT, OTHER, cut(TEXT, 5)][n % 3]) for n in range(9)]
    known = KnownSignatures()
    assert group(articles, known, places) == group(articles, known)


def test_signing_fills_the_columns_of_an_article_that_stands_alone() -> None:
    item = AnnotatedArticle(story_of("a", "Rain\nLEITH (Reuters) - Rain fell."))

    def build(root: beam.Pipeline) -> dict[str, Any]:
        return {"articles": (root | beam.Create([(item, request())]) | SignArticles()).articles}

    ((annotated, _),) = outputs_of(build)["articles"]
    row = annotated.article
    assert (row.duplicate_cluster_id, row.first_seen_at) == ("a", NOW)
    assert (row.is_wire, row.wire_service) == (True, "Reuters")


def stage(folder: Path, rows: Iterable[Article]) -> StagedFile:
    file = RowFile(str(folder / "articles" / "f.parquet"), arrow_schema(TABLES["articles"]))
    for row in rows:
        file.write(to_record(row))
    file.close()
    return StagedFile("articles", file.path, file.rows, "g")


DECISION = StoryDecision("a", "s", NOW - DAY, True, "AFP")


def test_decisions_are_written_into_the_articles_and_nothing_else_changes(tmp_path: Path) -> None:
    rows = [story_of("a", TEXT, keywords=("pier",)), story_of("b", OTHER)]
    staged = stage(tmp_path, rows)
    filled = fill_file(staged, {"a": DECISION}, str(tmp_path))
    assert (filled.table, filled.rows, filled.group) == ("articles", 2, "g")
    story = {"duplicate_cluster_id": "s", "first_seen_at": NOW - DAY}
    assert list(read_records(filled.path)) == [
        {**to_record(rows[0]), **story, "is_wire": True, "wire_service": "AFP"},
        to_record(rows[1]),
    ]
    assert pq.read_schema(filled.path).equals(pq.read_schema(staged.path), check_metadata=True)


def test_a_file_that_no_decision_concerns_is_left_as_it_is(tmp_path: Path) -> None:
    staged = stage(tmp_path, [story_of("b", OTHER)])
    assert fill_file(staged, {"a": DECISION}, str(tmp_path)) is staged


@pytest.mark.parametrize("decisions", [[], [DECISION]])
def test_files_of_other_tables_pass(tmp_path: Path, decisions: list[StoryDecision]) -> None:
    quotes = StagedFile("quotes", str(tmp_path / "nowhere.parquet"), 1)

    def build(root: beam.Pipeline) -> dict[str, Any]:
        inputs = {
            "files": root | "Files" >> beam.Create([quotes]),
            "decisions": root | "Decisions" >> beam.Create(decisions),
        }
        return {"files": inputs | FillStories(str(tmp_path))}

    assert outputs_of(build)["files"] == [quotes]
