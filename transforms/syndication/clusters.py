"""Decide what story an article belongs to, once its near-duplicates are known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.story import SignedArticle, StoryDecision


@dataclass(frozen=True)
class Member:
    """An article of the window."""

    article: SignedArticle
    is_new: bool  # of this run


def order_of(article: SignedArticle) -> int:
    """Return what orders articles by age, in microseconds."""
    return int((article.published_at or article.seen_at).timestamp() * 1e6)


def merge_member(versions: Iterable[Member]) -> Member:
    """Make one member of all that is known under one id.

    An article that this run revised keeps the story that it had; one that came twice in a run
    counts once.
    """
    ordered = sorted(versions, key=lambda m: (not m.is_new, m.article.seen_at, m.article.numbers))
    first = ordered[0]
    known = [m.article for m in ordered if not m.is_new]
    if first.is_new and known:
        before = known[-1]
        kept = replace(
            first.article, cluster_id=before.cluster_id, first_seen_at=before.first_seen_at
        )
        return Member(kept, is_new=True)
    return first


def decide_story(members: Sequence[Member]) -> Iterator[StoryDecision]:
    """Decide for the new members of one component.

    The story's id is that of the oldest story that a member already has; where all are new, the id
    of the member that was published first. A story that has an agency's credit, or the agency's
    own article, in one place is agency copy everywhere but on the agency's site.
    """
    articles = [member.article for member in members]
    story, first_seen = _oldest(articles)
    services = sorted(article.service for article in articles if article.service)
    service = max(services, key=services.count, default=None)
    for member in members:
        article = member.article
        if member.is_new:
            own = article.service or service
            yield StoryDecision(
                article_id=article.article_id,
                cluster_id=article.cluster_id or story,
                first_seen_at=article.first_seen_at or first_seen,
                is_wire=own is not None and not article.is_original,
                wire_service=own,
            )


def _oldest(articles: Sequence[SignedArticle]) -> tuple[str, datetime]:
    known = [
        (article.first_seen_at, article.cluster_id)
        for article in articles
        if article.cluster_id and article.first_seen_at
    ]
    if known:
        first_seen, story = min(known)
        return story, first_seen
    first = min(articles, key=lambda article: (order_of(article), article.article_id))
    return first.article_id, min(article.seen_at for article in articles)


def decide_alone(article: SignedArticle) -> StoryDecision:
    """Return what an article's columns say as long as no near-duplicate is known."""
    return StoryDecision(
        article_id=article.article_id,
        cluster_id=article.cluster_id or article.article_id,
        first_seen_at=article.first_seen_at or article.seen_at,
        is_wire=article.service is not None and not article.is_original,
        wire_service=article.service,
    )
