"""Alerts for the operator: rules over the tables, after a run.

Each rule is a question to the warehouse, with its limits in a TOML file; what it finds is a value.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.facts import GOOD_FEED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Alert:
    """One thing that an operator should look at."""

    rule: str  # the rule's name in the file
    subject: str  # the feed, outlet or run it is about
    message: str  # what is the matter, in words
    value: float  # what was measured
    limit: float  # what the rule allows


@dataclass(frozen=True)
class FeedSilent:
    """A feed gave nothing new for longer than usual."""

    times: float = 3.0  # of its usual pause
    hours: float = 24.0  # at least
    ignore: tuple[str, ...] = ()  # addresses of feeds


@dataclass(frozen=True)
class FeedFailing:
    """A feed could not be read in its last attempts."""

    attempts: int = 3
    ignore: tuple[str, ...] = ()  # addresses of feeds


@dataclass(frozen=True)
class Failures:
    """Too many of the last run's feeds and pages failed."""

    share: float = 0.2  # more than this
    elements: int = 10  # of so many at least


@dataclass(frozen=True)
class NoQuotations:
    """An outlet's newest articles hold no quotation, while earlier ones used to."""

    articles: int = 10  # newest ones looked at
    usual: float = 0.3  # share of the earlier ones that hold one, at least
    ignore: tuple[str, ...] = ()  # names of outlets


Rule = FeedSilent | FeedFailing | Failures | NoQuotations

WORKED = str(tuple(sorted(GOOD_FEED)))  # as a list of SQL

SILENT = """
with fresh as (select distinct feed_url, fetched_at from fetches
  where target_type = 'feed' and entries_new > 0 and run_id in (select run_id from runs)),
paused as (select feed_url, fetched_at, date_diff('second',
    lag(fetched_at) over (partition by feed_url order by fetched_at), fetched_at) / 3600 as hours
  from fresh)
select feed_url, date_diff('second', max(fetched_at), $now) / 3600 as silent, median(hours) as usual
from paused group by feed_url having count(hours) >= 3 order by feed_url
"""
FAILING = f"""
with asked as (select feed_url, fetched_at, outcome, error,
    row_number() over (partition by feed_url order by fetched_at desc, attempt desc) as back
  from (select * from fetches where target_type = 'feed' and feed_url is not null
    qualify row_number() over (partition by feed_url, run_id order by attempt desc) = 1))
select feed_url, count(*) as attempts, min_by(coalesce(error, outcome), back) as error
from asked where back <= $attempts group by feed_url
having count(*) = $attempts and bool_and(outcome not in {WORKED}) order by feed_url
"""
FAILED = f"""
with asked as (select requested_url, outcome from fetches
  where target_type in ('feed', 'page') and run_id = (select max(run_id) from runs)
  qualify row_number() over (partition by target_type, requested_url order by attempt desc) = 1)
select (select max(run_id) from runs), count(*), count(*) filter (where outcome not in {WORKED})
from asked
"""
SAID_NOTHING = """
with said as (select distinct article_id from current_quotes),
numbered as (select a.outlet, said.article_id is not null as has_quotation,
    row_number() over (partition by a.outlet order by a.ingested_at desc, a.article_id) as back
  from current_articles a left join said using (article_id) where a.model_version <> '')
select outlet, avg(has_quotation::int) filter (where back > $articles) as usual
from numbered group by outlet
having count(*) >= 2 * $articles and not bool_or(has_quotation and back <= $articles)
order by outlet
"""


def find_alerts(
    connection: "DuckDBPyConnection", rules: Mapping[str, Rule], now: datetime
) -> list[Alert]:
    """Return what the rules find in the tables of `connection`, in the order of the rules."""
    return [
        alert
        for name, rule in rules.items()
        for alert in CHECKS[name](connection, rule, now)
        if alert.subject not in getattr(rule, "ignore", ())
    ]


def _silent(connection: "DuckDBPyConnection", rule: Any, now: datetime) -> Iterator[Alert]:
    for feed, silent, usual in connection.execute(SILENT, {"now": now}).fetchall():
        limit = max(rule.times * usual, rule.hours)
        if silent > limit:
            message = f"nothing new for {_hours(silent)}; usual is every {_hours(usual)}"
            yield Alert("feed_silent", feed, message, round(silent, 2), round(limit, 2))


def _failing(connection: "DuckDBPyConnection", rule: Any, now: datetime) -> Iterator[Alert]:
    found = connection.execute(FAILING, {"attempts": rule.attempts}).fetchall()
    for feed, attempts, error in found:
        message = f"could not be read {attempts} times in a row: {error}"
        yield Alert("feed_failing", feed, message, attempts, rule.attempts)


def _failures(connection: "DuckDBPyConnection", rule: Any, now: datetime) -> Iterator[Alert]:
    ((run, asked, failed),) = connection.execute(FAILED).fetchall()
    if asked >= rule.elements and failed / asked > rule.share:
        message = f"{failed} of {asked} feeds and pages failed, more than {rule.share:.0%}"
        yield Alert("failures", run, message, round(failed / asked, 4), rule.share)


def _no_quotations(connection: "DuckDBPyConnection", rule: Any, now: datetime) -> Iterator[Alert]:
    found = connection.execute(SAID_NOTHING, {"articles": rule.articles}).fetchall()
    for outlet, usual in found:
        if usual >= rule.usual:
            message = (
                f"no quotation in the newest {rule.articles} articles; usual is one in {usual:.0%}"
            )
            yield Alert("no_quotations", outlet, message, 0.0, rule.usual)


def _hours(hours: float) -> str:
    if hours < 2:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"


RULES: Mapping[str, type[Rule]] = {
    "feed_silent": FeedSilent,
    "feed_failing": FeedFailing,
    "failures": Failures,
    "no_quotations": NoQuotations,
}
CHECKS: Mapping[str, Callable[["DuckDBPyConnection", Any, datetime], Iterator[Alert]]] = {
    "feed_silent": _silent,
    "feed_failing": _failing,
    "failures": _failures,
    "no_quotations": _no_quotations,
}


def alert_record(alerts: list[Alert], run_id: str | None, now: datetime) -> dict[str, Any]:
    """Return what the JSON file for monitors holds."""
    return {
        "checked_at": now.isoformat(timespec="seconds"),
        "run_id": run_id,
        "alerts": [dataclasses.asdict(alert) for alert in alerts],
    }
