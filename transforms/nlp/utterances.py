"""Utterances: marked spans and reported clauses brought together with their cues and sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from transforms.nlp.attribution import Linked, Linker
from transforms.nlp.attribution_options import CUE, FLOATING, NOTHING, SPOKEN, WORDLESS, Option
from transforms.nlp.cues import Cue, find_cues
from transforms.nlp.indirect import Clause, ClauseFinder
from transforms.nlp.indirect_candidates import FORWARD
from transforms.nlp.layout import FINITE, OUTSIDE, Layout
from transforms.nlp.lines import has_line_break
from transforms.nlp.logit import Models, score, sigmoid
from transforms.nlp.nesting import find_nearer, find_outer, start_of_next
from transforms.nlp.quotations_types import CharSpan, QuoteType
from transforms.nlp.sources import Source
from transforms.nlp.titles import is_crosshead, is_title

KIND_MODEL = "direct"
_SCARE_WORDS = ("so-called", "so called", "supposed", "self-styled", "self-proclaimed")
MAX_SCARE = 30  # characters before a mark in which such a word is looked for
MIN_OWN_CLAUSE = 0.7  # probability of a clause that makes a cue another sentence's
_COORDINATORS = frozenset(["and", "or", "nor", ",", "&", "to"])
MAX_SHARED = 12  # marked spans away from one whose cue is looked at
MAX_GROUPS = 3  # utterances back that a span right behind a cue's sentence may go on with
MAX_NESTED = 12  # cues away from one whose clause may hold it


@dataclass(frozen=True)
class Utterance:
    """What one cue (or none) reports, before its speaker is known."""

    spans: tuple[CharSpan, ...]
    quote_type: QuoteType
    numbers: tuple[int, ...]  # of the marked spans; empty for indirect speech
    cue: Cue | None
    source: Source | None
    probability: float  # that it is an utterance of this cue
    is_floating: bool = False
    hint: Source | None = None  # of a floating one: the source of the sentence before
    is_scare: bool = False  # marks of distance: nobody's speech


def find_utterances(layout: Layout, models: Models) -> tuple[Utterance, ...]:
    """Find all utterances of a document, in order; their spans do not overlap."""
    cues = find_cues(layout)
    linker = Linker(layout, cues, models)
    chains = _chains(layout)
    links = _linked_chains(linker, chains)
    links = [_without_far_cue(layout, links, i) for i in range(len(links))]
    links = [_with_nearer(layout, linker, cues, link) for link in links]
    known = {c.token: c for c in cues}
    links = [_with_outer(layout, linker, known, link) for link in links]
    links = _with_coordinated(layout, links)
    marked = _group(layout, linker, chains, links, models)
    quoted = frozenset(n for u in marked for n in u.numbers)
    finder = ClauseFinder(layout, cues, models, quoted)
    used = {u.cue.token for u in marked if u.cue and not _reports_besides(finder, u)}
    clauses = _clauses(finder, linker, cues, used)
    return tuple(sorted([*marked, *clauses], key=lambda u: u.spans[0]))


def _chains(layout: Layout) -> list[list[int]]:
    """Marked spans, those that run on into the next paragraph together."""
    chains: list[list[int]] = []
    for number, span in enumerate(layout.marked):
        if span.continues and chains:
            chains[-1].append(number)
        else:
            chains.append([number])
    return chains


def _linked_chains(linker: Linker, chains: Sequence[Sequence[int]]) -> list[Linked]:
    """The reading of each chain: that of the member with a cue, or of the first."""
    links = []
    for chain in chains:
        own = [linker.link(number) for number in chain]
        cued = [link for link in own if link.option.kind == CUE]
        best = max(cued, key=lambda link: link.probability, default=own[0])
        if len(chain) > 1 and best.option.kind == NOTHING:
            floating = next(o for o in best.options if o[0].kind == FLOATING)
            best = replace(best, option=floating[0], probability=floating[1])
        links.append(best)
    return links


def _without_far_cue(layout: Layout, links: Sequence[Linked], index: int) -> Linked:
    """Let a span float whose cue stands in a sentence before and reports something else."""
    link = links[index]
    cue = link.option.cue
    if cue is None or cue.kind in WORDLESS:
        return link
    first, _ = layout.outer_tokens[link.number]
    if cue.token >= first or not linker_ends(layout, cue.stop, first):
        return link
    shared = any(
        other.option.cue is cue
        and other.number != link.number
        and _is_beside(layout, cue, other.number)
        for other in links[max(0, index - MAX_SHARED) : index + MAX_SHARED]
    )
    if shared and not _is_reported(layout, link.number):
        return link
    option = replace(link.option, kind=FLOATING, cue=None)
    return replace(link, option=option)


def _with_nearer(layout: Layout, linker: Linker, cues: Sequence[Cue], link: Linked) -> Linked:
    """Take the report right before a quotation for its cue: `“A,” said Orr, adding that “B”`."""
    chosen = link.option.cue
    if chosen is None:
        return link
    first = layout.outer_tokens[link.number][0]
    nearer = find_nearer(layout, cues, chosen, first)
    if nearer is None or linker_ends(layout, nearer.stop, first):
        return link
    return replace(link, option=Option(CUE, nearer, linker.source_of(nearer)))


def _with_outer(layout: Layout, linker: Linker, cues: Mapping[int, Cue], link: Linked) -> Linked:
    """Take the report around a deed or a thought for the cue: `Orr said she hoped for “rain”`."""
    inner = link.option.cue
    outer = find_outer(layout, cues, inner) if inner is not None else None
    if outer is None:
        return link
    source, own = linker.source_of(outer), link.option.source
    if source is None or (own is not None and own.head == source.head):
        return link
    return replace(link, option=Option(CUE, outer, source))


def _is_reported(layout: Layout, number: int) -> bool:
    """Whether words of the reporter end a quotation's sentence: “B,” was the reply of Hall."""
    span = layout.marked[number]
    return "," in layout.text[span.end - 1 : span.outer_end + 1]


