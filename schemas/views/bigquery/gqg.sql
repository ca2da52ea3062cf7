create or replace view gqg as
select
  published_at as date,
  url,
  title,
  language as lang,
  array_agg(
    struct(pre as pre, quote_text as quote, post as post)
    order by content_spans[offset(0)].start, quote_id
  ) as quotes
from current_quotes
where is_quotation
group by article_id, published_at, url, title, language
