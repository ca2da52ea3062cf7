"""Brings the news corpus and the component's candidates together: what should be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Doc

from training.newscorpus_reader import GoldQuote, NewsArticle, Span
from training.quotations.fit import Instance, binary
from transforms.nlp.attribution import Linked, Linker
from transforms.nlp.attribution_options import CUE, FLOATING, NOTHING, SPOKEN, WORDLESS, Option
from transforms.nlp.cues import Cue, find_cues
from transforms.nlp.indirect import CLAUSE_FRAMES, ClauseFinder
from transforms.nlp.indirect_candidates import AROUND, BACKWARD, FORWARD
from transforms.nlp.layout import Layout
from transforms.nlp.logit import Models
from transforms.nlp.marks import MarkedSpan, find_marked_spans
from transforms.nlp.utterances import kind_features

FOUND = 0.5  # least overlap (IoU) of a marked span with its gold content


@dataclass(frozen=True)
class Example:
    """An article with its document and the candidates for its quotations."""

    article: NewsArticle
    layout: Layout
    cues: tuple[Cue, ...]
    linker: Linker


def make_example(article: NewsArticle, doc: Doc) -> Example:
    """Prepare an article; the models do not matter, only candidates are asked for."""
    layout = Layout(doc, article.text, find_marked_spans(article.text))
    cues = find_cues(layout)
    return Example(article, layout, cues, Linker(layout, cues, Models({})))


def overlap(one: Span, other: Span) -> float:
    """Intersection over union of two spans of characters."""
    common = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return common / max(1, one[1] - one[0] + other[1] - other[0] - common)


def gold_of_mark(article: NewsArticle, span: MarkedSpan) -> GoldQuote | None:
    """The gold quotation that a marked span is the content of."""
    marked = [(s, q) for q in article.quotes if q.kind != "indirect" for s in q.spans]
    chars = (span.start, span.end)
    best = max(marked, key=lambda item: overlap(item[0], chars), default=None)
    return best[1] if best is not None and overlap(best[0], chars) > FOUND else None


def attribution_instances(example: Example) -> Iterator[Instance]:
    """Which reading each marked span should get."""
    for number, span in enumerate(example.layout.marked):
        if span.continues:
            continue
        options = example.linker.options(number)
        quote = gold_of_mark(example.article, span)
        if quote is None and (span.family in SPOKEN or _is_nested(example.article, span)):
            continue
        gold = frozenset(i for i, o in enumerate(options) if _is_right(example.layout, o, quote))
        features = example.linker.features(number, options)
        yield Instance(features, gold, example.article.id)


def _is_nested(article: NewsArticle, span: MarkedSpan) -> bool:
    """Whether a marked span stands within a gold quotation, as what the speaker quotes."""
    return any(s <= span.start and span.end <= e for q in article.quotes for s, e in q.spans)


def _is_right(layout: Layout, option: Option, quote: GoldQuote | None) -> bool:
    if quote is None:
        return option.kind == NOTHING
    if quote.is_floating:
        return option.kind == FLOATING
    if option.cue is None:
        return False
    if quote.cue_spans:
        words = set(range(option.cue.token, option.cue.stop))
        return option.cue.kind not in WORDLESS and bool(words & _tokens(layout, quote.cue_spans))
    source = option.source
    return source is not None and bool(
        option.cue.kind in WORDLESS
        and _tokens(layout, quote.source_spans) & set(range(source.first, source.stop))
    )


def _tokens(layout: Layout, spans: tuple[Span, ...]) -> set[int]:
    return {i for start, end in spans for i in range(*layout.tokens_of(start, end))}


def kind_instances(example: Example) -> Iterator[Instance]:
    """Whether each quotation in marks is direct."""
    for number, span in enumerate(example.layout.marked):
        quote = gold_of_mark(example.article, span)
        if quote is None or span.continues:
            continue
        options = [o for o in example.linker.options(number) if _is_right(example.layout, o, quote)]
        if options:
            link = Linked(number, options[0], 1.0, ())
            features = kind_features(example.linker, link)
            yield binary(features, quote.kind == "direct", example.article.id)


@dataclass(frozen=True)
class ClauseInstances:
    """What the three models of indirect speech should say."""

    accept: list[Instance]
    start: list[Instance]
    end: list[Instance]


def clause_instances(example: Example) -> ClauseInstances:
    """Collect what should be chosen for the cues of an article."""
    layout, article = example.layout, example.article
    in_marks = [q for q in article.quotes if q.kind != "indirect"]
    marked_cues = {i for q in in_marks for i in _tokens(layout, q.cue_spans)}
    quoted = frozenset(
        n for n, span in enumerate(layout.marked) if gold_of_mark(article, span) is not None
    )
    finder = ClauseFinder(layout, example.cues, Models({}), quoted)
    found = ClauseInstances([], [], [])
    for cue in example.cues:
        if not cue.entry.frames & CLAUSE_FRAMES:
            continue
        quote = _indirect_gold(layout, article, cue)
        if quote is None and (cue.token in marked_cues or cue.flags):
            continue  # denied and hypothetical speech is not in the corpus
        for direction in (FORWARD, BACKWARD, AROUND):
            _add_instances(found, example, finder, cue, quote, direction)
    return found


def _indirect_gold(layout: Layout, article: NewsArticle, cue: Cue) -> GoldQuote | None:
    words = set(range(cue.token, cue.stop))
    for quote in article.quotes:
        if quote.kind == "indirect" and words & _tokens(layout, quote.cue_spans):
            return quote
    return None


def gold_direction(layout: Layout, cue: Cue, quote: GoldQuote) -> str:
    """On which side of its cue a reported clause stands."""
    cue_start = layout.start[cue.token]
    before = quote.spans[0][0] < cue_start
    behind = quote.spans[-1][0] > cue_start
    if before and behind:
        return AROUND
    return BACKWARD if before else FORWARD


def _add_instances(
    found: ClauseInstances,
    example: Example,
    finder: ClauseFinder,
    cue: Cue,
    quote: GoldQuote | None,
    direction: str,
) -> None:
    layout, group = example.layout, example.article.id
    source = example.linker.source_of(cue)
    starts = finder.starts(cue, source, direction)
    if not starts:
        return
    right = quote is not None and gold_direction(layout, cue, quote) == direction
    features = finder.cue_features(cue, source, direction, starts)
    found.accept.append(binary(features, right, group))
    if quote is None or not right:
        return
    first, _ = layout.tokens_of(*quote.spans[0])
    _, stop = layout.tokens_of(*quote.spans[-1])
    options = [finder.start_features(cue, direction, starts, s) for s in starts]
    found.start.append(
        Instance(options, frozenset(i for i, s in enumerate(starts) if s == first), group)
    )
    ends = finder.ends(cue, source, direction, first)
    if len(ends) > 1:
        options = [finder.end_features(cue, direction, first, ends, e) for e in ends]
        found.end.append(
            Instance(options, frozenset(i for i, e in enumerate(ends) if e == stop), group)
        )


__all__ = ["CUE", "Example", "attribution_instances", "clause_instances", "kind_instances"]
