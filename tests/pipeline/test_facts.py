from pathlib import Path
from typing import Any

import pytest

from pipeline.facts import RunFacts, collect_facts
from tests.rows import failure, fetch, quote
from transforms.stage_rows import StagedTables


def facts_of(folder: Path, *rows: Any) -> RunFacts:
    tables = StagedTables(str(folder))
    for row in rows:
        tables.write_row(row)
    return collect_facts(tables.close())


def feed(url: str, outcome: str, **fields: Any) -> Any:
    return fetch(target_type="feed", feed_url=url, requested_url=url, outcome=outcome, **fields)


def test_a_feed_counts_by_its_last_attempt(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        feed("https://a.org/f", "ok", attempt=2, entries_seen=7, entries_new=3),
        feed("https://a.org/f", "timeout", attempt=1),
        feed("https://b.org/f", "http_error", error="status 500"),
    )
    assert (facts.feeds, facts.entries, facts.entries_new) == (2, 7, 3)
    assert facts.feeds_failed == (("https://b.org/f", "status 500"),)


def test_a_malformed_feed_was_read(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, feed("https://a.org/f", "malformed", error="no closing tag"))
    assert facts.feeds_malformed == (("https://a.org/f", "no closing tag"),)
    assert not facts.every_feed_failed


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [((), False), (("ok", "gone"), False), (("gone", "timeout"), True), (("not_modified",), False)],
)
def test_every_feed_failed_only_if_there_were_any(
    tmp_path: Path, outcomes: tuple[str, ...], expected: bool
) -> None:
    rows = [feed(f"https://{n}.org/f", outcome) for n, outcome in enumerate(outcomes)]
    assert facts_of(tmp_path, *rows).every_feed_failed is expected


def test_pages_failures_and_rows_are_counted(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, fetch(), fetch(outcome="gone"), failure(), quote(), quote())
    assert facts.pages == {"ok": 1, "gone": 1}
    assert facts.failures == {("extract", "extract_error"): 1}
    assert facts.rows == {"fetches": 2, "failures": 1, "quotes": 2}
    assert {(c.stage, c.name): c.count for c in facts.counts()}["rows", "quotes"] == 2


def test_hosts_are_ordered_by_their_slowest_answer(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        fetch(requested_url="https://fast.org/1", duration_ms=10),
        fetch(requested_url="https://slow.org/1", duration_ms=900),
        fetch(requested_url="https://slow.org/2", duration_ms=5),
        fetch(requested_url="https://none.org/1", duration_ms=None),
    )
    times = [(host.host, host.requests, host.total_ms, host.slowest_ms) for host in facts.hosts]
    assert times == [("slow.org", 2, 905, 900), ("fast.org", 1, 10, 10)]
