create or replace view feed_health as
with led as (
  -- the references come from the table itself: bqemulator, on which this view is tested, loses
  -- columns of records where it spells out the star of another view
  select distinct ref.feed_url as feed_url, known.article_id, known.word_count
  from current_articles as known
  join articles as stored
    on known.article_id = stored.article_id
    and known.revision = stored.revision
    and known.run_id = stored.run_id
  cross join unnest(stored.feed_refs) as ref
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
    cast(approx_quantiles(duration_ms, 2)[offset(1)] as float64) as median_ms,
    max(duration_ms) as slowest_ms,
    max_by(entries_seen, if(entries_seen is null, null, fetched_at)) as entries,
    cast(coalesce(sum(entries_new), 0) as int64) as new_entries,
    max(case when entries_new > 0 then fetched_at end) as last_new_at
  from asked
  group by feed_url
),
pauses as (
  select
    feed_url,
    timestamp_diff(
      fetched_at, lag(fetched_at) over (partition by feed_url order by fetched_at), second
    ) / 3600 as hours
  from asked
  where entries_new > 0
),
usual as (
  select feed_url, approx_quantiles(hours, 2)[offset(1)] as usual_pause_h, count(hours) as pauses
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
    cast(coalesce(sum(said.quotations), 0) as int64) as quotations
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
  timestamp_diff(clock.now_at, totals.last_new_at, second) / 3600 as silent_h,
  case
    when usual.pauses >= 3
      then timestamp_diff(clock.now_at, totals.last_new_at, second) / 3600 > 3 * usual.usual_pause_h
  end as is_silent
from totals
join lasts on totals.feed_url = lasts.feed_url
cross join clock
left join usual on totals.feed_url = usual.feed_url
left join yields on totals.feed_url = yields.feed_url
left join pages on totals.feed_url = pages.feed_url
