"""Group the articles of a run, and those of the last days, into stories.

Articles travel as blocks of many (`blocks`), so that Beam's cost of an element counts little, and
the steps are functions of arrays (`pairs`, `settle`). What is shuffled, all in proportion to the
number of articles:

- by article: the signatures that are compared, and later the whole rows with their decision;
- by band: 21 bytes for each of an article's bands, which give at most two candidates each;
- by the first article of a candidate's band: the pairs, and the signatures of those in one;
- under one key: 16 bytes for each pair that matched, to find what hangs together.

A band's bucket is sorted, which costs a logarithm of its size more. One worker alone holds the
keys that are looked for in the state (730 bytes an article) and the matched pairs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.metrics import Metrics
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.timestamp import MIN_TIMESTAMP
from apache_beam.utils.windowed_value import WindowedValue

from schemas.flow import AnnotatedArticle, ArticleRequest
from schemas.rows import Article
from schemas.story import SignedArticle, StoryDecision
from transforms.state import STORIES, StateTable
from transforms.syndication.blocks import deal_rows, from_bytes, handles_in, pack, to_bytes
from transforms.syndication.clusters import decide_alone
from transforms.syndication.known import KnownSignatures, pack_wanted
from transforms.syndication.pairs import (
    ENTRY,
    LABEL,
    PAIR,
    REQUEST,
    SIGNED,
    Rows,
    deal,
    find_candidates,
    find_components,
    find_matches,
    make_entries,
    make_signed,
    places_of,
    requests_of,
)
from transforms.syndication.settle import (
    LABELLED,
    ROOT,
    Settled,
    settle_alone,
    settle_stories,
    split,
)
from transforms.syndication.signatures import SCHEME, TextSignature, sign
from transforms.syndication.wire import find_credit

BLOCK = 2_000  # articles that are packed together at most
PLACES = 16  # into which all is dealt: what meets in one place is in one worker's memory


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


class _Pack(beam.DoFn):  # type: ignore[misc]
    """SignedArticle → packed blocks of many."""

    def __init__(self) -> None:
        self._articles: list[SignedArticle] = []

    def start_bundle(self) -> None:
        self._articles = []

    def process(self, article: SignedArticle) -> Iterator[bytes]:
        self._articles.append(article)
        if len(self._articles) >= BLOCK:
            yield self._flush()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        if self._articles:
            yield WindowedValue(self._flush(), MIN_TIMESTAMP, [GlobalWindow()])

    def _flush(self) -> bytes:
        articles, self._articles = self._articles, []
        return to_bytes(pack(articles, is_new=True))


@dataclass
class _Deal(beam.DoFn):  # type: ignore[misc]
    """Block → by article: `rows` and `signed`; by band: `entries`; all packed."""

    places: int

    def process(self, packed: bytes) -> Iterator[Any]:
        block = from_bytes([packed])
        for row in deal_rows(block, places_of(handles_in(block), self.places)):
            yield beam.pvalue.TaggedOutput("rows", row)
        signed = make_signed(block)
        for row in deal(signed, places_of(signed["handle"], self.places)):
            yield beam.pvalue.TaggedOutput("signed", row)
        for row in deal(*make_entries(block, self.places)):
            yield beam.pvalue.TaggedOutput("entries", row)


@dataclass
class _Pair(beam.DoFn):  # type: ignore[misc]
    """A place's entries → by first article: `pairs`; by article: `requests` for signatures."""

    places: int

    def process(self, group: tuple[int, Iterable[bytes]]) -> Iterator[Any]:
        pairs, firsts = find_candidates(_rows(group[1], ENTRY))
        where = places_of(firsts, self.places)
        for row in deal(pairs, where):
            yield beam.pvalue.TaggedOutput("pairs", row)
        requests = requests_of(pairs, where)
        for row in deal(requests, places_of(requests["handle"], self.places)):
            yield beam.pvalue.TaggedOutput("requests", row)


Joined = tuple[int, dict[str, Iterable[bytes]]]


def send(element: Joined) -> Iterator[tuple[int, bytes]]:
    """Send signatures to where they are compared."""
    _, groups = element
    requests = np.unique(_rows(groups["requests"], REQUEST))
    signed = _rows(groups["signed"], SIGNED)
    for place in np.unique(requests["place"]).tolist():
        wanted = requests["handle"][requests["place"] == place]
        yield place, signed[np.isin(signed["handle"], wanted)].tobytes()


