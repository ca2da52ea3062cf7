"""Many articles out of few, for benchmarks: other people, other addresses, the rest as written."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, islice

from pipeline.newsroom.content import SampleArticle, load_newsroom


def make_copies(articles: Sequence[SampleArticle], count: int) -> Iterator[SampleArticle]:
    """`count` articles with distinct ids, slugs and texts, the same ones every time.

    Only articles in English with a full page and people in it are copied. A copy carries no
    expected quotations or mentions: its names are others. The outlets take turns.
    """
    models = sorted(filter(_is_model, articles), key=lambda a: (a.article_id[1:], a.outlet))
    for number, article in enumerate(islice(cycle(models), count)):
        yield _copy(article, number)


def _is_model(article: SampleArticle) -> bool:
    named = any(mention.label == "PERSON" for mention in article.mentions)
    return article.page == "full" and article.language.startswith("en") and named


def _copy(article: SampleArticle, number: int) -> SampleArticle:
    names = _renamed(article, random.Random(f"{article.article_id} {number}"))
    moment = article.published + timedelta(seconds=number)
    return replace(
        article,
        article_id=f"{article.article_id}-{number:05d}",
        slug=f"{article.slug}-{number:05d}",
        published=moment,
        modified=moment,
        headline=_rename(article.headline, names),
        paragraphs=tuple(_rename(paragraph, names) for paragraph in article.paragraphs),
        quotes=(),
        mentions=(),
    )


def _renamed(article: SampleArticle, chance: random.Random) -> Mapping[str, str]:
    """For every part of a person's name another one: given for given, family for family."""
    pool = load_newsroom()["names"]
    people = [m.text.split() for m in article.mentions if m.label == "PERSON"]
    family = {parts[-1] for parts in people if len(parts) > 1}
    parts = sorted({part for name in people for part in name})
    given_names = chance.sample(pool["given"], len(pool["given"]))
    family_names = chance.sample(pool["family"], len(pool["family"]))
    return {
        part: (family_names if part in family else given_names)[index]
        for index, part in enumerate(parts)
    }


def _rename(text: str, names: Mapping[str, str]) -> str:
    """Replace whole words; what is glued to a word by a mark or an apostrophe stays."""
    for old, new in names.items():
        text = _replace_word(text, old, new)
    return text


def _replace_word(text: str, old: str, new: str) -> str:
    pieces = text.split(old)
    out = pieces[0]
    for piece in pieces[1:]:
        whole = not out[-1:].isalpha() and not piece[:1].isalpha()
        out += (new if whole else old) + piece
    return out
