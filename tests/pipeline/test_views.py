"""What the views say of tables whose rows are known."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot

from pipeline.committed_files import committed_files
from pipeline.views import find_warehouse, open_tables
from schemas.errors import UsageError
from schemas.rows import FeedRef, Span
from schemas.tables import TABLES
from schemas.views import VIEWS
from tests.pipeline.conftest import SampleRun
from tests.rows import NOW, article, entity, fetch, quote
from tests.view_tables import run_row, tables_of

HOUR = timedelta(hours=1)


@pytest.fixture
def ask() -> Any:
    """Ask one question of given rows."""

    def answer(rows: Sequence[Any], sql: str) -> list[tuple[Any, ...]]:
        with tables_of(rows) as connection:
            return connection.execute(sql).fetchall()

    return answer


def test_the_later_row_of_an_article_is_current(ask: Any) -> None:
    rows = [
        *(run_row("run-1"), run_row("run-2"), run_row("run-3")),
        article(title="first"),
        article(title="second", revision=2, run_id="run-2"),
        article(title="forgotten, then found again", article_id="b", revision=3),
        article(title="again", article_id="b", revision=1, run_id="run-3"),
    ]
    found = ask(rows, "select title from current_articles order by title")
    assert found == [("again",), ("second",)]


def test_rows_of_a_run_that_is_not_committed_are_not_seen(ask: Any) -> None:
    rows = [article(title="seen"), article(title="not yet", revision=2, run_id="run-9")]
    assert ask(rows, "select title from current_articles") == [("seen",)]


def test_an_outlet_goes_by_its_usual_publisher_or_its_domain(ask: Any) -> None:
    rows = [
        *(article(article_id=i, canonical_domain="a.org", publisher="The A") for i in "xy"),
        article(article_id="z", canonical_domain="a.org", publisher="The A: sport"),
        article(article_id="v", canonical_domain="b.org"),
        article(article_id="w"),
    ]
    found = ask(rows, "select article_id, outlet from current_articles order by 1")
    assert found == [
        *(("v", "b.org"), ("w", "unknown")),
        *((i, "The A") for i in "xyz"),
    ]


@pytest.mark.parametrize(
    ("fields", "copy"),
    [
        ({}, False),
        ({"duplicate_cluster_id": "a1", "is_wire": False}, False),
        ({"duplicate_cluster_id": "older", "is_wire": False}, True),
        ({"duplicate_cluster_id": "a1", "is_wire": True}, True),
        ({"is_wire": True}, True),
    ],
)
def test_copies_are_agency_copy_and_later_duplicates(
    ask: Any, fields: dict[str, Any], copy: bool
) -> None:
    assert ask([article(**fields)], "select is_copy from current_articles") == [(copy,)]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Amina Orr", "amina orr"),
        ("J.-P. Élysée", "j p elysee"),
        ("O’Hara", "o hara"),
        ("Ким", "ким"),
        ("—", None),
        (None, None),
    ],
)
def test_the_key_of_a_speaker_has_no_capitals_accents_or_marks(
    ask: Any, name: str | None, key: str | None
) -> None:
    rows = [article(), quote(speaker_canonical=name)]
    assert ask(rows, "select speaker_key from current_quotes") == [(key,)]


@pytest.mark.parametrize(
    ("words", "count"),
    [("I can't, won't go.", 4), ("“No”", 1), ("a 3.5-inch disc", 3), ("…", 0), ("on Nov. 3", 3)],
)
def test_words_of_a_quotation_are_counted(ask: Any, words: str, count: int) -> None:
    rows = [article(), quote(quote_text=words)]
    assert ask(rows, "select word_count from current_quotes") == [(count,)]


def test_a_quotation_carries_the_speakers_role_and_the_article(ask: Any) -> None:
    rows = [
        article(title="Rain", publisher="The A", url="https://a.org/1", canonical_domain="a.org"),
        entity(entity_id="e1", role="the harbour minister"),
        quote(speaker_entity_id="e1"),
        quote(quote_id="old", revision=7),
    ]
    found = ask(rows, "select quote_id, speaker_role, title, outlet, url from current_quotes")
    assert found == [("q1", "the harbour minister", "Rain", "The A", "https://a.org/1")]


def test_indirect_speech_and_scare_quotes_are_no_quotations(ask: Any) -> None:
    rows = [
        article(),
        quote(quote_id="a"),
        quote(quote_id="b", quote_type="indirect"),
        quote(quote_id="c", flags=("scare_quote",)),
    ]
    assert ask(rows, "select quote_id from current_quotes where is_quotation") == [("a",)]


def test_gqg_gives_an_articles_quotations_in_the_texts_order(ask: Any) -> None:
    rows = [
        article(title="Rain", date_published=NOW, canonical_url="https://a.org/1"),
        quote(quote_id="a", quote_text="two", content_spans=(Span(start=9, end=12),), pre="b"),
        quote(quote_id="b", quote_text="one", content_spans=(Span(start=1, end=4),), post="a"),
    ]
    assert ask(rows, "from gqg") == [
        (
            *(NOW, "https://a.org/1", "Rain", "en"),
            [
                {"pre": "", "quote": "one", "post": "a"},
                {"pre": "b", "quote": "two", "post": ""},
            ],
        )
    ]


def three_outlets() -> list[Any]:
    """One quotation in three articles, of which two are one story and one names another speaker."""
    said = {"canonical_quotation_hash": "h", "quote_text": "We will rebuild the pier."}
    return [
        article(article_id="1", publisher="A", date_published=NOW, duplicate_cluster_id="1"),
        article(article_id="2", publisher="B", date_published=NOW - HOUR, duplicate_cluster_id="1"),
        article(article_id="3", publisher="C", date_published=NOW + HOUR, duplicate_cluster_id="3"),
        quote(**said, quote_id="1", article_id="1", speaker_canonical="Amina Orr", confidence=0.8),
        quote(**said, quote_id="2", article_id="2", speaker_canonical="amina orr", confidence=0.9),
        quote(**said, quote_id="3", article_id="3", speaker_canonical="Sea Board", confidence=0.5),
    ]


def test_a_quotation_is_one_row_however_many_articles_carry_it(ask: Any) -> None:
    found = ask(
        three_outlets(),
        "select speaker_key, round(speaker_share, 2), articles, independent_articles, outlets,"
        " first_outlet, first_seen, last_seen, confidence, words from quotations",
    )
    assert found == [("amina orr", 0.67, 3, 2, 3, "B", NOW - HOUR, NOW + HOUR, 0.9, 5)]


def test_quotebank_lists_all_speakers_with_their_probability(ask: Any) -> None:
    rows = three_outlets()
    ((speaker, count, probas),) = ask(
        rows, "select speaker, num_occurrences, probas from quotebank"
    )
    assert (speaker, count) == ("Amina Orr", 3)
    assert {p["speaker"]: p["probability"] for p in probas} == {
        "amina orr": 0.3,
        "Amina Orr": 0.2667,
        "Sea Board": 0.1667,
    }


@pytest.mark.parametrize(
    ("one", "other", "paired"),
    [
        ("we will rebuild the pier by spring", "We will rebuild the pier by autumn", True),
        ("we will rebuild the pier by spring", "rebuild the pier by", True),
        ("we will rebuild the pier by spring", "they sold the pier long ago", False),
        ("we will rebuild", "we will rebuild", False),
    ],
)
def test_altered_wordings_of_one_speaker_stand_side_by_side(
    ask: Any, one: str, other: str, paired: bool
) -> None:
    rows = [
        article(article_id="1", date_published=NOW, canonical_url="http://a.test/1"),
        article(article_id="2", date_published=NOW + HOUR, canonical_url="http://a.test/2"),
    ]
    for key, words in (("1", one), ("2", other)):
        fields = {"quote_id": key, "article_id": key, "canonical_quotation_hash": key}
        rows.append(quote(**fields, quote_text=words, speaker_canonical="Amina Orr"))
    found = ask(rows, "select wording_a, wording_b from altered_wordings")
    assert found == ([(one, other)] if paired else [])


def test_what_one_article_says_twice_is_no_altered_wording(ask: Any) -> None:
    words = {"1": "The pier will be rebuilt by the spring", "2": "pier will be rebuilt"}
    orr = {"speaker_canonical": "Amina Orr"}
    rows: list[Any] = [article(canonical_url="http://a.test/a")]
    for key, text in words.items():
        rows.append(quote(quote_id=key, canonical_quotation_hash=key, quote_text=text, **orr))
    assert ask(rows, "from altered_wordings") == []
    other = {"article_id": "b", "canonical_quotation_hash": "2", "quote_text": words["2"]}
    rows += [
        article(article_id="b", canonical_url="http://a.test/b"),
        quote(quote_id="3", **other, **orr),
    ]
    assert len(ask(rows, "from altered_wordings")) == 1


def test_other_speakers_words_are_no_altered_wordings(ask: Any) -> None:
    rows = [
        article(),
        quote(quote_id="1", canonical_quotation_hash="1", speaker_canonical="Amina Orr"),
        quote(quote_id="2", canonical_quotation_hash="2", speaker_canonical="Tom Reed"),
    ]
    assert ask(rows, "from altered_wordings") == []


@pytest.mark.parametrize(
    ("one", "other", "proposed"),
    [
        ("John Smith", "J. Smith", True),
        ("John Smith", "John Q. Smith", True),
        ("John Quentin Smith", "John Q. Smith", True),
        ("Dr John Smith", "John Smith", True),
        ("Martin King Jr.", "Martin King", True),
        ("John Smith", "Jane Smith", False),
        ("John P. Smith", "John Q. Smith", False),
        ("John Smith", "John Smithson", False),
        ("Smith", "John Smith", False),
    ],
)
def test_names_that_differ_in_titles_and_initials_are_proposed_not_merged(
    ask: Any, one: str, other: str, proposed: bool
) -> None:
    rows = [article(), quote(quote_id="1", speaker_canonical=one)]
    rows.append(quote(quote_id="2", speaker_canonical=other))
    found = dict(ask(rows, "select speaker, maybe_same_as from speakers"))
    assert set(found) == {one, other}
    assert all(bool(names) == proposed for names in found.values())


def test_a_speaker_is_one_row_over_all_outlets(ask: Any) -> None:
    rows = [
        article(article_id="1", publisher="A"),
        article(article_id="2", publisher="B"),
        entity(entity_id="e1", article_id="1", role="the minister"),
    ]
    fields = {"quote_text": "It rains here.", "speaker_canonical": "Amina Orr"}
    rows.append(quote(**fields, quote_id="1", article_id="1", speaker_entity_id="e1"))
    rows.append(quote(**fields, quote_id="2", article_id="2"))
    rows.append(quote(**fields, quote_id="3", article_id="2", quote_type="indirect"))
    found = ask(rows, "select speaker, roles, outlets, articles, quotations, words from speakers")
    assert found == [("Amina Orr", ["the minister"], ["A", "B"], 2, 3, 9)]


def test_share_of_voice_counts_with_and_without_copies(ask: Any) -> None:
    rows = [
        article(article_id="own", publisher="A", date_published=NOW),
        article(article_id="wire", publisher="A", date_published=NOW, is_wire=True),
        entity(entity_id="e1", article_id="own", role="the mayor"),
        quote(quote_id="1", article_id="own", speaker_entity_id="e1", quote_text="one two"),
        quote(quote_id="2", article_id="wire", quote_text="one two three four five six"),
    ]
    found = ask(
        rows,
        "select role, quotations, share_of_quotations, share_of_words, own_quotations,"
        " own_share_of_quotations from share_of_voice order by role",
    )
    assert found == [("(none given)", 1, 0.5, 0.75, 0, 0.0), ("mayor", 1, 0.5, 0.25, 1, 1.0)]


def test_stories_are_clusters_of_two_and_more(ask: Any) -> None:
    rows = [
        article(article_id="1", publisher="A", title="Pier", duplicate_cluster_id="1"),
        article(article_id="2", publisher="B", duplicate_cluster_id="1", is_wire=True),
        article(article_id="3", publisher="C", duplicate_cluster_id="3"),
    ]
    found = ask(rows, "select title, first_outlet, articles, outlets, is_wire from stories")
    assert found == [("Pier", "A", 2, 2, True)]


def polled(hours: Sequence[int], **fields: Any) -> list[Any]:
    """Attempts at one feed, so many hours ago, each with a new entry."""
    return [
        fetch(
            fetch_id=str(ago),
            target_type="feed",
            feed_url="https://a.org/feed",
            fetched_at=NOW - ago * HOUR,
            **{"entries_seen": 9, "entries_new": 1, "duration_ms": 100 + ago} | fields,
        )
        for ago in hours
    ]


@pytest.mark.parametrize(
    ("hours", "silent"),
    [
        ([40, 39, 38, 37], True),  # hourly, then nothing for a day and a half
        ([3, 2, 1, 0], False),
        ([40, 30, 20, 10], False),  # every ten hours
        ([40, 39], None),  # too little is known
    ],
)
def test_a_feed_is_silent_against_its_own_habit(
    ask: Any, hours: list[int], silent: bool | None
) -> None:
    rows = [run_row(finished=NOW), *polled(hours)]
    assert ask(rows, "select is_silent from feed_health") == [(silent,)]


def test_feed_health_says_what_a_feed_gives(ask: Any) -> None:
    ref = FeedRef(feed_url="https://a.org/feed", entry_id="1")
    rows = [
        run_row(finished=NOW),
        *polled([3, 2]),
        *polled([1], outcome="timeout", entries_seen=None, entries_new=None, error="too slow"),
        fetch(fetch_id="p", feed_url="https://a.org/feed", outcome="http_error"),
        article(feed_refs=(ref,), word_count=12),
        quote(),
    ]
    found = ask(
        rows,
        "select last_outcome, last_error, last_success_at, attempts, round(failed_share, 2),"
        " median_ms, entries, new_entries, articles, articles_per_new_entry, quotations,"
        " short_articles, failed_pages, silent_h from feed_health",
    )
    late = NOW - 2 * HOUR
    assert found == [("timeout", "too slow", late, 3, 0.33, 102.0, 9, 2, 1, 0.5, 1, 1, 1, 2.0)]


@pytest.mark.parametrize(
    ("speaker", "flag"),
    [
        ("Tuesday", "date_like_speaker"),
        ("Last Friday", "date_like_speaker"),
        ("12 March 2026", "date_like_speaker"),
        ("November", "date_like_speaker"),
        ("Getty Images", "spurious_speaker"),
        ("the board", "spurious_speaker"),
        ("@orr", "spurious_speaker"),
        ("The A", "spurious_speaker"),
        ("April Jones", None),
        ("Theresa May", None),
        ("May", None),
        ("Sunday Times", None),
        ("Amina Orr", None),
        ("김정은", None),
        (None, None),
    ],
)
def test_speakers_that_are_no_names_are_flagged(
    ask: Any, speaker: str | None, flag: str | None
) -> None:
    long = "So many words that it is long."
    rows = [article(publisher="The A"), quote(quote_text=long, speaker_canonical=speaker)]
    assert ask(rows, "select flag from quality_flags") == ([(flag,)] if flag else [])


def test_repeated_bodies_and_short_quotations_are_flagged(ask: Any) -> None:
    rows = [
        article(article_id="1", publisher="A"),
        article(article_id="2", publisher="A"),
        article(article_id="3", publisher="B"),
        quote(article_id="3", quote_text="a swamp"),
    ]
    found = ask(rows, "select flag, article_id, detail from quality_flags order by 2")
    assert found == [
        ("repeated_body", "1", "2 articles"),
        ("repeated_body", "2", "2 articles"),
        ("short_quotation", "3", "a swamp"),
    ]


def rounded(value: Any) -> Any:
    """The value with its floats to nine digits, whatever the order of a sum."""
    if isinstance(value, float) and math.isfinite(value):
        return round(value, 9)
    return [rounded(item) for item in value] if isinstance(value, (list, tuple)) else value


def bigquery_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the views from their BigQuery statements, as sqlglot says them in DuckDB."""
    connection.execute("create macro normalize(text, form) as strip_accents(text)")
    for view in VIEWS.values():
        (sql,) = sqlglot.transpile(view.bigquery, read="bigquery", write="duckdb")
        connection.execute(sql.replace(", nfd)", ", 'nfd')"))


