create or replace view quality_flags as
with bodies as (
  select outlet, content_hash, count(*) as size
  from current_articles
  group by outlet, content_hash
),
spoken as (
  select
    *,
    regexp_contains(
      speaker_key,
      r'^(on |last |next |early |late )*(mon|tues|wednes|thurs|fri|satur|sun)day'
      || r'( (morning|afternoon|evening|night))?$'
      || r'|^([0-9]+ )?(january|february|march|april|may|june|july|august|september|october'
      || r'|november|december)( [0-9]+)+$|^[0-9]+ (may|march|april|june|august)$'
      || r'|^(january|february|july|september|october|november|december)$'
      || r'|^(yesterday|today|tomorrow|tonight)$|^[0-9 ]+$'
    ) as is_date,
    not regexp_contains(speaker_canonical, r'\p{Lu}|\p{Lo}')
    or regexp_contains(speaker_canonical, r'[0-9@]|https?:|www[.]')
    or lower(speaker_canonical) = lower(outlet)
    or regexp_contains(
      speaker_key,
      r'^(advertisement|read more|getty images|sign up|subscribe|copyright|photo|picture'
      || r'|image|video|related|newsletter|share|click here)( |$)'
    ) as is_spurious
  from current_quotes
)
select
  'repeated_body' as flag,
  articles.article_id,
  cast(null as string) as quote_id,
  articles.outlet,
  coalesce(articles.canonical_url, articles.url, articles.original_url) as url,
  concat(cast(bodies.size as string), ' articles') as detail
from current_articles as articles
join bodies on articles.outlet = bodies.outlet and articles.content_hash = bodies.content_hash
where bodies.size > 1
union all
select
  case when is_date then 'date_like_speaker' else 'spurious_speaker' end as flag,
  article_id,
  quote_id,
  outlet,
  url,
  speaker_canonical as detail
from spoken
where is_date or is_spurious
union all
select 'short_quotation' as flag, article_id, quote_id, outlet, url, quote_text as detail
from current_quotes
where is_quotation and word_count < 5
