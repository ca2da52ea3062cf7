"""Group the articles of one window, and those of the last days, into stories: without a graph.

A window holds few articles, and its commit waits for those of all windows before: so it does by
itself, with the same functions, what `GroupArticles` spreads over workers for a pass.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from schemas.story import SignedArticle, StoryDecision
from transforms.state import hash_of
from transforms.syndication.clusters import (
    Member,
    candidate_pairs,
    decide,
    decide_alone,
    is_match,
    make_entries,
    merge_member,
    without_numbers,
)
from transforms.syndication.group_articles import is_news, with_story
from transforms.syndication.known import KnownSignatures, pack_wanted


def group_window(
    signed: Iterable[SignedArticle], known: KnownSignatures
) -> tuple[dict[str, StoryDecision], list[SignedArticle]]:
    """Return the decisions that differ from what the columns say, by id, and rows of the state."""
    new = [Member(article, is_new=True) for article in signed]
    if not new:
        return {}, []
    old = known.read(pack_wanted(member.article for member in new))
    members = _merged([*new, *(Member(article, is_new=False) for article in old)])
    by_handle = {hash_of(member.article.article_id): member for member in members}
    pairs = candidate_pairs([make_entries(members).tobytes()])
    edges = [
        (without_numbers(by_handle[one]), without_numbers(by_handle[other]))
        for one, other in pairs
        if is_match(by_handle[one], by_handle[other])
    ]
    decided = {decision.article_id: decision for decision in decide(edges)}
    decisions, remembered = {}, []
    for member in members:
        if member.is_new:
            article = member.article
            decision = decided.get(article.article_id) or decide_alone(article)
            remembered.append(with_story(article, decision))
            if is_news(article, decision):
                decisions[article.article_id] = decision
    return decisions, remembered


def _merged(members: Iterable[Member]) -> list[Member]:
    versions: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        versions[member.article.article_id].append(member)
    return [merge_member(group) for _, group in sorted(versions.items())]