def _with_coordinated(layout: Layout, links: Sequence[Linked]) -> list[Linked]:
    """Give “one” and “the other” the same reading, that of the one with a cue."""
    found = list(links)
    for index in range(1, len(found)):
        one, other = found[index - 1], found[index]
        if not _is_coordinated(layout, one.number, other.number):
            continue
        if one.option.kind == CUE:
            found[index] = replace(other, option=one.option)
        elif other.option.kind == CUE:
            found[index - 1] = replace(one, option=other.option)
    return found


def _is_coordinated(layout: Layout, one: int, other: int) -> bool:
    if other != one + 1:
        return False
    gap = range(layout.outer_tokens[one][1], layout.outer_tokens[other][0])
    return 0 < len(gap) <= 2 and all(layout.lower[i] in _COORDINATORS for i in gap)


def _reports_besides(finder: ClauseFinder, utterance: Utterance) -> bool:
    """Whether a cue behind a quotation reports more: “It is safe.” Then she told us that …"""
    layout, cue = finder.layout, utterance.cue
    if cue is None or cue.kind in WORDLESS or not utterance.numbers:
        return False
    last = layout.marked[utterance.numbers[-1]]
    stop = layout.outer_tokens[utterance.numbers[-1]][1]
    if stop > cue.token or layout.text[last.end - 1] not in ".?!":
        return False
    if not layout.word(stop)[:1].isupper():
        return False
    clause = finder.find(cue, utterance.source)
    return (
        clause is not None and clause.direction == FORWARD and clause.probability >= MIN_OWN_CLAUSE
    )


def linker_ends(layout: Layout, start: int, stop: int) -> bool:
    """Whether a sentence of the reporter ends between two tokens."""
    return any(
        layout.inside[i] == OUTSIDE and layout.lower[i] in (".", "!", "?", "…")
        for i in range(start, min(stop, start + 150))
    )


