from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.newsroom.site import LocalSite, Response
from schemas.rows import Failure, FeedRef, Fetch
from tests.rows import change, entry, fetch, known
from tests.transforms.streaming.running import leave, play, stream_plan
from transforms.extract_articles import ExtractedArticle
from transforms.feed_marks import entry_hash
from transforms.polling import PollOptions
from transforms.streaming.committed import Committed
from transforms.streaming.items import Expected, MoreRefs, NewEntries, News, RetryFact
from transforms.streaming.make_articles import (
    MakeArticles,
    PageRound,
    PageSlot,
    decide_news,
    pause_after,
)
from transforms.streaming.windows import whole_ms
from transforms.urls import normalize_url

NOW = whole_ms(datetime.now(UTC) + timedelta(hours=1))  # ahead of all that happens meanwhile
MINUTE = timedelta(minutes=1)
MODEL = "en_test-1"
OUTPUTS = {"articles": "articles", "kept": "kept"}
PAGE = (
    "<html><head><title>Storm</title></head><body><article><h1>Storm</h1><p>Heavy rain fell on "
    "the harbour of Leith this morning, and every ship stayed in port.</p></article></body></html>"
)


@pytest.fixture
def site():
    with LocalSite() as served:
        served.add("/storm", PAGE)
        yield served


def news(url, feed="https://example.org/feed", **fields):
    """An entry of a feed, as it goes on."""
    item = entry(link=url, feed_url=feed, **{k: fields.pop(k) for k in ["title"] if k in fields})
    found = change(entry=item, key=normalize_url(url), feed_key=feed, **fields)
    return News(found, f"fetch of {feed}")


def make(folder, *steps, **fields):
    """News at some minutes; returns the articles and all else."""
    plan = stream_plan(NOW, **fields)
    timed = [(after * MINUTE, (("slot-0000", tuple(items)),)) for after, *items in steps]
    told = play(MakeArticles(plan), OUTPUTS, NOW, timed, folder)
    return told["articles"], [item for _, item in told["kept"]]


def of(kind, items):
    return [item for item in items if isinstance(item, kind)]


def test_article_is_made_once_however_many_feeds_list_it(site, tmp_path):
    url = site.url("/storm")
    other = news(url, "https://other.example/feed")
    articles, kept = make(tmp_path, (0, news(url)), (1, other), (2, news(url)))
    assert Counter(request.path for request in site.requests) == {"/storm": 1}
    ((after, (key, made)),) = articles
    assert (after, key) == (timedelta(), made.article.article_id)
    assert made.article.run_id == stream_plan(NOW).windows.run(NOW).value
    more = FeedRef(feed_url="https://other.example/feed", entry_id="1", link=url)
    refs = (*made.request.feed_refs, more)
    assert [item.wanted.key for item in of(Expected, kept)] == [normalize_url(url)]
    assert of(MoreRefs, kept) == [MoreRefs(normalize_url(url), refs)]
    assert sum(item.count for item in of(NewEntries, kept)) == 1


def test_changed_entry_is_fetched_again(site, tmp_path):
    url = site.url("/storm")
    later = news(url, title="Storm over Leith", is_changed=True, is_new=False)
    articles, _ = make(tmp_path, (0, news(url, title="Storm")), (7, later))
    assert [after / MINUTE for after, _ in articles] == [0, 7]
    first, second = (made.article.run_id for _, (_, made) in articles)
    assert first < second


def test_article_that_the_warehouse_knows_is_not_fetched(site, tmp_path):
    item = news(site.url("/storm"))
    ref = FeedRef(feed_url=item.change.entry.feed_url, entry_id="1", link=item.change.entry.link)
    row = known(
        normalized_link=item.change.key,
        entry_hash=entry_hash([item.change.entry]),
        feed_refs=(ref,),
    )
    look = leave(tmp_path, "20260101T000000000000Z", row)
    assert make(tmp_path, (0, item), look=look) == ([], [NewEntries(item.fetch_id, 0)])
    assert site.requests == []


