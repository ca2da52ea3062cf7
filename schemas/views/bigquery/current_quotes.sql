create or replace view current_quotes as
select
  quotes.*,
  nullif(
    trim(lower(regexp_replace(
      normalize(regexp_replace(quotes.speaker_canonical, r'[^\p{L}\p{N}]+', ' '), nfd),
      r'\p{M}',
      ''
    ))),
    ''
  ) as speaker_key,
  entities.role as speaker_role,
  array_length(regexp_extract_all(quotes.quote_text, r"[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*"))
    as word_count,
  quotes.quote_type <> 'indirect' and 'scare_quote' not in unnest(quotes.flags) as is_quotation,
  articles.title,
  coalesce(articles.canonical_url, articles.url, articles.original_url) as url,
  articles.outlet,
  articles.language,
  articles.published_at,
  articles.duplicate_cluster_id,
  articles.is_wire,
  articles.wire_service,
  articles.is_copy
from quotes
join current_articles as articles
  on quotes.article_id = articles.article_id
  and quotes.revision = articles.revision
  and quotes.run_id = articles.run_id
left join entities
  on quotes.speaker_entity_id = entities.entity_id
  and quotes.article_id = entities.article_id
  and quotes.revision = entities.revision
  and quotes.run_id = entities.run_id
