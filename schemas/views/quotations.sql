-- quotations: one row a quotation, however many articles carry it
--
-- Quotations are one when their words are the same but for capitals and punctuation. The speaker is
-- the one that most articles name; where they disagree, `speaker_share` says how much. Short ones
-- (“No comment”) belong to many people: ask for `words >= 5`.
--
-- canonical_quotation_hash: hash of the words; joins with `quotes` and `current_quotes`
-- quotation: the words, as the first article has them
-- words: number of words
-- speaker: the name that most articles give; null where none does
-- speaker_key: the same without capitals, accents and marks
-- speaker_share: share of the articles that name this speaker, 0 to 1
-- articles: number of articles that carry it
-- independent_articles: the same with near-duplicates counted once, and all that one agency supplied
-- outlets: number of outlets
-- first_seen: publication of the first article
-- first_outlet: who published that
-- first_url: its address
-- last_seen: publication of the last article
-- confidence: the highest confidence among the articles that name this speaker
create or replace view quotations as
with said as (
  select *
  from current_quotes
  where is_quotation
),
votes as (
  select
    canonical_quotation_hash,
    speaker_key,
    min(speaker_canonical) as speaker,
    count(distinct article_id) as articles,
    max(confidence) as confidence
  from said
  where speaker_key is not null
  group by canonical_quotation_hash, speaker_key
  qualify row_number() over (
    partition by canonical_quotation_hash
    order by count(distinct article_id) desc, max(confidence) desc, speaker_key
  ) = 1
),
firsts as (
  select canonical_quotation_hash, quote_text, outlet, url
  from said
  where true
  qualify row_number() over (
    partition by canonical_quotation_hash order by published_at, article_id, quote_id
  ) = 1
),
totals as (
  select
    canonical_quotation_hash,
    max(word_count) as words,
    count(distinct article_id) as articles,
    count(
      distinct coalesce('agency ' || wire_service, duplicate_cluster_id, article_id)
    ) as independent_articles,
    count(distinct outlet) as outlets,
    min(published_at) as first_seen,
    max(published_at) as last_seen
  from said
  group by canonical_quotation_hash
)
select
  totals.canonical_quotation_hash,
  firsts.quote_text as quotation,
  totals.words,
  votes.speaker,
  votes.speaker_key,
  coalesce(votes.articles, 0) / totals.articles as speaker_share,
  totals.articles,
  totals.independent_articles,
  totals.outlets,
  totals.first_seen,
  firsts.outlet as first_outlet,
  firsts.url as first_url,
  totals.last_seen,
  votes.confidence
from totals
join firsts on totals.canonical_quotation_hash = firsts.canonical_quotation_hash
left join votes on totals.canonical_quotation_hash = votes.canonical_quotation_hash
