-- quotebank: one row a quotation, laid out as the Quotebank corpus
--
-- Quotation-centric, as Quotebank's article-level files rolled up: what stands in quotation marks,
-- with all speakers that the articles name and the mean of the probabilities that newsbeam gave them.
-- Wikidata ids are not known to newsbeam and are left out.
--
-- quote_id: canonical_quotation_hash
-- quotation: the words
-- speaker: the likeliest speaker; None where no article names one, as in Quotebank
-- date: first publication
-- num_occurrences: number of articles
-- probas: list of {speaker, probability}, likeliest first
-- urls: addresses of the articles
create or replace view quotebank as
with weighed as (
  select
    canonical_quotation_hash,
    coalesce(speaker_canonical, 'None') as speaker,
    article_id,
    max(confidence) as confidence
  from current_quotes
  where is_quotation
  group by canonical_quotation_hash, coalesce(speaker_canonical, 'None'), article_id
),
speakers_of as (
  select
    weighed.canonical_quotation_hash,
    weighed.speaker,
    sum(weighed.confidence) / any_value(quotations.articles) as probability
  from weighed
  join quotations on weighed.canonical_quotation_hash = quotations.canonical_quotation_hash
  group by weighed.canonical_quotation_hash, weighed.speaker
),
rolled as (
  select
    canonical_quotation_hash,
    list(
      struct_pack(speaker := speaker, probability := round(probability, 4))
      order by probability desc, speaker
    ) as probas
  from speakers_of
  group by canonical_quotation_hash
),
addresses as (
  select canonical_quotation_hash, list(distinct url order by url) as urls
  from current_quotes
  where is_quotation and url is not null
  group by canonical_quotation_hash
)
select
  quotations.canonical_quotation_hash as quote_id,
  quotations.quotation,
  coalesce(quotations.speaker, 'None') as speaker,
  quotations.first_seen as date,
  quotations.articles as num_occurrences,
  rolled.probas,
  coalesce(addresses.urls, []) as urls
from quotations
join rolled on quotations.canonical_quotation_hash = rolled.canonical_quotation_hash
left join addresses on quotations.canonical_quotation_hash = addresses.canonical_quotation_hash
