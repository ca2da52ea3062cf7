from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from pipeline.newsroom.site import LocalSite, Response
from schemas.flow import Feed
from schemas.rows import Fetch
from schemas.state import EntryRetry, FeedContents, FeedRetries, FeedState, RobotsFile
from tests.rows import change, entry, feed_state, task
from tests.transforms.streaming.running import RETRIEVE, leave, nothing_committed, play, stream_plan
from transforms.feed_marks import request_key
from transforms.polling import DUE_EARLY, PollOptions
from transforms.state import hash_bytes
from transforms.streaming.ask_feeds import (
    NEWS_A_GROUP,
    AskFeeds,
    FeedMemory,
    SlotMemory,
    group_news,
    next_wake,
    settle_retries,
)
from transforms.streaming.items import News, RetryFact, Update
from transforms.streaming.windows import whole_ms
from transforms.urls import feed_key, host_slot

NOW = whole_ms(datetime.now(UTC) + timedelta(hours=1))  # ahead of all that happens meanwhile
MINUTE = timedelta(minutes=1)
DAYTIME = timedelta(minutes=45)  # in which a feed that says nothing of itself is asked twice
BEFORE = "20260101T000000000000Z"  # a run
OUTPUTS = {"kept": "kept", "news": "news"}


def rss(*names):
    items = (f"<item><title>{n}</title><link>/{n}</link><guid>{n}</guid></item>" for n in names)
    return f'<rss version="2.0"><channel><title>Courier</title>{"".join(items)}</channel></rss>'


@pytest.fixture
def site():
    with LocalSite() as served:
        yield served


def ask(site, folder, look=nothing_committed, start=NOW, **fields):
    """One feed, asked for 45 minutes long; returns what came of it, and when."""
    plan = stream_plan(start, look=look, until=start + DAYTIME, **fields)
    feeds = ("slot-0000", (Feed(site.url("/feed")),))
    steps = [(timedelta(), (feeds,)), (20 * MINUTE, ()), (DAYTIME, ())]
    return play(AskFeeds(plan), OUTPUTS, start, steps, folder)


def minutes(told, kind):
    """When rows of a kind came, in minutes from the start."""
    return [round(after / MINUTE, 1) for after, item in told["kept"] if isinstance(item, kind)]


def states(told):
    rows = [item.row for _, item in told["kept"] if isinstance(item, Update)]
    return [row for row in rows if isinstance(row, FeedState)]


def titles(told):
    """The news, by the minute in which they came."""
    found = {}
    for after, (_, news) in told["news"]:
        found.setdefault(int(after / MINUTE), []).extend(n.change.entry.title for n in news)
    return found


def test_feed_is_asked_when_its_state_says(site, tmp_path):
    site.add("/feed", Response(rss("storm"), etag='"v1"'))
    told = ask(site, tmp_path)
    first, second = states(told)
    due = (first.next_fetch_at - NOW) / MINUTE
    assert 30 <= due <= 33.1
    assert minutes(told, Fetch) == [0, pytest.approx(due, abs=DUE_EARLY / MINUTE + 0.1)]
    assert [r.headers.get("if-none-match") for r in site.requests] == [None, '"v1"']
    assert second.last_fetch > first.last_fetch


def test_only_what_is_new_or_changed_goes_on(site, tmp_path):
    bodies = iter([rss("storm", "pumps"), rss("pumps", "tram")])
    site.add("/feed", lambda _: Response(next(bodies)))
    told = ask(site, tmp_path)
    first, second = sorted(titles(told))
    assert titles(told) == {first: ["storm", "pumps"], second: ["tram"]}


def test_what_follows_from_a_fetch_carries_its_moment(site, tmp_path):
    site.add("/feed", rss("storm"))
    told = ask(site, tmp_path)
    fetched, *_ = (after for after, item in told["kept"] if isinstance(item, Fetch))
    assert {after for after, _ in told["news"]} == {fetched}
    assert fetched in {after for after, item in told["kept"] if isinstance(item, Update)}


def test_slot_begins_with_what_the_warehouse_knows(site, tmp_path):
    site.add("/feed", Response(rss("storm"), etag='"v1"'))
    url = site.url("/feed")
    known = feed_state(
        key=feed_key(url), url=url, fetch_url=url, etag='"v1"', signature="s", entries=1,
        last_fetch=NOW - MINUTE, last_full_fetch=NOW, next_fetch_at=NOW + 17 * MINUTE,
    )  # fmt: skip
    told = ask(site, tmp_path, leave(tmp_path, BEFORE, known))
    assert minutes(told, Fetch)[0] == pytest.approx(17, abs=0.1)
    assert site.requests[0].headers["if-none-match"] == '"v1"'
    assert told["news"] == []


