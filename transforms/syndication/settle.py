"""Give every new article its story: those alone by columns, near-duplicates story by story."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.story import SignedArticle, StoryDecision
from transforms.syndication.blocks import IS_NEW, SCHEMA, handles_in, pack, unpack
from transforms.syndication.clusters import Member, decide_alone, decide_story, merge_member
from transforms.syndication.pairs import Rows

ROOT = "root"  # names the story while it is made: the smallest handle of its articles
LABELLED = SCHEMA.append(pa.field(ROOT, pa.uint64()))


@dataclass(frozen=True)
class Settled:
    """What is known of new articles in the end."""

    remembered: pa.Table  # a row each, as the state keeps it
    decisions: tuple[StoryDecision, ...]  # where they are news


def split(block: pa.Table, labels: Rows) -> tuple[pa.Table, pa.Table]:
    """Return the rows that have no label, and those that have one, with their root."""
    labels = np.sort(labels, order="handle")
    handles = handles_in(block)
    is_labelled = np.isin(handles, labels["handle"])
    labelled = block.filter(pa.array(is_labelled))
    roots = labels["root"][np.searchsorted(labels["handle"], handles[is_labelled])]
    return (
        block.filter(pa.array(~is_labelled)),
        labelled.append_column(ROOT, pa.array(roots, pa.uint64())),
    )


def settle_alone(block: pa.Table) -> Settled:
    """Settle the articles of which no near-duplicate is known; a block has all rows of each."""
    _, inverse, counts = np.unique(handles_in(block), return_inverse=True, return_counts=True)
    once = pa.array(counts[inverse] == 1)
    several = _merged(unpack(block.filter(pc.invert(once))))
    settled = _settle((member, decide_alone(member.article)) for member in several)
    new = block.filter(pc.and_(once, block.column(IS_NEW)))
    return Settled(pa.concat_tables([_alone(new), settled.remembered]), settled.decisions)


def _alone(new: pa.Table) -> pa.Table:
    """Return new articles as the state keeps them: what `decide_alone` says, by columns."""
    for name, own in (("cluster_id", "article_id"), ("first_seen_at", "seen_at")):
        values = pc.coalesce(new.column(name), new.column(own))
        new = new.set_column(new.schema.get_field_index(name), new.schema.field(name), values)
    return new.drop_columns([IS_NEW])


def settle_stories(labelled: pa.Table) -> Settled:
    """Settle the articles of whole stories."""
    stories: dict[int, list[Member]] = defaultdict(list)
    roots = labelled.column(ROOT).to_pylist()
    for root, member in zip(roots, unpack(labelled), strict=True):
        stories[root].append(member)
    return _settle(_decided(stories.values()))


def _decided(stories: Iterable[list[Member]]) -> Iterator[tuple[Member, StoryDecision]]:
    for versions in stories:
        members = list(_merged(versions))
        decisions = {decision.article_id: decision for decision in decide_story(members)}
        for member in members:
            if member.is_new:
                yield member, decisions[member.article.article_id]


def _merged(versions: Iterable[Member]) -> Iterator[Member]:
    by_id: dict[str, list[Member]] = defaultdict(list)
    for version in versions:
        by_id[version.article.article_id].append(version)
    for article_id in sorted(by_id):
        yield merge_member(by_id[article_id])


def _settle(decided: Iterable[tuple[Member, StoryDecision]]) -> Settled:
    new = [(member.article, decision) for member, decision in decided if member.is_new]
    articles = [with_story(article, decision) for article, decision in new]
    return Settled(
        pack(articles, is_new=True).drop_columns([IS_NEW]),
        tuple(decision for article, decision in new if is_news(article, decision)),
    )


def is_news(article: SignedArticle, decision: StoryDecision) -> bool:
    """Say whether a decision differs from what the article's columns have said from the start."""
    return decision != decide_alone(replace(article, cluster_id=None, first_seen_at=None))


def with_story(article: SignedArticle, decision: StoryDecision) -> SignedArticle:
    """Return the article as the state keeps it."""
    return replace(
        article,
        cluster_id=decision.cluster_id,
        first_seen_at=decision.first_seen_at,
        service=decision.wire_service,
    )