@pytest.mark.parametrize(
    ("response", "after"),
    [
        (Response("", status=404), timedelta(hours=6)),
        (Response("", status=503), timedelta(minutes=10)),
        (Response("<html></html>"), timedelta(hours=6)),
    ],
)
def test_page_that_is_no_article_is_to_be_tried_again(site, tmp_path, response, after):
    site.add("/broken", response)
    item = news(site.url("/broken"))
    articles, kept = make(tmp_path, (0, item))
    assert articles == []
    (fact,) = of(RetryFact, kept)
    assert (fact.feed_key, fact.retry.attempts) == (item.change.feed_key, 1)
    assert fact.retry.next_try_at == NOW + after
    assert len(of(Failure, kept)) == 1


def test_another_try_of_a_page_counts_on(site, tmp_path):
    articles, kept = make(
        tmp_path,
        (0, news(site.url("/gone"), attempts=2, is_changed=True)),
        (1, news(site.url("/storm"), attempts=1, is_changed=True)),
    )
    assert [fact.retry.attempts for fact in of(RetryFact, kept)] == [3]
    assert len(articles) == 1


def test_host_that_asked_to_wait_is_left_alone(site, tmp_path):
    busy = Response("", status=503, headers={"retry-after": "600"})
    site.add("/busy", busy)
    site.add("/other", PAGE)
    first, second, third = (news(site.url(path)) for path in ("/busy", "/other", "/other"))
    articles, kept = make(tmp_path, (0, first), (5, second), (11, third))
    assert [request.path for request in site.requests] == ["/busy", "/other"]
    assert [after / MINUTE for after, _ in articles] == [11]
    assert len(of(RetryFact, kept)) == 2


def test_every_attempt_has_a_row_of_its_own(site, tmp_path):
    pages = [news(site.url(f"/{n}")) for n in range(3)]
    _, kept = make(tmp_path, (0, *pages), (1, *pages))
    rows = of(Fetch, kept)
    assert len({row.fetch_id for row in rows}) == len(rows) == 6


class Windows:
    """A slot that a test leads through windows, some of which are committed."""

    def __init__(self, folder):
        self.folder = folder
        self.slot = PageSlot({}, {}, {})
        self.look = leave(folder, "20260101T000000000000Z")

    def round(self, after, item):
        plan = stream_plan(NOW, look=self.look)
        now = NOW + after * MINUTE
        return list(PageRound(plan, self.slot, Committed(self.look), now).make("slot", [item]))

    def commit(self, after, *rows):
        run = stream_plan(NOW).windows.run(NOW + after * MINUTE).value
        self.look = leave(self.folder, run, *rows)


def test_memory_of_a_window_gives_way_to_what_was_committed(site, tmp_path):
    """A window that ran twice was committed as it was the first time, without this article."""
    windows, item = Windows(tmp_path), news(site.url("/storm"))
    assert len(of(ExtractedArticle, windows.round(0, item))) == 1
    assert of(ExtractedArticle, windows.round(1, item)) == []
    windows.commit(0)
    again = replace(item, change=replace(item.change, is_changed=True, attempts=1))
    assert len(of(ExtractedArticle, windows.round(6, again))) == 1


def test_memory_of_a_window_that_is_not_committed_counts(site, tmp_path):
    windows, item = Windows(tmp_path), news(site.url("/storm"))
    windows.round(6, item)
    windows.commit(0)
    assert of(ExtractedArticle, windows.round(7, item)) == []


@pytest.mark.parametrize(
    ("fields", "expected_s"),
    [
        ({"http_status": 200}, 0),
        ({"http_status": 503}, 0),
        ({"http_status": 429, "retry_after_s": 90}, 90),
        ({"http_status": 429, "retry_after_s": 90, "target_type": "robots"}, 0),
        ({"http_status": 500, "retry_after_s": 90}, 0),
        ({"outcome": "deferred", "retry_after_s": 40}, 40),
        ({"outcome": "deferred"}, 600),
    ],
)
def test_pause_is_what_the_host_asked_for(fields, expected_s):
    assert pause_after(fetch(**fields), PollOptions()) == expected_s


def test_decisions_are_those_of_a_pass():
    """Entries of one article lead to one request, with all references."""
    one, other = (news("https://example.org/a", feed) for feed in ("https://a/f", "https://b/f"))
    decided = decide_news([one, other, news("https://example.org/b")], {}, MODEL)
    assert [request.key for request in decided.requests] == [
        one.change.key,
        "https://example.org/b",
    ]
    assert len(decided.requests[0].feed_refs) == 2
    assert decided.wanted[one.change.key].feeds == ("https://a/f", "https://b/f")
