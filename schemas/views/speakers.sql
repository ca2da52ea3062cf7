-- speakers: one row a speaker across all articles and outlets
--
-- Speakers are one when their names are the same but for capitals, accents and punctuation; newsbeam
-- never merges more than that by itself. Names that differ only in titles, initials or middle names
-- stay apart and are proposed in `maybe_same_as`, for a person to decide. A name is no person: two
-- people of one name are one row.
--
-- speaker_key: the name in lower case without accents and marks
-- speaker: the spelling that most quotations have
-- spellings: list of all spellings
-- maybe_same_as: list of other speaker_keys that may be the same person
-- roles: list of what articles say the speaker is
-- outlets: list of the outlets that quote the speaker
-- articles: number of articles
-- independent_articles: the same with near-duplicates counted once
-- quotations: number of utterances, indirect speech included
-- words: number of words of these
-- confidence: mean confidence of these
-- first_quoted: publication of the first article
-- last_quoted: publication of the last article
create or replace view speakers as
with named as (
  select *
  from current_quotes
  where speaker_key is not null
),
spelled as (
  select speaker_key, speaker_canonical
  from named
  group by speaker_key, speaker_canonical
  qualify row_number() over (
    partition by speaker_key order by count(*) desc, speaker_canonical
  ) = 1
),
keys as (
  select distinct speaker_key
  from named
),
parts as (
  select
    speaker_key,
    string_split(
      trim(regexp_replace(
        speaker_key,
        '\b(mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame'
        || '|lord|lady|rev|cllr|sen|rep|gov|lt|col|gen|sgt|capt|jr|sr|ii|iii)\b *',
        '',
        'g'
      )),
      ' '
    ) as tokens
  from keys
),
forms as (
  select
    speaker_key,
    tokens[1] as given,
    tokens[-1] as family,
    case when array_length(tokens) > 2 then substr(tokens[2], 1, 1) else '' end as middle
  from parts
  where array_length(tokens) >= 2
),
proposed as (
  select a.speaker_key, list(b.speaker_key order by b.speaker_key) as maybe_same_as
  from forms as a
  join forms as b on a.family = b.family and substr(a.given, 1, 1) = substr(b.given, 1, 1)
  where
    a.speaker_key <> b.speaker_key
    and (a.given = b.given or length(a.given) = 1 or length(b.given) = 1)
    and (a.middle = '' or b.middle = '' or a.middle = b.middle)
  group by a.speaker_key
),
held as (
  select speaker_key, list(distinct speaker_role order by speaker_role) as roles
  from named
  where speaker_role is not null
  group by speaker_key
),
rolled as (
  select
    speaker_key,
    list(distinct speaker_canonical order by speaker_canonical) as spellings,
    list(distinct outlet order by outlet) as outlets,
    count(distinct article_id) as articles,
    count(distinct coalesce(duplicate_cluster_id, article_id)) as independent_articles,
    count(*) as quotations,
    cast(sum(word_count) as bigint) as words,
    avg(confidence) as confidence,
    min(published_at) as first_quoted,
    max(published_at) as last_quoted
  from named
  group by speaker_key
)
select
  rolled.speaker_key,
  spelled.speaker_canonical as speaker,
  rolled.spellings,
  coalesce(proposed.maybe_same_as, []) as maybe_same_as,
  coalesce(held.roles, []) as roles,
  rolled.outlets,
  rolled.articles,
  rolled.independent_articles,
  rolled.quotations,
  rolled.words,
  rolled.confidence,
  rolled.first_quoted,
  rolled.last_quoted
from rolled
join spelled on rolled.speaker_key = spelled.speaker_key
left join held on rolled.speaker_key = held.speaker_key
left join proposed on rolled.speaker_key = proposed.speaker_key
