"""Group the articles of a run, and those of the last days, into stories.

What is shuffled: the signatures, by article; the keys of the bands as packed blocks, dealt by key;
the pairs, and the signatures of those that are in one. All is linear in the number of articles, but
for the sorting of the keys.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.timestamp import MIN_TIMESTAMP
from apache_beam.utils.windowed_value import WindowedValue

from schemas.flow import AnnotatedArticle, ArticleRequest
from schemas.rows import Article
from schemas.story import SignedArticle, StoryDecision
from transforms.state import hash_bytes
from transforms.syndication.clusters import (
    Member,
    candidate_pairs,
    deal,
    decide,
    decide_alone,
    is_match,
    make_entries,
    merge_member,
    without_numbers,
)
from transforms.syndication.known import KnownSignatures, pack_wanted
from transforms.syndication.signatures import SCHEME, TextSignature, sign
from transforms.syndication.wire import find_credit

BLOCK = 2_000  # members whose entries are packed together at most


def sign_article(article: Article) -> SignedArticle:
    """Return an article's signature, with all that decides its story."""
    signature = sign(article.text_content, article.title) or TextSignature(b"", 0)
    credit = find_credit(article)
    return SignedArticle(
        article_id=article.article_id,
        seen_at=article.ingested_at,
        scheme=SCHEME,
        numbers=signature.numbers,
        shingles=signature.shingles,
        published_at=article.date_published,
        service=credit.service if credit else None,
        is_original=credit is not None and not credit.is_copy,
    )


def fill(article: Article, decision: StoryDecision) -> Article:
    """Return the article with its story's columns."""
    return replace(
        article,
        duplicate_cluster_id=decision.cluster_id,
        first_seen_at=decision.first_seen_at,
        is_wire=decision.is_wire,
        wire_service=decision.wire_service,
    )


class _Sign(beam.DoFn):  # type: ignore[misc]
    """(AnnotatedArticle, request) → the same, columns as if it stood alone; tagged: `signed`."""

    def process(self, element: tuple[AnnotatedArticle, ArticleRequest]) -> Iterator[Any]:
        annotated, request = element
        signed = sign_article(annotated.article)
        yield beam.pvalue.TaggedOutput("signed", signed)
        yield replace(annotated, article=fill(annotated.article, decide_alone(signed))), request


@dataclass
class SignArticles(beam.PTransform):  # type: ignore[misc]
    """PCollection[(AnnotatedArticle, ArticleRequest)] → `articles` (the same) and `signed`."""

    def expand(self, articles: beam.PCollection) -> Any:
        """Wire the signing; nothing is shuffled."""
        return articles | "Sign" >> beam.ParDo(_Sign()).with_outputs("signed", main="articles")


class _PackEntries(beam.DoFn):  # type: ignore[misc]
    """Member → (partition, packed entries of many members)."""

    def __init__(self) -> None:
        self._members: list[Member] = []

    def start_bundle(self) -> None:
        self._members = []

    def process(self, member: Member) -> Iterator[tuple[int, bytes]]:
        self._members.append(member)
        if len(self._members) >= BLOCK:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        for block in self._flush():
            yield WindowedValue(block, MIN_TIMESTAMP, [GlobalWindow()])

    def _flush(self) -> Iterator[tuple[int, bytes]]:
        members, self._members = self._members, []
        yield from deal(make_entries(members))