def test_entry_is_tried_again_when_a_committed_window_says(site, tmp_path):
    site.add("/feed", rss("storm"))
    first = ask(site, tmp_path)
    rows = [item.row for _, item in first["kept"] if isinstance(item, Update)]
    (marks,) = (row for row in rows if isinstance(row, FeedContents))
    hashed = hash_bytes(request_key(entry(link=site.url("/storm"))))
    waiting = FeedRetries(marks.key, (EntryRetry(hashed, 2, NOW + 12 * MINUTE),))
    look = leave(tmp_path, BEFORE, states(first)[0], marks, waiting)
    again = tmp_path / "again"
    again.mkdir()
    told = ask(site, again, look)
    ((after, (_, (news,))),) = told["news"]
    assert (int(after / MINUTE), news.change.attempts) == (12, 2)
    assert [item for _, item in told["kept"] if isinstance(item, RetryFact)] == [
        RetryFact(marks.key, hashed)
    ]


def test_feed_that_is_gone_is_asked_once(site, tmp_path):
    site.add("/feed", Response("", status=410))
    told = ask(site, tmp_path)
    assert len(minutes(told, Fetch)) == 1
    assert states(told)[0].gone_since is not None


def test_failing_feed_waits_longer_and_longer(site, tmp_path):
    site.add("/feed", Response("", status=404))
    poll = PollOptions(min_interval_s=60, max_interval_s=300)
    told = ask(site, tmp_path, poll=poll)
    assert states(told)[0].failure_score == 1
    gaps = [later - one for one, later in pairwise(state.last_fetch for state in states(told))]
    assert len(gaps) > 3
    assert all(gap <= timedelta(seconds=301) for gap in gaps)


def test_robots_txt_is_asked_for_once(site, tmp_path):
    site.add(
        "/robots.txt", Response("User-agent: *\nDisallow: /private", content_type="text/plain")
    )
    site.add("/feed", rss("storm"))
    told = ask(site, tmp_path, retrieve=replace(RETRIEVE, obey_robots=True))
    paths = [request.path for request in site.requests]
    assert (paths.count("/robots.txt"), paths.count("/feed")) == (1, 2)
    kept = [item.row for _, item in told["kept"] if isinstance(item, Update)]
    assert len([row for row in kept if isinstance(row, RobotsFile)]) == 1


def test_nothing_is_asked_when_the_source_has_ended(site, tmp_path):
    """A drain takes the clock to the end of time: timers fire that are not due."""
    site.add("/feed", rss("storm"))
    told = ask(site, tmp_path, early=timedelta(hours=1, minutes=1))
    assert len(minutes(told, Fetch)) == 1


def memory(*states):
    return SlotMemory({state.key: FeedMemory(Feed(state.url), state) for state in states})


@pytest.mark.parametrize(
    ("due_in_s", "retry_in_s", "expected_s"),
    [
        (120, None, 120),
        (120, 50, 50),
        (3_000, None, 300),  # a window was committed meanwhile: it may have said something
        (0.2, None, 1),
        (None, None, 300),  # gone
    ],
)
def test_slot_sleeps_until_something_is_due_but_for_no_more_than_a_window(
    due_in_s, retry_in_s, expected_s
):
    gone = NOW if due_in_s is None else None
    due = None if due_in_s is None else NOW + timedelta(seconds=due_in_s)
    state = feed_state(last_fetch=NOW, next_fetch_at=due, gone_since=gone)
    retries = {}
    if retry_in_s:
        retries = {state.key: (EntryRetry(b"k", 1, NOW + timedelta(seconds=retry_in_s)),)}
    wake = next_wake(memory(state), retries, NOW, stream_plan(NOW))
    assert (wake - NOW).total_seconds() == pytest.approx(expected_s, abs=0.001)


def test_retries_that_wait_on_are_left_as_they_are():
    one, other = EntryRetry(b"one", 1, NOW), EntryRetry(b"other", 1, NOW + MINUTE)
    facts = settle_retries(task(retries=(one, other)), FeedRetries("feed", (other,)))
    assert list(facts) == [RetryFact("feed", b"one")]


def test_news_travel_by_host_and_in_groups_of_bounded_size():
    hosts = ["one.example", "other.example"]
    links = [f"https://{host}/{n}" for n in range(NEWS_A_GROUP + 1) for host in hosts]
    news = [News(change(entry=entry(link=link)), "f") for link in links]
    groups = list(group_news(news, 7))
    assert all(len(group) <= NEWS_A_GROUP for _, group in groups)
    assert sorted(n.change.entry.link for _, group in groups for n in group) == sorted(links)
    for slot, group in groups:
        assert {host_slot(n.change.entry.link, 7) for n in group} == {slot}
