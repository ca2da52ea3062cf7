"""What a run did, read from its staged files before they are committed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from schemas.rows import StageCount
from transforms.parquet_files import StagedFile, read_columns, read_records

Record = dict[str, Any]

GOOD_FEED = frozenset({"ok", "malformed", "not_modified"})


@dataclass(frozen=True)
class HostTime:
    """How long one host took, over all of a run's requests."""

    host: str
    requests: int
    total_ms: int
    slowest_ms: int


@dataclass(frozen=True)
class RunFacts:
    """The numbers of a run, for the summary, the `runs` table and the exit status."""

    feeds: int
    feeds_failed: tuple[tuple[str, str], ...]  # address and what was wrong
    feeds_malformed: tuple[tuple[str, str], ...]
    entries: int
    entries_new: int
    pages: Counter[str]  # by outcome
    failures: Counter[tuple[str, str]]  # by stage and error class
    rows: Counter[str]  # by table
    articles_plain: int  # stored without annotation: no model for the language, or it failed
    hosts: tuple[HostTime, ...]  # slowest first

    @property
    def every_feed_failed(self) -> bool:
        """Whether there was nothing to read at all."""
        return self.feeds > 0 and len(self.feeds_failed) == self.feeds

    def counts(self) -> tuple[StageCount, ...]:
        """Return the numbers as the `runs` table holds them."""
        pairs: list[tuple[str, str, int]] = [
            ("feeds", "read", self.feeds - len(self.feeds_failed)),
            ("feeds", "failed", len(self.feeds_failed)),
            ("feeds", "malformed", len(self.feeds_malformed)),
            ("entries", "seen", self.entries),
            ("entries", "new", self.entries_new),
            ("articles", "without_annotation", self.articles_plain),
        ]
        pairs += [("pages", outcome, n) for outcome, n in sorted(self.pages.items())]
        pairs += [("failures", f"{s}/{c}", n) for (s, c), n in sorted(self.failures.items())]
        pairs += [("rows", table, n) for table, n in sorted(self.rows.items())]
        return tuple(StageCount(stage=s, name=name, count=n) for s, name, n in pairs)


def collect_facts(files: Iterable[StagedFile]) -> RunFacts:
    """Read the small tables of a run that is about to be committed, a row at a time."""
    tally = _Tally()
    for file in files:
        tally.rows[file.table] += file.rows
        if file.table == "fetches":
            for record in read_records(file.path):
                tally.add_fetch(record)
        elif file.table == "articles":
            models = read_columns(file.path, ("model_version",))
            tally.articles_plain += sum(not row["model_version"] for row in models)
        elif file.table == "failures":
            tally.failures.update((r["stage"], r["error_class"]) for r in read_records(file.path))
    return tally.facts()


@dataclass
class _Tally:
    """Sums under way; its size follows the feeds and hosts, not the pages."""

    feeds: dict[str, Record] = field(default_factory=dict)  # the last attempt of each
    pages: Counter[str] = field(default_factory=Counter)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    articles_plain: int = 0
    hosts: dict[str, HostTime] = field(default_factory=dict)

    def add_fetch(self, fetch: Record) -> None:
        if fetch["target_type"] == "page":
            self.pages[fetch["outcome"]] += 1
        elif fetch["target_type"] == "feed":
            held = self.feeds.get(fetch["feed_url"])
            if held is None or held["attempt"] < fetch["attempt"]:
                self.feeds[fetch["feed_url"]] = fetch
        if fetch["duration_ms"] is not None:
            self._add_time(urlsplit(fetch["requested_url"]).netloc, fetch["duration_ms"])

    def _add_time(self, host: str, ms: int) -> None:
        held = self.hosts.get(host, HostTime(host, 0, 0, 0))
        self.hosts[host] = HostTime(
            host, held.requests + 1, held.total_ms + ms, max(held.slowest_ms, ms)
        )

    def facts(self) -> RunFacts:
        malformed = {u: f for u, f in self.feeds.items() if f["outcome"] == "malformed"}
        failed = {u: f for u, f in self.feeds.items() if f["outcome"] not in GOOD_FEED}
        return RunFacts(
            feeds=len(self.feeds),
            feeds_failed=_reasons(failed),
            feeds_malformed=_reasons(malformed),
            entries=sum(feed["entries_seen"] or 0 for feed in self.feeds.values()),
            entries_new=sum(feed["entries_new"] or 0 for feed in self.feeds.values()),
            pages=self.pages,
            failures=self.failures,
            rows=Counter({t: n for t, n in self.rows.items() if not t.startswith("_")}),
            articles_plain=self.articles_plain,
            hosts=tuple(sorted(self.hosts.values(), key=lambda h: (-h.slowest_ms, h.host))),
        )


def _reasons(feeds: dict[str, Record]) -> tuple[tuple[str, str], ...]:
    return tuple((url, feed["error"] or feed["outcome"]) for url, feed in sorted(feeds.items()))
