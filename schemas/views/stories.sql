-- stories: articles that are near-duplicates of one another, as one row
--
-- Only stories that at least two current articles tell. The id is that of the article newsbeam saw
-- first; an article that comes later joins it, an old row never changes.
--
-- duplicate_cluster_id: the story; joins with `current_articles`
-- title: headline of the first article
-- first_outlet: who had it first
-- first_seen_at: when newsbeam first saw it
-- last_published_at: publication of the last article
-- articles: number of articles
-- outlets: number of outlets
-- is_wire: one of the articles is agency copy
-- wire_service: the agency
create or replace view stories as
with told as (
  select *
  from current_articles
  where duplicate_cluster_id is not null
),
firsts as (
  select duplicate_cluster_id, title, outlet
  from told
  where true
  qualify row_number() over (
    partition by duplicate_cluster_id
    order by case when article_id = duplicate_cluster_id then 0 else 1 end, published_at, article_id
  ) = 1
),
totals as (
  select
    duplicate_cluster_id,
    min(first_seen_at) as first_seen_at,
    max(published_at) as last_published_at,
    count(*) as articles,
    count(distinct outlet) as outlets,
    max(case when is_wire then 1 else 0 end) = 1 as is_wire,
    max(wire_service) as wire_service
  from told
  group by duplicate_cluster_id
)
select
  totals.duplicate_cluster_id,
  firsts.title,
  firsts.outlet as first_outlet,
  totals.first_seen_at,
  totals.last_published_at,
  totals.articles,
  totals.outlets,
  totals.is_wire,
  totals.wire_service
from totals
join firsts on totals.duplicate_cluster_id = firsts.duplicate_cluster_id
where totals.articles > 1
