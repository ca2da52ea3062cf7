-- current_articles: the latest revision of each article
--
-- All columns of `articles`, and the ones below. Of an article that a later run wrote again, the
-- later row is the current one. Start here rather than from `articles` unless you study revisions.
--
-- published_at: `date_published`, or `ingested_at` where the article gives no date
-- outlet: the publisher's name that the domain's articles give most often; the domain without one
-- is_copy: agency copy, or a near-duplicate of an article that newsbeam had seen before
create or replace view current_articles as
with committed as (
  select article_id, revision, run_id, canonical_domain, publisher
  from articles
  where run_id in (select run_id from runs)
  qualify row_number() over (partition by article_id order by run_id desc, revision desc) = 1
),
names as (
  select canonical_domain, publisher as outlet
  from committed
  where canonical_domain is not null and publisher is not null
  group by canonical_domain, publisher
  qualify row_number() over (
    partition by canonical_domain order by count(*) desc, length(publisher), publisher
  ) = 1
)
select
  articles.*,
  coalesce(articles.date_published, articles.ingested_at) as published_at,
  coalesce(names.outlet, articles.publisher, articles.canonical_domain, 'unknown') as outlet,
  coalesce(articles.is_wire, false)
    or coalesce(articles.duplicate_cluster_id <> articles.article_id, false) as is_copy
from articles
join committed
  on articles.article_id = committed.article_id
  and articles.revision = committed.revision
  and articles.run_id = committed.run_id
left join names on articles.canonical_domain = names.canonical_domain
