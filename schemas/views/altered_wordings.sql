-- altered_wordings: the same speaker's words in two wordings, side by side
--
-- Pairs of `quotations` of one speaker that share at least half of the shorter one's runs of three
-- words: cut, mended or changed quotations. Runs that a speaker uses in more than fifty quotations
-- are no evidence and are left out, which keeps the view's cost in bounds. What one article alone
-- says twice, such as a quotation and a piece of it in the headline, is left out, too.
--
-- speaker: the name
-- speaker_key: the same without capitals, accents and marks
-- wording_a: the wording that was seen first
-- wording_b: the other
-- overlap: shared runs of three words, as a share of the shorter wording's, 0 to 1
-- articles_a: number of articles that carry the first
-- articles_b: number of articles that carry the other
-- first_outlet_a: who had the first wording first
-- first_outlet_b: who had the other first
-- first_seen_a: when
-- first_seen_b: when
-- hash_a: the first wording's canonical_quotation_hash
-- hash_b: the other's
create or replace view altered_wordings as
with worded as (
  select
    *,
    regexp_extract_all(lower(quotation), '[\p{L}\p{N}]+') as tokens
  from quotations
  where speaker_key is not null and words >= 4
),
places as (
  select *, unnest(range(1, array_length(tokens) - 1)) as place
  from worded
),
runs_of_three as (
  select distinct
    speaker_key,
    canonical_quotation_hash,
    tokens[place] || ' ' || tokens[place + 1] || ' ' || tokens[place + 2] as words_run
  from places
),
telling as (
  select *
  from runs_of_three
  where true
  qualify count(*) over (partition by speaker_key, words_run) <= 50
),
sizes as (
  select canonical_quotation_hash, count(*) as size
  from runs_of_three
  group by canonical_quotation_hash
),
shared as (
  select
    a.canonical_quotation_hash as hash_a,
    b.canonical_quotation_hash as hash_b,
    count(*) as size
  from telling as a
  join telling as b on a.speaker_key = b.speaker_key and a.words_run = b.words_run
  where a.canonical_quotation_hash <> b.canonical_quotation_hash
  group by a.canonical_quotation_hash, b.canonical_quotation_hash
)
select
  a.speaker,
  a.speaker_key,
  a.quotation as wording_a,
  b.quotation as wording_b,
  shared.size / least(size_a.size, size_b.size) as overlap,
  a.articles as articles_a,
  b.articles as articles_b,
  a.first_outlet as first_outlet_a,
  b.first_outlet as first_outlet_b,
  a.first_seen as first_seen_a,
  b.first_seen as first_seen_b,
  shared.hash_a,
  shared.hash_b
from shared
join worded as a on shared.hash_a = a.canonical_quotation_hash
join worded as b on shared.hash_b = b.canonical_quotation_hash
join sizes as size_a on shared.hash_a = size_a.canonical_quotation_hash
join sizes as size_b on shared.hash_b = size_b.canonical_quotation_hash
where
  shared.size >= 0.5 * least(size_a.size, size_b.size)
  and not (a.articles = 1 and b.articles = 1 and coalesce(a.first_url = b.first_url, false))
  and (
    a.first_seen < b.first_seen
    or (a.first_seen = b.first_seen and shared.hash_a < shared.hash_b)
  )
