"""Several passes over one warehouse: what is asked for, and what is written."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import run as run_module
from pipeline import staged_run
from pipeline.agenda import read_book
from pipeline.newsroom.site import LocalSite, Response
from pipeline.run import RunReport
from pipeline.summary import summary_json, summary_lines
from schemas.errors import CommitError
from tests.pipeline.running import LOOPBACK, rows, run
from transforms.annotate_articles import Model
from transforms.polling import PollOptions
from transforms.state import ARTICLES, StateFiles, read_rows

PAGE = "<html><body><article><h1>{}</h1>" + "<p>Rain fell on the harbour of Leith.</p>" * 9
ALWAYS_DUE = PollOptions(min_interval_s=0.0, max_interval_s=0.0)


class News:
    """A site with feeds and the warehouse that is made of them."""

    def __init__(self, site: LocalSite, output: Path) -> None:
        self.site = site
        self.output = output
        self.feeds: list[str] = []

    def publish(self, path: str, *pages: str, title: str = "Courier", etag: str = "") -> None:
        """Put a feed of these pages on the site; a page that is not there yet comes, too."""
        items = "".join(
            f"<item><title>Story {page}</title><link>{self.site.url(page)}</link></item>"
            for page in pages
        )
        body = f"<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>"
        self.site.add(path, Response(body, etag=etag or f'"{hash(body)}"'))
        if self.site.url(path) not in self.feeds:
            self.feeds.append(self.site.url(path))

    def write(self, *pages: str, text: str = "") -> None:
        for page in pages:
            self.site.add(page, PAGE.format(page) + f"<p>{text}</p>", content_type="text/html")

    def run(self, **options: Any) -> RunReport:
        """Make one pass over what is due."""
        self.asked_before = len(self.site.requests)
        return run(self.output, self.feeds, **({"force": False} | options))

    @property
    def asked(self) -> list[str]:
        """The paths that the last pass asked for."""
        return [request.path for request in self.site.requests[self.asked_before :]]

    def state(self, report: RunReport) -> StateFiles:
        assert report.record is not None
        return StateFiles(tuple(str(self.output / path) for path in report.record.state))


@pytest.fixture
def news(tmp_path: Path) -> Iterator[News]:
    with LocalSite() as site:
        yield News(site, tmp_path / "warehouse")


def test_where_nothing_is_due_nothing_is_asked_loaded_or_written(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    news.write("/a")
    news.publish("/feed", "/a")
    first = news.run()
    before = sorted(news.output.rglob("*.*"))
    monkeypatch.setattr(Model, "acquire", None)
    monkeypatch.setattr(run_module, "build_graph", None)
    report = news.run()
    assert (report.record, report.exit_status, len(report.agenda.not_due)) == (None, 0, 1)
    assert report.next_due == first.next_due is not None
    assert (news.asked, sorted(news.output.rglob("*.*"))) == ([], before)
    assert "none of 1 is due" in "\n".join(summary_lines(report))
    assert '"feeds_not_due": 1' in summary_json(report)


def test_only_what_is_due_is_asked_for_and_the_rest_is_counted(news: News) -> None:
    news.write("/a", "/b")
    news.publish("/one", "/a")
    news.run()
    news.publish("/two", "/b")
    report = news.run()
    assert "/two" in news.asked
    assert "/one" not in news.asked
    assert "feeds      1 (0 failed, 0 malformed), 1 not due" in "\n".join(summary_lines(report))


def test_a_pass_over_unchanged_feeds_needs_no_graph_and_writes_no_more_than_that_it_looked(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    news.write("/a", "/b")
    news.publish("/feed", "/a", "/b")
    news.run()
    with monkeypatch.context() as patch:
        patch.setattr(Model, "acquire", None)
        patch.setattr(run_module, "execute_graph", None)
        report = news.run(force=True)
    assert news.asked == ["/feed"]
    assert report.record is not None
    assert report.record.rows == {"fetches": 1, "runs": 1}
    new = [path for path in report.record.state if report.run.value in path]
    assert [Path(path).name for path in new] == ["feeds-base-all.parquet"]
    (fetch,) = (f for f in rows(news.output, "fetches") if f["outcome"] == "not_modified")
    assert (fetch["entries_new"], fetch["next_fetch_at"]) == (0, report.next_due)


def test_only_new_entries_of_a_changed_feed_are_fetched_and_robots_once(news: News) -> None:
    news.write("/a", "/b", "/c")
    news.publish("/feed", "/a", "/b")
    news.run()
    assert Counter(news.asked) == {"/robots.txt": 1, "/feed": 1, "/a": 1, "/b": 1}
    news.publish("/feed", "/c", "/a", "/b")
    report = news.run(force=True)
    assert news.asked == ["/feed", "/c"]
    assert (report.facts.entries, report.facts.entries_new) == (3, 1)


def test_a_page_that_failed_in_passing_is_tried_again_although_its_feed_is_the_same(
    news: News,
) -> None:
    quick = {"poll": ALWAYS_DUE, "retrieve": LOOPBACK}
    news.write("/a")
    news.site.add("/b", Response("busy", status=503))
    news.publish("/feed", "/a", "/b")
    news.run(**quick)
    assert len(rows(news.output, "articles")) == 1
    news.write("/b")
    report = news.run(**quick)
    assert news.asked == ["/feed", "/b"]
    assert len(rows(news.output, "articles")) == 2
    assert read_book(news.state(report)).retries == {}
    news.run(**quick)
    assert news.asked == ["/feed"]


def test_a_page_that_is_missing_waits_longer(news: News) -> None:
    news.publish("/feed", "/nothing")
    report = news.run()
    ((retry,),) = read_book(news.state(report)).retries.values()
    hours = (retry.next_try_at - rows(news.output, "runs")[0]["started_at"]).total_seconds() / 3600
    assert (retry.attempts, hours) == (1, 6.0)


def test_what_the_limit_left_out_comes_with_the_next_pass(news: News) -> None:
    news.write("/a", "/b", "/c")
    news.publish("/feed", "/a", "/b", "/c")
    for number in (2, 3):
        news.run(limit=2)
        assert len(rows(news.output, "articles")) == number
    assert news.run().record is None


def test_an_article_of_two_feeds_is_fetched_once_and_knows_both(news: News) -> None:
    news.write("/a")
    news.publish("/one", "/a")
    news.run()
    news.publish("/two", "/a")
    report = news.run()
    assert news.asked == ["/two"]
    assert report.facts.entries_new == 0
    news.write("/a", text="And then it stopped.")
    news.publish("/one", "/a?utm_source=rss")
    news.run(force=True)
    first, second = sorted(rows(news.output, "articles"), key=lambda row: row["revision"])
    assert [ref["feed_url"] for ref in first["feed_refs"]] == news.feeds[:1]
    assert {ref["feed_url"] for ref in second["feed_refs"]} == set(news.feeds)
    assert second["revision"] == 2


def test_another_model_looks_at_every_article_again(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    news.write("/a", "/b")
    news.publish("/feed", "/a", "/b")
    news.run()
    monkeypatch.setattr(Model, "version", lambda model: "en_other-1")
    news.run()
    found = [(row["revision"], row["model_version"]) for row in rows(news.output, "articles")]
    assert sorted(found)[2:] == [(2, "en_other-1")] * 2
    assert news.run().record is None


def test_a_feed_that_is_gone_is_named_in_every_run_and_not_asked(news: News) -> None:
    news.write("/a")
    news.publish("/feed", "/a")
    news.site.add("/old", Response("gone", status=410))
    news.feeds.append(news.site.url("/old"))
    news.run()
    news.publish("/feed", "/a", title="Another Courier")
    news.publish("/new", "/a")
    report = news.run()
    assert "/old" not in news.asked
    assert "410" in "\n".join(summary_lines(report))
    said = [row for row in rows(news.output, "fetches") if row["outcome"] == "gone"]
    assert sorted(row["attempt"] for row in said) == [0, 1]
    failed = [row for row in rows(news.output, "failures") if row["error_class"] == "gone"]
    assert "--force" in failed[-1]["message"]
    news.publish("/old", "/a")
    assert "/old" in (news.run(force=True), news.asked)[1]
    assert news.run().agenda.gone == ()


def test_feeds_that_are_all_gone_are_a_failure_though_nothing_is_due(news: News) -> None:
    news.site.add("/old", Response("gone", status=410))
    news.feeds.append(news.site.url("/old"))
    assert [news.run().exit_status, news.run().exit_status] == [3, 3]


def test_a_feed_that_moved_to_another_listed_one_is_asked_once(news: News) -> None:
    news.write("/a")
    news.publish("/feed", "/a")
    news.site.add("/old", Response("", status=301, headers={"Location": "/feed"}))
    news.feeds.append(news.site.url("/old"))
    news.run()
    report = news.run(force=True)
    assert news.asked == ["/feed"]
    assert "1 left out" in "\n".join(summary_lines(report))


def test_a_feed_that_moved_for_good_is_asked_at_its_new_address(news: News) -> None:
    news.write("/a")
    news.publish("/feed", "/a")
    news.site.add("/old", Response("", status=301, headers={"Location": "/feed"}))
    news.feeds = [news.site.url("/old")]
    asked = []
    for _ in range(3):
        news.run(force=True, poll=PollOptions(redirect_passes=2))
        asked.append([path for path in news.asked if path in ("/old", "/feed")])
    assert asked == [["/old", "/feed"]] * 2 + [["/feed"]]
    assert {row["feed_url"] for row in rows(news.output, "fetches") if row["feed_url"]} == set(
        news.feeds
    )


def test_a_state_that_is_lost_or_broken_is_said_and_nothing_is_written_twice(news: News) -> None:
    news.write("/a")
    news.publish("/feed", "/a")
    news.run()
    (path,) = (news.output / "_state").rglob("feeds-*.parquet")
    path.write_bytes(b"PAR1 broken")
    with pytest.raises(CommitError, match="restore it"):
        news.run(force=True)
    path.unlink()
    with pytest.raises(CommitError, match="restore it"):
        news.run(force=True)
    assert len(rows(news.output, "articles")) == 1


def test_a_run_that_fails_leaves_the_state_as_it_was(
    news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    news.write("/a", "/b")
    news.publish("/feed", "/a")
    news.run()
    before = sorted((news.output / "_state").rglob("*.parquet"))
    news.publish("/feed", "/a", "/b")
    with monkeypatch.context() as patch:
        patch.setattr(staged_run, "merge", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            news.run(force=True)
    assert sorted((news.output / "_state").rglob("*.parquet")) == before
    report = news.run(force=True)
    assert report.facts.entries_new == 1
    assert len(list(read_rows(news.state(report).of(ARTICLES), ARTICLES))) == 2