def test_the_twins_say_the_same(sample_run: SampleRun) -> None:
    with open_tables(str(sample_run.output)) as connection:
        ours = {name: connection.execute(f"from {name}").fetchall() for name in VIEWS}
        bigquery_views(connection)
        twins = {name: connection.execute(f"from {name}").fetchall() for name in VIEWS}
    for name in VIEWS:
        assert sorted(map(repr, rounded(ours[name]))) == sorted(map(repr, rounded(twins[name])))


@pytest.mark.parametrize("name", list(VIEWS))
def test_every_column_is_described(sample_run: SampleRun, name: str) -> None:
    with open_tables(str(sample_run.output)) as connection:
        found = {row[0] for row in connection.execute(f"describe {name}").fetchall()}
        view = VIEWS[name]
        for table in TABLES:
            if f"All columns of `{table}`" in view.text:
                found -= {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    assert found == set(view.columns)


def test_every_table_is_there_before_it_has_files(sample_run: SampleRun, tmp_path: Path) -> None:
    (tmp_path / "_runs").mkdir()
    with open_tables(str(tmp_path)) as empty, open_tables(str(sample_run.output)) as full:
        for name in [*TABLES, *VIEWS]:
            assert empty.execute(f"from {name}").fetchall() == []
            columns = empty.execute(f"describe {name}").fetchall()
            assert columns == full.execute(f"describe {name}").fetchall()


def test_columns_that_older_files_lack_are_null(tmp_path: Path) -> None:
    with tables_of([article()]) as connection:
        connection.execute(
            f"copy (select * exclude (is_wire, ingest_date) from articles) to "
            f"'{tmp_path}/old.parquet' (format parquet)"
        )
    folder = tmp_path / "w" / "articles" / "ingest_date=2026-11-24"
    folder.mkdir(parents=True)
    (tmp_path / "old.parquet").rename(folder / "part-run-1-00000.parquet")
    (tmp_path / "w" / "_runs").mkdir()
    with open_tables(str(tmp_path / "w")) as connection:
        found = connection.execute("select is_wire, cast(ingest_date as varchar) from articles")
        assert found.fetchall() == [(None, "2026-11-24")]


def test_a_run_counts_from_its_record_on_wherever_its_files_lie(
    sample_run: SampleRun, tmp_path: Path
) -> None:
    root = tmp_path / "w"
    source = sample_run.output
    root.mkdir()
    (root / "_runs").mkdir()
    layout = find_warehouse(str(root))
    run_id = sample_run.report.run.value
    moves = sample_run.report.record.moves
    for number, move in enumerate(moves):
        place = root / (move.source if number % 2 else move.target)
        place.parent.mkdir(parents=True, exist_ok=True)
        if (source / move.target).exists():
            place.write_bytes((source / move.target).read_bytes())
    half = committed_files(layout)  # without a record, what is staged does not count
    (root / "_runs" / f"{run_id}.json").write_bytes(
        (source / "_runs" / f"{run_id}.json").read_bytes()
    )
    whole = committed_files(layout)
    assert sum(map(len, half.values())) < sum(map(len, whole.values()))
    with open_tables(str(root)) as mixed, open_tables(str(source)) as tidy:
        for table in TABLES:
            count = f"select count(*), min(cast(ingest_date as varchar)) from {table}"
            assert mixed.execute(count).fetchall() == tidy.execute(count).fetchall()


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_is_no_warehouse_is_refused(tmp_path: Path, there: bool) -> None:
    folder = tmp_path if there else tmp_path / "nowhere"
    with pytest.raises(UsageError, match=r"no warehouse|no such folder"):
        find_warehouse(str(folder))


def test_times_are_utc() -> None:
    moment = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    with tables_of([article(date_published=moment), quote()]) as connection:
        found = connection.execute("select cast(day as varchar) from share_of_voice").fetchall()
    assert found == [("2026-11-24",)]