def match(element: Joined) -> Iterator[bytes]:
    """Compare what came to one place."""
    _, groups = element
    pairs = np.unique(_rows(groups["pairs"], PAIR))  # most share several bands
    edges = find_matches(_rows(groups["signed"], SIGNED), pairs)
    _count("story_candidates", len(pairs))
    _count("story_matches", len(edges))
    if len(edges):
        yield edges.tobytes()


def label(edges: Iterable[bytes], places: int) -> Iterator[tuple[int, bytes]]:
    """Say of each article that matched another which component it is in."""
    labels = find_components(np.unique(_rows(edges, PAIR)))
    yield from deal(labels, places_of(labels["handle"], places))


@dataclass
class _SettleAlone(beam.DoFn):  # type: ignore[misc]
    """A place's rows and labels → settled ones; tagged: `labelled` rows, by component."""

    places: int

    def process(self, element: Joined) -> Iterator[Any]:
        _, groups = element
        alone, labelled = split(from_bytes(groups["rows"]), _rows(groups["labels"], LABEL))
        yield settle_alone(alone)
        roots = np.asarray(labelled.column(ROOT).to_numpy(), np.uint64)
        for row in deal_rows(labelled, places_of(roots, self.places)):
            yield beam.pvalue.TaggedOutput("labelled", row)


@dataclass
class GroupArticles(beam.PTransform):  # type: ignore[misc]
    """PCollection[SignedArticle] → {`decisions`, `remembered`}.

    `decisions` has a StoryDecision for each new article whose columns are to say something else
    than that it stands alone; `remembered` has all new articles, as tables for the state.
    """

    known: KnownSignatures = field(default_factory=KnownSignatures)
    places: int = PLACES

    def expand(self, signed: beam.PCollection) -> Any:
        """Wire the steps."""
        dealt = self._blocks(signed) | "Deal" >> beam.ParDo(_Deal(self.places)).with_outputs()
        labels = (
            self._edges(dealt)
            | "OneGroup" >> beam.Map(lambda edges: (0, edges))
            | "Together" >> beam.GroupByKey()
            | "Label" >> beam.FlatMapTuple(lambda _, edges: label(edges, self.places))
        )
        alone = (
            {"rows": dealt.rows, "labels": labels}
            | "JoinLabels" >> beam.CoGroupByKey()
            | "SettleAlone" >> beam.ParDo(_SettleAlone(self.places)).with_outputs(main="settled")
        )
        together = (
            alone.labelled
            | "GroupStories" >> beam.GroupByKey()
            | "SettleStories"
            >> beam.MapTuple(lambda _, rows: settle_stories(from_bytes(rows, LABELLED)))
        )
        settled = [alone.settled, together] | "AllSettled" >> beam.Flatten()
        return {
            "decisions": settled | "Decisions" >> beam.FlatMap(lambda found: found.decisions),
            "remembered": settled | "Remembered" >> beam.FlatMap(remember),
        }

    def _blocks(self, signed: beam.PCollection) -> beam.PCollection:
        """Articles of this run, and those of earlier ones that may match them."""
        new = signed | "Pack" >> beam.ParDo(_Pack())
        if self.known.are_none:
            return new
        old = (
            new
            | "Wanted" >> beam.Map(lambda packed: pack_wanted(from_bytes([packed])))
            | "AllWanted" >> beam.combiners.ToList()
            | "ReadKnown" >> beam.FlatMap(self.known.read)
            | "PackKnown" >> beam.Map(to_bytes)
        )
        return [new, old] | "AllBlocks" >> beam.Flatten()

    def _edges(self, dealt: Any) -> beam.PCollection:
        """Pairs of near-duplicates, packed."""
        paired = (
            dealt.entries
            | "GroupBands" >> beam.GroupByKey()
            | "Pair" >> beam.ParDo(_Pair(self.places)).with_outputs("pairs", "requests")
        )
        sent = (
            {"signed": dealt.signed, "requests": paired.requests}
            | "JoinRequests" >> beam.CoGroupByKey()
            | "Send" >> beam.FlatMap(send)
        )
        return (
            {"signed": sent, "pairs": paired.pairs}
            | "JoinPairs" >> beam.CoGroupByKey()
            | "Match" >> beam.FlatMap(match)
        )


def remember(settled: Settled) -> Iterator[StateTable]:
    """Yield what the state is to keep."""
    if len(settled.remembered):
        yield StateTable(STORIES, settled.remembered)


def _rows(blocks: Iterable[bytes], kind: "np.dtype[np.void]") -> Rows:
    return np.frombuffer(b"".join(blocks), kind)


def _count(name: str, number: int) -> None:
    Metrics.counter("newsbeam", name).inc(number)
