"""Signatures of texts that are given as paragraphs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from schemas.story import SignedArticle
from tests.rows import article
from transforms.syndication.group_articles import sign_article

START = datetime(2026, 3, 1, tzinfo=UTC)


def sign(key: str, paragraphs: Sequence[str], number: int) -> SignedArticle:
    """An article's signature; later ones come later."""
    return sign_article(
        article(
            article_id=key,
            title=paragraphs[0],
            text_content="\n".join(paragraphs),
            ingested_at=START + timedelta(seconds=number),
        )
    )