def pairs_of(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield a partition's candidate pairs; handles as bytes, for Beam's integers are signed."""
    for one, other in candidate_pairs(blocks):
        yield _bytes(one), _bytes(other)


def hand_over(element: tuple[bytes, dict[str, Iterable[Any]]]) -> Iterator[tuple[bytes, Member]]:
    """Send an article to those with which it has to be compared."""
    _, groups = element
    for member in groups["members"]:
        for other in groups["pairs"]:
            yield other, member


def compare(
    element: tuple[bytes, dict[str, Iterable[Any]]],
) -> Iterator[tuple[Member, Member]]:
    """Yield the pairs of one article that are near-duplicates indeed."""
    _, groups = element
    for member in groups["members"]:
        for other in groups["others"]:
            if is_match(member, other):
                yield without_numbers(member), without_numbers(other)


class _Settle(beam.DoFn):  # type: ignore[misc]
    """Member → the new article with its story; tagged: `decisions`, where they are news."""

    def process(self, member: Member, decided: dict[str, StoryDecision]) -> Iterator[Any]:
        if member.is_new:
            article = member.article
            decision = decided.get(article.article_id) or decide_alone(article)
            if is_news(article, decision):
                yield beam.pvalue.TaggedOutput("decisions", decision)
            yield with_story(article, decision)


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


@dataclass
class GroupArticles(beam.PTransform):  # type: ignore[misc]
    """PCollection[SignedArticle] → {`decisions`, `remembered`}.

    `decisions` has a row for each new article whose columns are to say something else than that it
    stands alone; `remembered` has one for each new article, for the state.
    """

    known: KnownSignatures = field(default_factory=KnownSignatures)

    def expand(self, signed: beam.PCollection) -> Any:
        """Wire the steps."""
        members = self._members(signed)
        decided = (
            self._edges(members)
            | "Together" >> beam.GroupByKey()
            | "Decide" >> beam.FlatMapTuple(lambda _, found: decide(found))
            | "DecidedById" >> beam.Map(lambda decision: (decision.article_id, decision))
        )
        settled = members | "Settle" >> beam.ParDo(
            _Settle(), beam.pvalue.AsDict(decided)
        ).with_outputs("decisions", main="remembered")
        return {"decisions": settled.decisions, "remembered": settled.remembered}

    def _members(self, signed: beam.PCollection) -> beam.PCollection:
        """Articles of this run, and those of earlier ones that may match them, one an id."""
        known = self.known
        wanted = signed | "Wanted" >> beam.CombineGlobally(pack_wanted)
        old = wanted | "ReadKnown" >> beam.FlatMap(known.read)
        return (
            [
                signed | "New" >> beam.Map(lambda article: Member(article, is_new=True)),
                old | "Old" >> beam.Map(lambda article: Member(article, is_new=False)),
            ]
            | "AllMembers" >> beam.Flatten()
            | "KeyMembers" >> beam.Map(lambda member: (member.article.article_id, member))
            | "GroupMembers" >> beam.GroupByKey()
            | "MergeMembers" >> beam.MapTuple(lambda _, versions: merge_member(versions))
        )

    def _edges(self, members: beam.PCollection) -> beam.PCollection:
        """Pairs of near-duplicates, all under one key: they are few."""
        pairs = (
            members
            | "PackEntries" >> beam.ParDo(_PackEntries())
            | "GroupBands" >> beam.GroupByKey()
            | "Candidates" >> beam.FlatMapTuple(lambda _, blocks: pairs_of(blocks))
            | "EachOnce" >> beam.Distinct()
        )
        paired = (
            pairs
            | "Paired" >> beam.FlatMap(lambda pair: [(handle, True) for handle in pair])
            | "PairedOnce" >> beam.Distinct()
        )
        by_handle = (
            members
            | "KeyByHandle"
            >> beam.Map(lambda member: (hash_bytes(member.article.article_id), member))
            | "InPairs"
            >> beam.Filter(lambda item, paired: item[0] in paired, beam.pvalue.AsDict(paired))
        )
        others = (
            {"members": by_handle, "pairs": pairs}
            | "JoinFirst" >> beam.CoGroupByKey()
            | "HandOver" >> beam.FlatMap(hand_over)
        )
        return (
            {"members": by_handle, "others": others}
            | "JoinSecond" >> beam.CoGroupByKey()
            | "Compare" >> beam.FlatMap(compare)
            | "OneGroup" >> beam.Map(lambda edge: (0, edge))
        )


def _bytes(handle: int) -> bytes:
    return handle.to_bytes(8, "big")
