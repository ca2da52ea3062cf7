"""What always holds (design, "What always holds"); each test fails when its invariant is broken."""

from pathlib import Path
from typing import Any

import pytest

from pipeline import staged_run
from pipeline.newsroom.server import SampleNewsroom
from pipeline.newsroom.site import LocalSite
from schemas.tables import TABLES
from tests.pipeline.conftest import SampleRun
from tests.pipeline.running import query, rows, run, stable

DATA_TABLES = ("articles", "entities", "mentions", "quotes", "fetches", "failures")


def texts(output: Path) -> dict[tuple[str, int], str]:
    return {(a["article_id"], a["revision"]): a["text_content"] for a in rows(output, "articles")}


def spans_of(quote: dict[str, Any]) -> list[tuple[int, int, str]]:
    """All the spans of a quotation with the text they stand for."""
    parts = [(span["start"], span["end"]) for span in quote["content_spans"]]
    found = [(start, end, "") for start, end in parts]
    for name in ("cue", "speaker"):
        if quote[f"{name}_start"] is not None:
            found.append((quote[f"{name}_start"], quote[f"{name}_end"], quote[f"{name}_text"]))
    return found


def test_offsets_of_quotations_index_the_text(sample_run: SampleRun) -> None:
    by_article = texts(sample_run.output)
    quotes = rows(sample_run.output, "quotes")
    assert quotes
    for quote in quotes:
        text = by_article[quote["article_id"], quote["revision"]]
        spans = quote["content_spans"]
        assert quote["quote_text"] == " ".join(text[s["start"] : s["end"]] for s in spans)
        assert all("\n" not in text[s["start"] : s["end"]] for s in spans)
        assert spans == sorted(spans, key=lambda s: s["start"])
        for start, end, expected in spans_of(quote)[len(spans) :]:
            assert text[start:end] == expected


def test_offsets_of_mentions_index_the_text(sample_run: SampleRun) -> None:
    by_article = texts(sample_run.output)
    mentions = rows(sample_run.output, "mentions")
    assert mentions
    for mention in mentions:
        text = by_article[mention["article_id"], mention["revision"]]
        assert text[mention["char_start"] : mention["char_end"]] == mention["text"]


@pytest.mark.parametrize(
    ("table", "start", "end", "text"),
    [
        ("mentions", "char_start", "char_end", "text"),
        ("quotes", "cue_start", "cue_end", "cue_text"),
        ("quotes", "speaker_start", "speaker_end", "speaker_text"),
    ],
)
def test_offsets_mean_the_same_in_duckdb(
    sample_run: SampleRun, table: str, start: str, end: str, text: str
) -> None:
    sql = (
        f"select count(*), count(*) filter (substr(text_content, {start} + 1, {end} - {start}) "
        f"= {text}) from {table} join articles using (article_id, revision) "
        f"where {start} is not null"
    )
    ((total, equal),) = query(sample_run.output, sql)
    assert total == equal > 0


def test_content_spans_mean_the_same_in_duckdb(sample_run: SampleRun) -> None:
    sql = """
        select count(*) filter (quote_text <> (
            select string_agg(substr(a.text_content, s.start + 1, s.end - s.start), ' ' order by n)
            from (select unnest(q.content_spans) as s, generate_subscripts(q.content_spans, 1) as n)
        )), count(*)
        from quotes q join articles a using (article_id, revision)
    """
    ((wrong, total),) = query(sample_run.output, sql)
    assert (wrong, total > 0) == (0, True)


def test_every_reference_between_tables_is_answered(sample_run: SampleRun) -> None:
    ids = {
        table: {row[key] for row in rows(sample_run.output, table)}
        for table, key in (
            ("articles", "article_id"),
            ("entities", "entity_id"),
            ("quotes", "quote_id"),
        )
    }
    for mention in rows(sample_run.output, "mentions"):
        assert mention["entity_id"] in ids["entities"]
        assert mention["quote_id"] is None or mention["quote_id"] in ids["quotes"]
    for quote in rows(sample_run.output, "quotes"):
        assert quote["article_id"] in ids["articles"]
        assert quote["speaker_entity_id"] is None or quote["speaker_entity_id"] in ids["entities"]


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("articles", "article_id, revision"),
        ("entities", "entity_id"),
        ("mentions", "mention_id"),
        ("quotes", "quote_id"),
        ("fetches", "fetch_id"),
        ("failures", "failure_id"),
        ("runs", "run_id"),
    ],
)
def test_no_key_comes_twice(sample_run: SampleRun, table: str, key: str) -> None:
    sql = f"select {key}, count(*) from {table} group by all having count(*) > 1"
    assert query(sample_run.output, sql) == []


def test_a_second_pass_over_the_same_feeds_adds_no_article(
    newsroom: SampleNewsroom, tmp_path: Path
) -> None:
    feeds = newsroom.feed_urls
    run(tmp_path, feeds)
    first = {table: stable(tmp_path, table) for table in ("articles", "quotes", "mentions")}
    run(tmp_path, feeds)
    assert {table: stable(tmp_path, table) for table in first} == first


