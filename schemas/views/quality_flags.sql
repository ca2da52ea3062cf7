-- quality_flags: what in current articles looks wrong, a row each
--
-- A flag is a reason to look, no proof. An article or quotation may have several.
--
-- - `repeated_body`: the outlet has this very text under several addresses: a consent page, an error
--   page, or one article with two addresses
-- - `spurious_speaker`: the speaker's name is no name: no capital letter, digits or an address in it,
--   the outlet itself, a credit or a button
-- - `date_like_speaker`: the speaker's name is a day, a month or a date
-- - `short_quotation`: fewer than five words in quotation marks: often a title or a scare quote
--
-- flag: one of the above
-- article_id: the article
-- quote_id: the quotation; null where the article is meant
-- outlet: who published it
-- url: the article's address
-- detail: what looks wrong: the speaker, the words, the number of articles
create or replace view quality_flags as
with bodies as (
  select outlet, content_hash, count(*) as size
  from current_articles
  group by outlet, content_hash
),
spoken as (
  select
    *,
    regexp_matches(
      speaker_key,
      '^(on |last |next |early |late )*(mon|tues|wednes|thurs|fri|satur|sun)day'
      || '( (morning|afternoon|evening|night))?$'
      || '|^([0-9]+ )?(january|february|march|april|may|june|july|august|september|october'
      || '|november|december)( [0-9]+)+$|^[0-9]+ (may|march|april|june|august)$'
      || '|^(january|february|july|september|october|november|december)$'
      || '|^(yesterday|today|tomorrow|tonight)$|^[0-9 ]+$'
    ) as is_date,
    not regexp_matches(speaker_canonical, '\p{Lu}|\p{Lo}')
    or regexp_matches(speaker_canonical, '[0-9@]|https?:|www[.]')
    or lower(speaker_canonical) = lower(outlet)
    or regexp_matches(
      speaker_key,
      '^(advertisement|read more|getty images|sign up|subscribe|copyright|photo|picture'
      || '|image|video|related|newsletter|share|click here)( |$)'
    ) as is_spurious
  from current_quotes
)
select
  'repeated_body' as flag,
  articles.article_id,
  cast(null as varchar) as quote_id,
  articles.outlet,
  coalesce(articles.canonical_url, articles.url, articles.original_url) as url,
  concat(cast(bodies.size as varchar), ' articles') as detail
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