def _is_beside(layout: Layout, cue: Cue, number: int) -> bool:
    first, stop = layout.outer_tokens[number]
    if stop <= cue.token:
        return not linker_ends(layout, stop, cue.token)
    return not linker_ends(layout, cue.stop, first)


def _group(
    layout: Layout,
    linker: Linker,
    chains: Sequence[Sequence[int]],
    links: Sequence[Linked],
    models: Models,
) -> list[Utterance]:
    """Make one utterance of the chains of one cue."""
    groups: list[tuple[list[int], list[Linked]]] = []
    for chain, link in zip(chains, links, strict=True):
        if _is_scare(layout, link):
            groups.append((list(chain), [replace(link, option=Option(NOTHING))]))
            continue
        if link.option.kind == NOTHING or _is_title(layout, link):
            continue
        if link.option.kind == FLOATING and is_crosshead(layout, link.number):
            continue
        before = groups[-1][1][-1] if groups else None
        same = (
            before is not None
            and link.option.cue is not None
            and before.option.cue is not None
            and before.option.cue.token == link.option.cue.token
            and before.option.cue.kind == link.option.cue.kind
        )
        goes_on = [g for g in groups[-MAX_GROUPS:] if _goes_on(layout, g[1][-1], link)]
        group = groups[-1] if same else goes_on[-1] if goes_on else None
        if group is not None:
            group[0].extend(chain)
            group[1].append(link)
        else:
            groups.append((list(chain), [link]))
    return [_utterance(layout, linker, numbers, own, models) for numbers, own in groups]


def _goes_on(layout: Layout, before: Linked, link: Linked) -> bool:
    """`“A,” said Orr, who lives on Skye. “B.”`: a span right behind the sentence of a cue."""
    cue = before.option.cue
    if cue is None or link.option.kind != FLOATING:
        return False
    one, other = layout.marked[before.number], layout.marked[link.number]
    first = layout.outer_tokens[link.number][0]
    return (
        one.paragraph == other.paragraph
        and not _is_reported(layout, link.number)
        and other.family not in SPOKEN
        and layout.outer_tokens[before.number][1] <= cue.token < first
        and layout.sentence_start[first - 1] == layout.sentence_start[cue.token]
    )


def _is_title(layout: Layout, link: Linked) -> bool:
    return layout.marked[link.number].family not in SPOKEN and is_title(layout, link.number)


def _is_scare(layout: Layout, link: Linked) -> bool:
    """Whether marks keep a distance: the so-called “surge” prices."""
    start = layout.marked[link.number].outer_start
    before = layout.text[max(0, start - MAX_SCARE) : start]
    return before.rstrip().lower().endswith(_SCARE_WORDS)


def _utterance(
    layout: Layout,
    linker: Linker,
    numbers: Sequence[int],
    links: Sequence[Linked],
    models: Models,
) -> Utterance:
    option = links[0].option
    floating = option.kind == FLOATING or (
        option.cue is not None and option.cue.kind in WORDLESS and option.source is None
    )
    spans = tuple((layout.marked[n].start, layout.marked[n].end) for n in numbers)
    return Utterance(
        spans=spans,
        quote_type=_quote_type(linker, links, models),
        numbers=tuple(numbers),
        cue=None if floating else option.cue,
        source=None if floating else option.source,
        probability=min(link.probability for link in links),
        is_floating=floating,
        hint=option.source if floating else None,
        is_scare=option.kind == NOTHING,
    )


def _quote_type(linker: Linker, links: Sequence[Linked], models: Models) -> QuoteType:
    weights = models[KIND_MODEL]
    scores = [score(weights, kind_features(linker, link)) for link in links]
    return "direct" if max(sigmoid(value) for value in scores) >= 0.5 else "mixed"


