"""The numbers that the page opens with: what came in, from whom, who is quoted, what is broken."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHART_DAYS = 30
CHART_OUTLETS = 6  # that have a colour of their own; the others share one
CHART_PEOPLE = 12
NEW_SHOWN = 8
OTHER = "other outlets"

Rows = list[dict[str, Any]]

# quoted: one row a quotation of the newest revision of an article, with its outlet.
QUOTED = """
create table quoted as
select q.quote_id, q.article_id, q.speaker_canonical as speaker, q.quote_type as kind,
  q.confidence, c.outlet, c.run_id, c.first_seen, c.shown_at
from quotes q join current c using (article_id, revision, run_id)
"""
TOTALS = """
select (select count(*) from current) as articles,
  (select count(*) from quoted) as quotations,
  (select count(distinct speaker) from quoted) as people,
  (select count(distinct outlet) from current) as outlets,
  (select count(*) from quoted where speaker is not null) as attributed,
  (select count(distinct feed_url) from fetches where target_type = 'feed') as feeds,
  (select count(*) from runs) as runs,
  (select epoch_ms(min(started_at)) from runs) as first_run,
  (select epoch_ms(max(started_at)) from runs) as last_run
"""
RUN = """
select run_id, epoch_ms(started_at) as started, epoch_ms(finished_at) as finished,
  pipeline_version, model_version, exit_status
from runs order by run_id desc limit 1
"""
OUTLET_ROWS = """
select outlet, count(distinct article_id) as articles, coalesce(sum(quotations), 0) as quotations,
  count(distinct run_id) as runs, epoch_ms(max(shown_at)) as newest
from current left join (select article_id, count(*) as quotations from quoted group by all)
  using (article_id)
group by outlet order by articles desc, outlet
"""
# The newest 30 days that hold a good share of the articles: one misdated article moves nothing.
DAYS = f"""
with dated as (
  select shown_at::date as day, outlet from current where shown_at <= now() + interval 1 day),
months as (select day, sum(count(*)) over (order by day
  range between interval {CHART_DAYS - 1} days preceding and current row) as articles
  from dated group by day),
last as (select max(day) as day from months
  where articles * 5 >= (select max(articles) from months)),
shown as (select d.* from dated d, last
  where d.day > last.day - {CHART_DAYS} and d.day <= last.day),
big as (select outlet from shown group by outlet order by count(*) desc, outlet
  limit {CHART_OUTLETS})
select strftime(day, '%Y-%m-%d') as day,
  if(outlet in (from big), outlet, '{OTHER}') as outlet, count(*) as articles
from shown group by all order by day, outlet
"""
PEOPLE = f"""
with top as (select speaker, count(*) as n, count(distinct outlet) as outlets from quoted
  where speaker is not null group by all
  order by n desc, outlets desc, speaker limit {CHART_PEOPLE}),
big as (select outlet from quoted join top using (speaker) group by outlet
  order by count(*) desc, outlet limit {CHART_OUTLETS})
select speaker, if(outlet in (from big), outlet, '{OTHER}') as outlet,
  count(*) as quotations, count(distinct article_id) as articles, any_value(n) as total
from quoted join top using (speaker) group by 1, 2
order by total desc, speaker, quotations desc, outlet
"""
CERTAINTY = """
select kind, least(floor(confidence * 10), 9)::int as tenth, count(*) as quotations
from quoted group by all order by kind, tenth
"""
NEW = """
with latest as (select max(ingest_date) as day from runs),
fresh as (select article_id from current, latest where first_seen::date >= latest.day)
select strftime(latest.day, '%Y-%m-%d') as day,
  (select count(*) from fresh) as articles,
  (select count(*) from quoted semi join fresh using (article_id)) as quotations,
  (select count(*) from current) as all_articles
from latest
"""
FRESH_ARTICLES = f"""
select c.article_id as id, c.outlet, count(q.quote_id) as quotations
from current c left join quoted q using (article_id), (select max(ingest_date) as day from runs) l
where c.first_seen::date >= l.day
group by all order by max(c.shown_at) desc, quotations desc, id limit {NEW_SHOWN}
"""
FRESH_PEOPLE = f"""
select speaker, count(*) as quotations, count(distinct outlet) as outlets
from quoted where speaker is not null
group by speaker having min(first_seen)::date >= (select max(ingest_date) from runs)
order by quotations desc, outlets desc, speaker limit {NEW_SHOWN}
"""
FEEDS = """
with asked as (select *, coalesce(feed_url, requested_url) as feed from fetches
  where target_type = 'feed'),
latest as (select feed, max_by(outcome, (fetched_at, attempt)) as outcome,
  max_by(coalesce(error, ''), (fetched_at, attempt)) as error,
  max_by(coalesce(http_status, 0), (fetched_at, attempt)) as http_status,
  epoch_ms(max(fetched_at)) as asked,
  epoch_ms(max(fetched_at) filter (where outcome in ('ok', 'not_modified'))) as worked,
  epoch_ms(max(fetched_at) filter (where entries_new > 0)) as gave_new,
  coalesce(sum(entries_new), 0) as entries_new
  from asked group by feed),
led as (select ref.feed_url as feed, count(distinct article_id) as articles,
  mode(outlet) as outlet
  from (select article_id, run_id, revision, unnest(feed_refs) as ref from articles)
  join current using (article_id, revision, run_id) group by feed)
select latest.*, coalesce(led.articles, 0) as articles, led.outlet
from latest left join led using (feed)
order by outcome in ('ok', 'not_modified'), feed
"""
FAILURES = """
select stage, error_class, count(*) as failures, min(key) as example,
  min_by(message, key) as message
from failures where run_id = (select max(run_id) from runs)
group by all order by failures desc, stage, error_class limit 50
"""
PLAIN = """
select count(*) as articles, count(distinct language) as languages
from articles join current using (article_id, revision, run_id) where model_version = ''
"""


@dataclass(frozen=True)
class Facts:
    """All that the overview and the health page show; times are milliseconds since 1970, UTC."""

    totals: dict[str, Any]
    run: dict[str, Any]  # the newest
    outlets: Rows
    days: Rows  # articles by day of publication and outlet, the last 30 days
    people: Rows  # quotations of the most quoted by outlet
    certainty: Rows  # quotations by kind and tenth of confidence
    new: dict[str, Any]  # of the newest day
    new_articles: Rows
    new_people: Rows  # quoted for the first time on that day
    feeds: Rows  # broken ones first
    failures: Rows  # of the newest run, by stage and kind
    unannotated: dict[str, Any]


def collect_facts(connection: "DuckDBPyConnection") -> Facts:
    """Count what the page opens with; `connection` comes from `open_current`."""
    connection.execute(QUOTED)
    return Facts(
        totals=_row(connection, TOTALS),
        run=_row(connection, RUN),
        outlets=_rows(connection, OUTLET_ROWS),
        days=_rows(connection, DAYS),
        people=_rows(connection, PEOPLE),
        certainty=_rows(connection, CERTAINTY),
        new=_row(connection, NEW),
        new_articles=_rows(connection, FRESH_ARTICLES),
        new_people=_rows(connection, FRESH_PEOPLE),
        feeds=_rows(connection, FEEDS),
        failures=_rows(connection, FAILURES),
        unannotated=_row(connection, PLAIN),
    )


def _rows(connection: "DuckDBPyConnection", sql: str) -> Rows:
    result = connection.execute(sql)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _row(connection: "DuckDBPyConnection", sql: str) -> dict[str, Any]:
    found = _rows(connection, sql)
    return found[0] if found else {}
