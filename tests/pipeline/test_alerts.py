from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from pipeline.alerts import Failures, FeedFailing, FeedSilent, NoQuotations, Rule, find_alerts
from schemas.rows import Article, Fetch, Quote
from tests.rows import NOW, article, fetch, quote
from tests.view_tables import run_row, tables_of

FEED = "https://example.org/feed"


def found(rows: Iterable[Any], rule: Rule, name: str) -> list[tuple[str, float]]:
    """The alerts of one rule over a few rows: subject and value."""
    with tables_of(rows) as connection:
        return [
            (alert.subject, alert.value) for alert in find_alerts(connection, {name: rule}, NOW)
        ]


def asked(hours_ago: float, **fields: Any) -> Fetch:
    """A feed that was read so long ago, in a run of its own."""
    run_id = f"run-{1000 - hours_ago:09.3f}"
    defaults: dict[str, Any] = {
        "target_type": "feed",
        "feed_url": FEED,
        "requested_url": FEED,
        "fetched_at": NOW - timedelta(hours=hours_ago),
        "fetch_id": run_id,
        "run_id": run_id,
        "entries_new": 1,
    }
    return fetch(**(defaults | fields))


def with_runs(rows: Iterable[Fetch]) -> list[Any]:
    rows = list(rows)
    return [*rows, *(run_row(run_id) for run_id in sorted({row.run_id for row in rows}))]


@pytest.mark.parametrize(
    ("hours_ago", "rule", "expected"),
    [
        ((40, 30, 20, 10), FeedSilent(times=3, hours=5), []),
        ((80, 70, 60, 50), FeedSilent(times=3, hours=24), [(FEED, 50.0)]),
        ((80, 70, 60, 50), FeedSilent(times=6, hours=24), []),
        ((80, 70, 60, 50), FeedSilent(times=3, hours=72), []),
        ((80, 70, 60, 50), FeedSilent(times=3, hours=24, ignore=(FEED,)), []),
        ((80, 70, 60), FeedSilent(times=3, hours=24), []),  # too little is known
        ((), FeedSilent(), []),
    ],
)
def test_a_feed_is_silent_for_longer_than_usual(
    hours_ago: tuple[float, ...], rule: FeedSilent, expected: list[tuple[str, float]]
) -> None:
    assert found(with_runs(asked(hours) for hours in hours_ago), rule, "feed_silent") == expected


def test_passes_without_anything_new_do_not_end_the_silence() -> None:
    rows = [*map(asked, (80, 70, 60, 50)), asked(1, entries_new=0)]
    assert found(with_runs(rows), FeedSilent(hours=24), "feed_silent") == [(FEED, 50.0)]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (("timeout", "timeout", "gone"), [(FEED, 3.0)]),
        (("ok", "timeout", "timeout"), []),
        (("timeout", "timeout", "malformed"), []),
        (("ok", "timeout", "timeout", "gone"), [(FEED, 3.0)]),
        (("timeout", "timeout"), []),
        ((), []),
    ],
)
def test_a_feed_that_fails_in_a_row_is_told(
    outcomes: tuple[str, ...], expected: list[tuple[str, float]]
) -> None:
    rows = [asked(len(outcomes) - n, outcome=outcome) for n, outcome in enumerate(outcomes)]
    assert found(with_runs(rows), FeedFailing(attempts=3), "feed_failing") == expected


def test_tries_of_one_run_count_as_one_attempt() -> None:
    rows = [asked(1, outcome="timeout", attempt=n, fetch_id=f"f{n}") for n in (1, 2, 3)]
    assert found(with_runs(rows), FeedFailing(attempts=3), "feed_failing") == []


def pages(good: int, bad: int, run_id: str = "run-1") -> list[Fetch]:
    outcomes = ["ok"] * good + ["http_error"] * bad
    return [
        fetch(fetch_id=f"{run_id}{n}", requested_url=f"{FEED}/{n}", outcome=outcome, run_id=run_id)
        for n, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (pages(9, 3), [("run-1", 0.25)]),
        (pages(8, 2), []),  # not more than the share
        (pages(2, 2), []),  # too few
        ([*pages(0, 20), *pages(10, 0, "run-2"), run_row("run-1"), run_row("run-2")], []),
        ([], []),
    ],
)
def test_failures_above_the_share_are_told_of_the_last_run(
    rows: list[Any], expected: list[tuple[str, float]]
) -> None:
    assert found(rows, Failures(share=0.2, elements=10), "failures") == expected


def test_a_page_that_came_at_the_second_try_did_not_fail() -> None:
    second = [fetch(fetch_id=f"s{n}", requested_url=f"{FEED}/{n}", attempt=2) for n in range(12)]
    assert found([*pages(0, 12), *second], Failures(), "failures") == []


def outlet(quoted: str, name: str = "Leith Post") -> list[Article | Quote]:
    """Articles of an outlet, the oldest first: q with a quotation, - without."""
    rows: list[Article | Quote] = []
    for n, sign in enumerate(quoted):
        key = f"{name}-{n}"
        when = NOW + timedelta(hours=n)
        rows.append(article(article_id=key, publisher=name, ingested_at=when))
        if sign == "q":
            rows.append(quote(article_id=key, quote_id=key))
    return rows


@pytest.mark.parametrize(
    ("quoted", "rule", "expected"),
    [
        ("q-q-" + "----", NoQuotations(articles=4, usual=0.5), [("Leith Post", 0.0)]),
        ("q-q-" + "--q-", NoQuotations(articles=4, usual=0.5), []),
        ("q---" + "----", NoQuotations(articles=4, usual=0.5), []),
        ("----" + "----", NoQuotations(articles=4, usual=0.1), []),
        ("qq" + "----", NoQuotations(articles=4, usual=0.1), []),  # too few to compare with
        ("q-q-" + "----", NoQuotations(articles=4, usual=0.5, ignore=("Leith Post",)), []),
    ],
)
def test_an_outlet_that_lost_its_quotations_is_told(
    quoted: str, rule: NoQuotations, expected: list[tuple[str, float]]
) -> None:
    rows = [*outlet(quoted), *outlet("q" * 8, "Humber Courier")]
    assert found(rows, rule, "no_quotations") == expected
