from pathlib import Path

import pytest

from pipeline import run as run_module
from pipeline.newsroom.site import LocalSite
from schemas.errors import CommitError
from tests.pipeline.conftest import SampleRun
from tests.pipeline.running import rows, run

PAGE = "<html><body><article><h1>{n}</h1>" + "<p>Rain fell on the harbour of Leith.</p>" * 9


def publish(site: LocalSite, count: int) -> str:
    """Put a feed of that many articles on a site, the newest first."""
    items = []
    for n in range(count):
        site.add(f"/{n}", PAGE.format(n=n), content_type="text/html")
        date = f"Tue, 24 Nov 2026 0{9 - n}:00:00 GMT"
        items.append(f"<item><link>{site.url(f'/{n}')}</link><pubDate>{date}</pubDate></item>")
    feed = f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>"
    site.add("/feed", feed, content_type="application/rss+xml")
    return site.url("/feed")


def test_the_run_row_tells_what_was_done(sample_run: SampleRun) -> None:
    (row,) = rows(sample_run.output, "runs")
    counts = {(c["stage"], c["name"]): c["count"] for c in row["counts"]}
    assert row["run_id"] == sample_run.report.run.value
    assert row["model_version"]
    for table in ("articles", "quotes", "fetches"):
        assert counts["rows", table] == len(rows(sample_run.output, table))


def test_the_limit_takes_the_newest(tmp_path: Path) -> None:
    with LocalSite() as site:
        run(tmp_path, [publish(site, 5)], limit=2)
        links = {site.url("/0"), site.url("/1")}
    assert {row["original_url"] for row in rows(tmp_path, "articles")} == links


def test_every_feed_failed_is_committed_and_said(tmp_path: Path) -> None:
    with LocalSite() as site:
        report = run(tmp_path, [site.url("/nothing-here")])
    assert report.exit_status == 3
    outcomes = {row["target_type"]: row["outcome"] for row in rows(tmp_path, "fetches")}
    assert outcomes["feed"] == "http_error"


def test_an_article_under_two_addresses_is_one_with_both_references(tmp_path: Path) -> None:
    with LocalSite() as site:
        site.add("/story", PAGE.format(n="Story"), content_type="text/html")
        site.add("/old", "", status=301, headers={"Location": site.url("/story")})
        feeds = []
        for name, path in (("one", "/story"), ("two", "/old")):
            item = f"<item><link>{site.url(path)}</link></item>"
            feed = f"<rss version='2.0'><channel>{item}</channel></rss>"
            site.add(f"/{name}", feed, content_type="application/rss+xml")
            feeds.append(site.url(f"/{name}"))
        run(tmp_path, feeds)
        links = [site.url("/old"), site.url("/story")]
    (article,) = rows(tmp_path, "articles")
    assert sorted(ref["link"] for ref in article["feed_refs"]) == links


def test_a_story_that_moves_into_another_feed_later_is_not_written_again(tmp_path: Path) -> None:
    with LocalSite() as site:
        first = publish(site, 1)
        site.add("/old", "", status=301, headers={"Location": site.url("/0")})
        item = f"<item><link>{site.url('/old')}</link></item>"
        site.add("/two", f"<rss version='2.0'><channel>{item}</channel></rss>")
        run(tmp_path, [first])
        run(tmp_path, [site.url("/two")])
    assert len(rows(tmp_path, "articles")) == 1


def test_a_graph_that_fails_commits_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise OSError("No space left on device")

    with LocalSite() as site:
        feed = publish(site, 1)
        run(tmp_path, [feed])
        before = {str(path) for path in tmp_path.rglob("*.parquet")}
        publish(site, 2)
        monkeypatch.setattr(run_module, "build_graph", broken)
        with pytest.raises(CommitError, match="No space left"):
            run(tmp_path, [feed])
    assert {str(path) for path in tmp_path.rglob("*.parquet")} == before
