-- gqg: one row an article with its quotations, laid out as GDELT's Global Quotation Graph
--
-- What stands in quotation marks in current articles, in the text's order; indirect speech and scare
-- quotes are left out. GDELT's own files are one such record a line, as JSON.
--
-- date: when the article was published
-- url: the article's address
-- title: its headline
-- lang: its language
-- quotes: list of {pre, quote, post}: up to 100 characters before, the words, up to 100 after
create or replace view gqg as
select
  published_at as date,
  url,
  title,
  language as lang,
  list(
    struct_pack(pre := pre, quote := quote_text, post := post)
    order by content_spans[1].start, quote_id
  ) as quotes
from current_quotes
where is_quotation
group by article_id, published_at, url, title, language
