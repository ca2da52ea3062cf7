-- current_quotes: the quotations of current articles, beside what one wants to know of the article
--
-- All columns of `quotes`, and the ones below. One row an utterance of one article: the same words
-- in two articles are two rows here and one row of `quotations`.
--
-- speaker_key: `speaker_canonical` in lower case without accents and marks, the same in all outlets
-- speaker_role: what the article says the speaker is; null where it does not
-- word_count: number of words of the quotation
-- is_quotation: it stands in quotation marks and is no scare quote
-- title: the article's headline
-- url: the article's address: the canonical one, else the one that was fetched
-- outlet: who published it, see current_articles
-- language: the article's language
-- published_at: when it was published, see current_articles
-- duplicate_cluster_id: the story: articles that are near-duplicates share it
-- is_wire: the article is agency copy
-- wire_service: the agency
-- is_copy: the article is agency copy or a near-duplicate of an earlier one
create or replace view current_quotes as
select
  quotes.*,
  nullif(
    trim(lower(strip_accents(
      regexp_replace(quotes.speaker_canonical, '[^\p{L}\p{N}]+', ' ', 'g')
    ))),
    ''
  ) as speaker_key,
  entities.role as speaker_role,
  array_length(regexp_extract_all(quotes.quote_text, '[\p{L}\p{N}]+([''’.-][\p{L}\p{N}]+)*'))
    as word_count,
  quotes.quote_type <> 'indirect' and not list_contains(quotes.flags, 'scare_quote')
    as is_quotation,
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
