"""Decide which articles are one story: candidates by bands, pairs by signatures, components."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from schemas.story import SignedArticle, StoryDecision
from transforms.state import hash_of
from transforms.syndication.signatures import (
    SCHEME,
    TextSignature,
    are_near_duplicates,
    band_keys,
    numbers_of,
)

PARTITIONS = 64  # into which the bands' keys are dealt
ENTRY = np.dtype([("key", "<u8"), ("is_new", "?"), ("order", "<i8"), ("article", "<u8")])
Entries = NDArray[np.void]


@dataclass(frozen=True)
class Member:
    """An article of the window; `article` without its numbers once they are compared."""

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


def make_entries(members: Sequence[Member]) -> Entries:
    """Return an entry for every band of every member, as a flat array."""
    signed = [member for member in members if member.article.scheme == SCHEME]
    signed = [member for member in signed if member.article.numbers]
    keys = band_keys(numbers_of([member.article.numbers for member in signed]))
    entries = np.zeros(keys.shape, ENTRY)
    entries["key"] = keys
    entries["is_new"] = np.array([[member.is_new] for member in signed], bool).reshape(-1, 1)
    orders = [[order_of(member.article)] for member in signed]
    entries["order"] = np.array(orders, np.int64).reshape(-1, 1)
    handles = [[hash_of(member.article.article_id)] for member in signed]
    entries["article"] = np.array(handles, np.uint64).reshape(-1, 1)
    return entries.ravel()


def deal(entries: Entries) -> Iterator[tuple[int, bytes]]:
    """Deal entries to partitions by key, so that a band's whole bucket meets in one."""
    places = entries["key"] % np.uint64(PARTITIONS)
    for place in np.unique(places):
        yield int(place), entries[places == place].tobytes()


def candidate_pairs(blocks: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the handles of articles that share a band, each pair once, the smaller handle first.

    Of a bucket with n articles at most 2n pairs are taken: each new one with the oldest, and with
    the one before it. Two articles of earlier runs are no pair.
    """
    entries = np.frombuffer(b"".join(blocks), ENTRY)
    entries = entries[np.lexsort([entries[name] for name in ("article", "order", "is_new", "key")])]
    if len(entries) < 2:
        return
    keys, articles, is_new = entries["key"], entries["article"], entries["is_new"]
    place = np.arange(len(entries))
    follows = np.concatenate([[False], keys[1:] == keys[:-1]])
    first = np.maximum.accumulate(np.where(follows, 0, place))
    wanted = place[follows & is_new]
    pairs = np.concatenate(
        [
            np.stack([articles[first[wanted]], articles[wanted]], axis=1),
            np.stack([articles[wanted - 1], articles[wanted]], axis=1),
        ]
    )
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    yield from map(tuple, pairs[pairs[:, 0] != pairs[:, 1]].tolist())


def is_match(one: Member, other: Member) -> bool:
    """Say whether two members are near-duplicates."""
    a, b = one.article, other.article
    return are_near_duplicates(
        TextSignature(a.numbers, a.shingles), TextSignature(b.numbers, b.shingles)
    )


def without_numbers(member: Member) -> Member:
    """Return the member as it travels once it was compared."""
    return replace(member, article=replace(member.article, numbers=b""))


def decide(edges: Iterable[tuple[Member, Member]]) -> Iterator[StoryDecision]:
    """Say what story each new member of the edges' components belongs to."""
    for members in _components(edges):
        yield from decide_story(members)


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


def _components(edges: Iterable[tuple[Member, Member]]) -> Iterator[list[Member]]:
    """Yield the members of each connected component, by id (union-find)."""
    members: dict[str, Member] = {}
    parent: dict[str, str] = {}

    def root(item: str) -> str:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for edge in edges:
        for member in edge:
            members[member.article.article_id] = member
            parent.setdefault(member.article.article_id, member.article.article_id)
        one, other = (root(member.article.article_id) for member in edge)
        parent[max(one, other)] = min(one, other)
    groups: dict[str, list[Member]] = defaultdict(list)
    for article_id in sorted(members):
        groups[root(article_id)].append(members[article_id])
    yield from groups.values()
