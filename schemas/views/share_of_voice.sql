-- share_of_voice: how much of each outlet's quoted speech each role has, day by day
--
-- One row a day, outlet and role. The `own_` columns leave out agency copy and near-duplicates of
-- earlier articles: what the outlet itself chose to quote. Shares are of all quotations (or words) of
-- that day and outlet, named speakers or not, and add up to 1. Indirect speech counts.
--
-- day: day of publication, UTC
-- outlet: who published
-- role: the speaker's role in lower case without an article; `(none given)` where the text names none
-- speakers: number of speakers with a name
-- quotations: number of utterances
-- words: their words
-- share_of_quotations: of the outlet's day, 0 to 1
-- share_of_words: of the outlet's day, 0 to 1
-- own_quotations: utterances outside copies
-- own_words: their words
-- own_share_of_quotations: of the outlet's day outside copies; null where it was all copies
-- own_share_of_words: of the outlet's day outside copies; null where it was all copies
create or replace view share_of_voice as
with spoken as (
  select
    cast(published_at as date) as day,
    outlet,
    case
      when speaker_role is null then '(none given)'
      when starts_with(lower(speaker_role), 'the ') then substr(lower(speaker_role), 5)
      when starts_with(lower(speaker_role), 'an ') then substr(lower(speaker_role), 4)
      when starts_with(lower(speaker_role), 'a ') then substr(lower(speaker_role), 3)
      else lower(speaker_role)
    end as role,
    speaker_key,
    word_count,
    case when is_copy then 0 else 1 end as own
  from current_quotes
),
rolled as (
  select
    day,
    outlet,
    role,
    count(distinct speaker_key) as speakers,
    count(*) as quotations,
    sum(word_count) as words,
    sum(own) as own_quotations,
    sum(own * word_count) as own_words
  from spoken
  group by day, outlet, role
),
days as (
  select
    day,
    outlet,
    sum(quotations) as quotations,
    sum(words) as words,
    sum(own_quotations) as own_quotations,
    sum(own_words) as own_words
  from rolled
  group by day, outlet
)
select
  rolled.day,
  rolled.outlet,
  rolled.role,
  rolled.speakers,
  rolled.quotations,
  cast(rolled.words as bigint) as words,
  rolled.quotations / days.quotations as share_of_quotations,
  rolled.words / nullif(days.words, 0) as share_of_words,
  cast(rolled.own_quotations as bigint) as own_quotations,
  cast(rolled.own_words as bigint) as own_words,
  rolled.own_quotations / nullif(days.own_quotations, 0) as own_share_of_quotations,
  rolled.own_words / nullif(days.own_words, 0) as own_share_of_words
from rolled
join days on rolled.day = days.day and rolled.outlet = days.outlet
