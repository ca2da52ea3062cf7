from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.report.articles import read_articles
from pipeline.report.facts import CHART_OUTLETS, OTHER, Facts, collect_facts
from pipeline.report.source import CURRENT
from tests.rows import NOW, article, failure, fetch, quote
from tests.view_tables import run_row, tables_of


def facts(rows: Iterable[Any]) -> Facts:
    """Count a few rows."""
    with tables_of(rows) as connection:
        connection.execute(CURRENT, {"days": None})
        return collect_facts(connection)


def outlet(name: str, days_ago: Iterable[int], speaker: str | None = None) -> list[Any]:
    """Articles of an outlet, one quotation each where there is a speaker."""
    rows: list[Any] = []
    for number, days in enumerate(days_ago):
        key = {"article_id": f"{name}-{number}"}
        rows.append(article(**key, publisher=name, date_published=NOW - timedelta(days=days)))
        if speaker:
            quoted = quote(**key, quote_id=f"{name}-{number}", speaker_canonical=speaker)
            rows.append(quoted)
    return rows


def test_an_empty_warehouse_has_zeros() -> None:
    found = facts([])
    assert (found.totals["articles"], found.totals["quotations"]) == (0, 0)
    assert found.people == found.days == found.feeds == found.failures == []


def test_older_revisions_do_not_count() -> None:
    rows = [
        article(revision=1),
        quote(quote_id="old", revision=1),
        article(revision=2, run_id="run-2"),
        quote(quote_id="new", revision=2, run_id="run-2"),
        run_row("run-1"),
        run_row("run-2"),
    ]
    found = facts(rows)
    assert (found.totals["articles"], found.totals["quotations"]) == (1, 1)


def test_the_most_quoted_come_first_with_their_outlets() -> None:
    rows = [*outlet("A", range(3), "Orr"), *outlet("B", range(2), "Orr"), *outlet("C", [1], "Moe")]
    found = [(row["speaker"], row["outlet"], row["quotations"]) for row in facts(rows).people]
    assert found == [("Orr", "A", 3), ("Orr", "B", 2), ("Moe", "C", 1)]


def test_small_outlets_share_a_name_in_charts() -> None:
    names = [f"outlet {n}" for n in range(CHART_OUTLETS + 3)]
    rows = [row for n, name in enumerate(names) for row in outlet(name, [0] * (20 - n), "Orr")]
    found = facts(rows)
    for chart in (found.people, found.days):
        shown = {row["outlet"] for row in chart}
        assert shown == {*names[:CHART_OUTLETS], OTHER}


@pytest.mark.parametrize(
    ("days_ago", "shown"),
    [
        ([0, 1, 2], 3),
        ([0, 29, 30, 31], 2),
        ([*range(100, 110), 0], 10),  # one misdated article does not move the month
        ([*range(100, 103), 0], 1),  # a newest month with a fifth of the articles does
        ([-900, 1, 1], 2),  # nor does one from the future
    ],
)
def test_days_are_the_newest_month_with_a_good_share(days_ago: list[int], shown: int) -> None:
    assert sum(row["articles"] for row in facts(outlet("A", days_ago)).days) == shown


def asked(run_id: str, outcome: str, hours: int, **fields: Any) -> Any:
    return fetch(
        fetch_id=f"{run_id}{outcome}{hours}",
        run_id=run_id,
        target_type="feed",
        feed_url="https://example.org/feed",
        requested_url="https://example.org/feed",
        fetched_at=NOW + timedelta(hours=hours),
        outcome=outcome,
        **fields,
    )


def test_a_feed_is_what_its_last_attempt_says() -> None:
    rows = [
        asked("run-1", "ok", 0, entries_new=3),
        asked("run-1", "timeout", 1, error="no answer in 20 s"),
    ]
    (feed,) = facts(rows).feeds
    assert (feed["outcome"], feed["error"]) == ("timeout", "no answer in 20 s")
    assert feed["worked"] < feed["asked"]
    assert feed["entries_new"] == 3


def test_failures_are_those_of_the_last_run() -> None:
    rows = [
        failure(failure_id="old"),
        *(failure(failure_id=f"x{n}", run_id="run-2", key=f"k{n}") for n in range(3)),
        run_row("run-1"),
        run_row("run-2"),
    ]
    assert [row["failures"] for row in facts(rows).failures] == [3]


@pytest.mark.parametrize(("limit", "expected"), [(1, 1), (2, 2), (3, 2), (4, 3), (9, 4)])
def test_the_newest_articles_are_taken_until_the_quotations_are_enough(
    limit: int, expected: int
) -> None:
    rows = outlet("A", [0, 1, 2, 3], "Orr")
    second = quote(article_id="A-1", quote_id="second")
    with tables_of([*rows, second]) as connection:
        connection.execute(CURRENT, {"days": None})
        collect_facts(connection)
        found = list(read_articles(connection, limit))
    assert [item.article["article_id"] for item in found] == [f"A-{n}" for n in range(expected)]
    assert all(item.quotes for item in found)


@pytest.mark.parametrize(("days", "expected"), [(None, 3), (40, 2), (5, 1)])
def test_days_leave_out_older_articles(days: int | None, expected: int) -> None:
    now = datetime.now(UTC)
    rows = [
        article(article_id=f"a{n}", date_published=now - timedelta(days=n)) for n in (1, 30, 90)
    ]
    with tables_of(rows) as connection:
        connection.execute(CURRENT, {"days": days})
        assert collect_facts(connection).totals["articles"] == expected