def test_a_changed_article_gives_its_next_revision_and_nothing_else(tmp_path: Path) -> None:
    with SampleNewsroom(port=0) as served:
        run(tmp_path, served.feed_urls)
        before = set(texts(tmp_path))
        served.advance()
        run(tmp_path, served.feed_urls)
    after = set(texts(tmp_path)) - before
    revised = {key for key in after if key[1] == 2}
    assert revised
    assert {(article_id, 1) for article_id, _ in revised} <= before
    assert all(revision == 1 for _, revision in after - revised)


def test_no_file_is_in_a_table_before_its_commit_record(
    newsroom: SampleNewsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_before_commit: list[str] = []

    def watched(*arguments: Any) -> Any:
        seen_before_commit.extend(visible(tmp_path))
        return original(*arguments)

    original = staged_run.commit
    monkeypatch.setattr(staged_run, "commit", watched)
    report = run(tmp_path, newsroom.feed_urls[:1])
    assert seen_before_commit == []
    assert set(visible(tmp_path)) == {
        move.target for move in report.record.moves if not move.target.startswith("_")
    }


def visible(output: Path) -> list[str]:
    return [
        str(path.relative_to(output))
        for table in TABLES
        for path in (output / table).rglob("*")
        if path.is_file()
    ]


def test_two_runs_over_the_same_input_give_the_same_rows(
    sample_run: SampleRun, tmp_path: Path
) -> None:
    run(tmp_path, sample_run.feeds)
    for table in DATA_TABLES:
        assert stable(tmp_path, table) == stable(sample_run.output, table), table


def test_two_worker_processes_give_the_rows_of_one(sample_run: SampleRun, tmp_path: Path) -> None:
    run(tmp_path, sample_run.feeds, workers=2)
    for table in DATA_TABLES:
        assert stable(tmp_path, table) == stable(sample_run.output, table), table


GOOD_PAGE = "<html><head><title>Rain</title></head><body><article><h1>Rain</h1>" + "".join(
    f"<p>Paragraph {n}: the harbour of Leith was closed on Monday because of heavy rain.</p>"
    for n in range(8)
)
HOSTILE_PAGES = {
    "nul": (b"<html><body><p>\x00\x01\x02" + b"\xff\xfe" * 500, "text/html"),
    "deep": (b"<div>" * 20_000 + b"deep" + b"</div>" * 20_000, "text/html"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "image/png"),
    "empty": (b"", "text/html"),
    "surrogates": ("<p>" + "&#xD800;&#x1F600;" * 300 + "</p>", "text/html"),
    "marks": ("<html><body><article><p>" + "“" * 20_000 + "</p>", "text/html"),
    "lying": (("<p>Ünïcödé ‘said’ ‹x›</p>" * 40).encode("utf-16"), "text/html; charset=ascii"),
}
HOSTILE_FEEDS = {
    "no-feed": b"<html>no feed",
    "binary": bytes(range(256)) * 10,
    "bomb": b'<!DOCTYPE r [<!ENTITY a "'
    + b"x" * 1000
    + b'"><!ENTITY b "'
    + b"&a;" * 100
    + b'">]><rss><channel><item><title>'
    + b"&b;" * 100
    + b"</title></item></channel></rss>",
    "odd-links": b"<rss version='2.0'><channel><item><link>javascript:alert(1)</link></item>"
    b"<item><link>file:///etc/passwd</link></item><item/></channel></rss>",
    "empty": b"",
}


def test_hostile_feeds_and_pages_do_not_stop_the_run(tmp_path: Path) -> None:
    with LocalSite() as site:
        items = [f"<item><link>{site.url('/good')}</link></item>"]
        site.add("/good", GOOD_PAGE, content_type="text/html")
        for name, (body, content_type) in HOSTILE_PAGES.items():
            site.add(f"/{name}", body, content_type=content_type)
            items.append(f"<item><link>{site.url(f'/{name}')}</link></item>")
        for name, feed in HOSTILE_FEEDS.items():
            site.add(f"/{name}.xml", feed, content_type="application/rss+xml")
        listing = f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>"
        site.add("/feed.xml", listing, content_type="application/rss+xml")
        feeds = [site.url(f"/{name}.xml") for name in ("feed", *HOSTILE_FEEDS)]
        report = run(tmp_path, feeds)
        good = site.url("/good")
    assert report.exit_status == 0
    assert good in {row["original_url"] for row in rows(tmp_path, "articles")}
    spoken_of = {row["requested_url"] for row in rows(tmp_path, "fetches")}
    assert spoken_of >= set(feeds)
    written = {row["original_url"] for row in rows(tmp_path, "articles")}
    failed = {row["key"] for row in rows(tmp_path, "failures")}
    bad_outcome = {
        row["requested_url"] for row in rows(tmp_path, "fetches") if row["outcome"] != "ok"
    }
    for name in HOSTILE_PAGES:
        assert good.replace("/good", f"/{name}") in written | failed | bad_outcome