def kind_features(linker: Linker, link: Linked) -> list[str]:
    """Describe a marked span and its cue: a clause of its own, or a fragment of a sentence?"""
    option = link.option
    if option.cue is None:
        kind = f"{option.kind}"
        extra: list[str] = []
    else:
        extra = linker.link_features(link.number, option.cue)
        kind = f"{option.cue.entry.classes[0]}"
    shape = linker.features(link.number, [linker.floating_option])[0]
    return [f"kind={kind}", *extra, *shape]


def _clauses(
    finder: ClauseFinder, linker: Linker, cues: Sequence[Cue], used: set[int]
) -> list[Utterance]:
    """Reported clauses of the cues that report no marked span; of nested ones the outer."""
    found = []
    for number, cue in enumerate(cues):
        if cue.token in used:
            continue
        source = linker.source_of(cue)
        if finder.is_early_question(cue) and (source is None or source.method != "agent"):
            continue  # Asked whether she would go, Orr said no: nobody is named who asked
        clause = finder.find(cue, source)
        if clause is not None:
            following = cues[number + 1 : number + MAX_NESTED]
            found.append((cue, source, _before_next(finder, linker, following, source, clause)))
    outer = [
        item
        for number, item in enumerate(found)
        if not any(
            _gives_way(finder, item, other)
            for other in found[max(0, number - MAX_NESTED) : number + MAX_NESTED]
        )
    ]
    kept: list[Utterance] = []
    taken: set[int] = set()
    for cue, source, clause in sorted(outer, key=lambda item: -item[2].probability):
        spans = clause_spans(finder, clause)
        if spans and not _overlaps(clause, taken):
            taken.update(i for first, stop in clause.ranges for i in range(first, stop))
            kept.append(Utterance(spans, "indirect", (), cue, source, clause.probability))
    return kept


def _before_next(
    finder: ClauseFinder,
    linker: Linker,
    following: Sequence[Cue],
    own: Source | None,
    clause: Clause,
) -> Clause:
    """End a clause where the next report begins: `it was shut, and police said …`."""
    start, stop = clause.ranges[0]
    if clause.direction != FORWARD:
        return clause
    for other in following:
        if other.token >= stop:
            break
        edge = start_of_next(finder.layout, other, linker.source_of(other), own, start)
        end = finder.trim(start, edge) if edge is not None else start
        if any(finder.layout.tag[i] in FINITE for i in range(start, end)):
            return replace(clause, ranges=((start, end),))
    return clause


_Found = tuple[Cue, Source | None, Clause]


def _gives_way(finder: ClauseFinder, one: _Found, other: _Found) -> bool:
    """Whether a clause is no row of its own beside another: of nested ones the outer is kept."""
    if one[0].token == other[0].token:
        return False
    in_other, in_one = _holds(other[2], one[0]), _holds(one[2], other[0])
    if in_other and finder.leads_in(other[2].ranges[0][0], one[0]):
        return False
    if in_one and finder.leads_in(one[2].ranges[0][0], other[0]):
        return True
    return in_other and (not in_one or one[2].probability < other[2].probability)


def _holds(clause: Clause, cue: Cue) -> bool:
    return any(first <= cue.token < stop for first, stop in clause.ranges)


def _overlaps(clause: Clause, taken: set[int]) -> bool:
    return any(i in taken for first, stop in clause.ranges for i in range(first, stop))


def clause_spans(finder: ClauseFinder, clause: Clause) -> tuple[CharSpan, ...]:
    """Characters of a clause; nothing where it would hold a line break, a quotation or no word."""
    layout = finder.layout
    spans = tuple(layout.chars_of(first, stop) for first, stop in clause.ranges)
    good = all(
        end > start
        and not has_line_break(layout.text[start:end])
        and any(map(str.isalnum, layout.text[start:end]))
        for start, end in spans
    ) and not any(
        layout.inside[i] in finder.quoted
        for first, stop in clause.ranges
        for i in range(first, stop)
    )
    return spans if good else ()
