-- feed_health: how each feed does: when it last worked, how fast, how much it gives, whether it went silent
--
-- "Now" is the end of the last committed run, so that the view says the same whenever it is asked.
-- A feed is silent longer than usual when it has given nothing new for more than three times the
-- median pause between passes with something new, and at least three such pauses are known.
--
-- feed_url: the feed, as listed
-- last_fetched_at: last attempt
-- last_outcome: what came of it (docs/operations.md)
-- last_http_status: status of the last answer
-- last_error: what was wrong, in words; null where nothing was
-- last_success_at: last attempt that gave entries, or said that nothing had changed
-- attempts: number of attempts
-- failed_share: share of attempts that failed, 0 to 1
-- median_ms: median time of a request
-- slowest_ms: the slowest request
-- entries: entries in the feed when it was last read
-- new_entries: entries that were new, over all passes
-- articles: current articles that the feed led to
-- articles_per_new_entry: yield of pages; null where nothing was new
-- quotations: utterances in these articles
-- short_articles: articles of these under 100 words: pages whose text could not be had
-- failed_pages: attempts to fetch pages from this feed that failed
-- last_new_at: last attempt that gave something new
-- usual_pause_h: median hours between two such attempts; null where there were not two
-- silent_h: hours from the last one to the last run
-- is_silent: silent longer than usual; null where too little is known
create or replace view feed_health as
with led as (
  select distinct feed_url, article_id, word_count
  from (select article_id, word_count, unnest(feed_refs).feed_url as feed_url from current_articles)
),
settled as (
  select
    *,
    outcome in ('ok', 'malformed', 'not_modified') as worked
  from fetches
  where run_id in (select run_id from runs)
),
asked as (
  select *
  from settled
  where target_type = 'feed' and feed_url is not null
),
clock as (
  select max(finished_at) as now_at
  from runs
),
lasts as (
  select feed_url, fetched_at, outcome, http_status, error
  from asked
  where true
  qualify row_number() over (
    partition by feed_url order by fetched_at desc, attempt desc, fetch_id
  ) = 1
),
totals as (
  select
    feed_url,
    count(*) as attempts,
    count(case when not worked then 1 end) / count(*) as failed_share,
    max(case when worked then fetched_at end) as last_success_at,
    cast(median(duration_ms) as double) as median_ms,
    max(duration_ms) as slowest_ms,
    max_by(entries_seen, fetched_at) filter (entries_seen is not null) as entries,
    cast(coalesce(sum(entries_new), 0) as bigint) as new_entries,
    max(case when entries_new > 0 then fetched_at end) as last_new_at
  from asked
  group by feed_url
),
pauses as (
  select
    feed_url,
    date_diff(
      'second', lag(fetched_at) over (partition by feed_url order by fetched_at), fetched_at
    ) / 3600 as hours
  from asked
  where entries_new > 0
),
usual as (
  select feed_url, cast(median(hours) as double) as usual_pause_h, count(hours) as pauses
  from pauses
  group by feed_url
),
said as (
  select article_id, count(*) as quotations
  from current_quotes
  group by article_id
),
yields as (
  select
    led.feed_url,
    count(*) as articles,
    count(case when led.word_count < 100 then 1 end) as short_articles,
    cast(coalesce(sum(said.quotations), 0) as bigint) as quotations
  from led
  left join said on led.article_id = said.article_id
  group by led.feed_url
),
pages as (
  select feed_url, count(case when not worked then 1 end) as failed_pages
  from settled
  where target_type = 'page'
  group by feed_url
)
select
  totals.feed_url,
  lasts.fetched_at as last_fetched_at,
  lasts.outcome as last_outcome,
  lasts.http_status as last_http_status,
  lasts.error as last_error,
  totals.last_success_at,
  totals.attempts,
  totals.failed_share,
  totals.median_ms,
  totals.slowest_ms,
  totals.entries,
  totals.new_entries,
  coalesce(yields.articles, 0) as articles,
  coalesce(yields.articles, 0) / nullif(totals.new_entries, 0) as articles_per_new_entry,
  coalesce(yields.quotations, 0) as quotations,
  coalesce(yields.short_articles, 0) as short_articles,
  coalesce(pages.failed_pages, 0) as failed_pages,
  totals.last_new_at,
  usual.usual_pause_h,
  date_diff('second', totals.last_new_at, clock.now_at) / 3600 as silent_h,
  case
    when usual.pauses >= 3
      then date_diff('second', totals.last_new_at, clock.now_at) / 3600 > 3 * usual.usual_pause_h
  end as is_silent
from totals
join lasts on totals.feed_url = lasts.feed_url
cross join clock
left join usual on totals.feed_url = usual.feed_url
left join yields on totals.feed_url = yields.feed_url
left join pages on totals.feed_url = pages.feed_url
