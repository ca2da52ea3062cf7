"""Which cue a marked span belongs to: a choice between the cues around it, none, and no quotation.

A span may also float (a quotation without a cue of its own) or be no quotation at all (a title, a
nickname, a scare quote). The options are described by features and scored by a log-linear model
(`training/quotations` trains it).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from transforms.nlp.attribution_options import (
    FLOATING,
    SENTENCE_ENDS,
    UNKNOWN_VERB,
    Option,
    OptionFinder,
)
from transforms.nlp.attribution_shapes import char_class, coarse, pattern
from transforms.nlp.cues import Cue
from transforms.nlp.layout import FINITE, OUTSIDE, Layout
from transforms.nlp.logit import Models, bucket, score, softmax
from transforms.nlp.sources import Source

MODEL = "attribution"
MAX_GAP = 120  # tokens in which ends of sentences are counted
_SUBJECT_WORDS = frozenset(
    ["it", "that", "this", "which", "who", "what", "there", "he", "she", "they", "i", "we", "you"]
)


def _count(places: Sequence[int], start: int, stop: int) -> int:
    """How many sorted places lie from `start` to before `stop`."""
    return max(0, bisect_left(places, stop) - bisect_left(places, start))


@dataclass(frozen=True)
class Linked:
    """A marked span with the reading that was chosen."""

    number: int  # of the marked span
    option: Option
    probability: float
    options: tuple[tuple[Option, float], ...]  # all, likeliest first


@dataclass(frozen=True)
class SpanEdges:
    """What holds of a marked span beside whichever cue, found once."""

    last: str  # class of its last character
    start: str  # of its first: U, l or x
    joint: str  # class of the character before it
    head: int | None  # the token outside that governs it


class Linker(OptionFinder):
    """Links the marked spans of one document to cues."""

    def __init__(self, layout: Layout, cues: Sequence[Cue], models: Models) -> None:
        super().__init__(layout, cues)
        self._weights = models[MODEL]
        self._shapes: dict[int, list[str]] = {}
        self._edges: dict[int, SpanEdges] = {}

    def link(self, number: int) -> Linked:
        """Choose the reading of a marked span."""
        options = self.options(number)
        scores = [score(self._weights, f) for f in self.features(number, options)]
        ranked = sorted(zip(options, softmax(scores), strict=True), key=lambda item: -item[1])
        best, probability = ranked[0]
        return Linked(number, best, probability, tuple(ranked))

    # ---- features ------------------------------------------------------------------------------

    def features(self, number: int, options: Sequence[Option]) -> list[list[str]]:
        """Describe every option of a marked span."""
        shape = self._shape(number)
        cues = [o.cue for o in options if o.cue is not None]
        cueless = len(cues) < len(options)
        around = [*shape, *self._sentence_features(number, cues)] if cueless else []
        result = []
        for option in options:
            if option.cue is not None:
                result.append(self._cue_features(number, option, cues, shape))
            else:
                prefix = "f:" if option.kind == FLOATING else "n:"
                result.append([prefix + name for name in around])
        return result

    def _shape(self, number: int) -> list[str]:
        """Features of the span and of what stands right beside it, found once."""
        if number not in self._shapes:
            self._shapes[number] = self._make_shape(number)
        return self._shapes[number]

    def _make_shape(self, number: int) -> list[str]:
        layout = self.layout
        span = layout.marked[number]
        first, stop = layout.marked_tokens[number]
        outer_first, outer_stop = layout.outer_tokens[number]
        text = layout.text
        content = text[span.start : span.end]
        words = [i for i in range(first, min(stop, first + 40)) if layout.lower[i][:1].isalnum()]
        caps = sum(layout.word(i)[:1].isupper() for i in words)
        finite = any(layout.tag[i] in FINITE for i in words)
        last, head = content[-1:], content[:1]
        before = layout.tag[outer_first - 1] if outer_first else "START"
        if outer_first and layout.space[outer_first - 1]:
            before = "START"
        after = layout.tag[outer_stop] if outer_stop < layout.length else "END"
        start_char, end_char = layout.paragraphs[span.paragraph]
        if span.outer_end >= end_char:
            after = "END"
        if span.outer_start <= start_char:
            before = "START"
        end_class = char_class(last)
        start_class = "U" if head.isupper() else "l" if head.islower() else "x"
        size = bucket(len(words))
        previous_word = layout.lower[outer_first - 1] if before != "START" else "^"
        features = [
            "1",
            f"size={size}",
            f"finite={finite}",
            f"end={end_class}",
            f"start={start_class}",
            f"before={before}",
            f"after={after}",
            f"prev={previous_word}",
            f"family={span.family[:6]}",
            f"closed={span.is_closed}",
            f"headline={layout.is_headline(span.paragraph)}",
            f"start={start_class}&end={end_class}",
            f"start={start_class}&before={coarse(before)}",
            f"end={end_class}&after={coarse(after)}",
            f"size={size}&finite={finite}",
            f"before={coarse(before)}&after={coarse(after)}",
        ]
        if len(words) > 1:
            titled = caps == len(words) if caps > 1 else "no"
            features.append(f"titled={titled}")
            features.append(f"titled={titled}&before={coarse(before)}&finite={finite}")
        if before == "START" and after == "END":
            features.append(f"alone&end={end_class}")
        return features

    def _sentence_features(self, number: int, cues: Sequence[Cue]) -> list[str]:
        """What the surroundings say of an option without a cue."""
        layout = self.layout
        first, stop = layout.outer_tokens[number]
        others = self.numbers_in[layout.marked[number].paragraph]
        known = [c for c in cues if c.entry is not UNKNOWN_VERB]
        near_after = any(c.token >= stop and not self._sentence_ends(stop, c.token) for c in known)
        near_before = any(c.stop <= first and not self._sentence_ends(c.stop, first) for c in known)
        head = self._edges_of(number).head
        return [
            f"cues={bucket(len(known))}",
            f"near_after={near_after}",
            f"near_before={near_before}",
            f"spans={bucket(len(others))}",
            f"first_span={others[0] == number}",
            f"above={head is not None and any(layout.is_above(c.token, head) for c in known)}",
            f"continues={layout.marked[number].continues}",
        ]

    def _edges_of(self, number: int) -> SpanEdges:
        if number not in self._edges:
            layout, span = self.layout, self.layout.marked[number]
            first, _ = layout.outer_tokens[number]
            last = char_class(layout.text[span.end - 1 : span.end])
            opening = layout.text[span.start : span.start + 1]
            start = "U" if opening.isupper() else "l" if opening.islower() else "x"
            joint = char_class(layout.lower[first - 1][-1:]) if first else "^"
            if first and layout.space[first - 1]:
                joint = "^"
            self._edges[number] = SpanEdges(last, start, joint, self._outer_head(number))
        return self._edges[number]

    def _outer_head(self, number: int) -> int | None:
        """The token outside that governs the span."""
        layout = self.layout
        first, stop = layout.marked_tokens[number]
        for index in range(first, min(stop, first + 60)):
            head = layout.head[index]
            if not first <= head < stop:
                return head
        return None

    def _sentence_ends(self, start: int, stop: int) -> int:
        """How many sentences end between two tokens: at a mark, or within a quotation."""
        stop = min(stop, start + MAX_GAP)
        if stop <= start:
            return 0
        marks, spans = self._ends
        return _count(marks, start, stop) + _count(spans, max(start, 1), stop)

    @cached_property
    def _ends(self) -> tuple[list[int], list[int]]:
        """Where sentences end: tokens that are the reporter's marks; those behind a quotation."""
        layout = self.layout
        lower, inside = layout.lower, layout.inside
        marks = [i for i, w in enumerate(lower) if w in SENTENCE_ENDS and inside[i] == OUTSIDE]
        behind = {stop for _, stop in layout.outer_tokens if 0 < stop < layout.length}
        spans = [
            i
            for i in sorted(behind)
            if inside[i] == OUTSIDE != inside[i - 1] and self._ends_sentence(inside[i - 1], i)
        ]
        return marks, spans

    def _ends_sentence(self, number: int, following: int) -> bool:
        """Whether a sentence ends with the span: a full stop inside, a capital behind."""
        layout = self.layout
        span = layout.marked[number]
        return layout.text[span.end - 1 : span.end] == "." and layout.word(following)[:1].isupper()

    def _cue_features(
        self, number: int, option: Option, cues: Sequence[Cue], shape: Sequence[str]
    ) -> list[str]:
        layout = self.layout
        cue, source = option.cue, option.source
        assert cue is not None
        first, stop = layout.outer_tokens[number]
        span = layout.marked[number]
        after = cue.token >= stop
        start, end = (stop, cue.token) if after else (cue.stop, first)
        gap = [i for i in range(start, end) if not layout.space[i]]
        spans_between = len({*[layout.inside[i] for i in gap[:200]]} - {OUTSIDE, number})
        ends = self._sentence_ends(start, end)
        side = "A" if after else "B"
        crossed = 0
        for other in cues:
            token = other.token
            if start <= token < end and other.entry is not UNKNOWN_VERB:
                crossed += 1
            if not after and other.stop == cue.token != token:
                crossed += 1
        cls = cue.entry.classes[0]
        edges = self._edges_of(number)
        last, start_class, joint = edges.last, edges.start, edges.joint
        relation = self._relation(number, edges.head, cue)
        features = [
            f"{side}",
            f"{side}gap={bucket(len(gap))}",
            f"{side}ends={min(ends, 2)}",
            f"{side}spans={min(spans_between, 2)}",
            f"{side}crossed={min(crossed, 2)}",
            f"{side}last={last}",
            f"{side}joint={joint}",
            f"{side}start={start_class}",
            f"{side}ends={min(ends, 2)}&last={last}",
            f"{side}ends={min(ends, 2)}&joint={joint}",
            f"{side}ends={min(ends, 2)}&spans={min(spans_between, 2)}&crossed={min(crossed, 1)}",
            f"{side}ends={min(ends, 2)}&start={start_class}",
            f"{side}rel={relation}",
            f"rel={relation}&cls={cls}",
            f"{side}cls={cls}",
            f"{side}lemma={cue.entry.lemma}",
            f"{side}lemma={cue.entry.lemma}&start={start_class}",
            f"cls={cls}&tag={layout.tag[cue.token]}",
            f"kind={cue.kind}",
            f"{side}source={source.method if source else None}",
            f"quote={'quote' in cue.entry.frames}",
        ]
        if ends == 0 and spans_between == 0:
            shape_of_gap = pattern(layout, gap)
            features += [f"{side}pat={shape_of_gap}", f"{side}pat={shape_of_gap}&last={last}"]
        features += self._nesting(cue, cues, side)
        features += self._rivals(number, cue, cues, side)
        if source is not None:
            word = layout.lower[source.head]
            told = word if word in _SUBJECT_WORDS else layout.tag[source.head]
            features.append(f"src={told}&cls={cls}")
            features.append(f"src={told}")
            where = "Q" if layout.inside[source.head] == number else self._source_place(source, cue)
            features.append(f"{side}srcplace={where}")
        if not after and spans_between:
            features.append(f"{side}shared={self._shares(number, cue)}&start={start_class}")
        if layout.paragraph[cue.token] != span.paragraph and not after:
            features.append("announced")
        features += [f"c:{side}:{name}" for name in shape[1:4]]
        features += [f"flag={flag}" for flag in cue.flags]
        return features

    def link_features(self, number: int, cue: Cue) -> list[str]:
        """Describe what stands between a marked span and its cue, and their places in the tree."""
        layout = self.layout
        first, stop = layout.outer_tokens[number]
        after = cue.token >= stop
        gap = layout.space[stop : cue.token] if after else layout.space[cue.stop : first]
        side = "A" if after else "B"
        edges = self._edges_of(number)
        return [
            f"{side}gap={bucket(gap.count(False))}",
            f"{side}last={edges.last}",
            f"{side}joint={edges.joint}",
            f"{side}rel={self._relation(number, edges.head, cue)}",
        ]

    def _rivals(self, number: int, cue: Cue, cues: Sequence[Cue], side: str) -> list[str]:
        """Whether the cue is the first behind the span before; whether another is beside."""
        layout = self.layout
        first, stop = layout.outer_tokens[number]
        span = layout.marked[number]
        known = [c for c in cues if c.entry is not UNKNOWN_VERB]
        last = char_class(layout.text[span.end - 1 : span.end])
        found = []
        if side == "A":
            rival = any(
                c.stop <= first and first - c.stop <= 6 and not self._sentence_ends(c.stop, first)
                for c in known
            )
        else:
            rival = any(
                c.token >= stop and c.token - stop <= 6 and not self._sentence_ends(stop, c.token)
                for c in known
            )
        found.append(f"{side}rival={rival}&last={last}")
        previous = number - 1
        same = previous >= 0 and layout.marked[previous].paragraph == span.paragraph
        if side == "B" and same and layout.outer_tokens[previous][1] <= cue.token:
            start = layout.outer_tokens[previous][1]
            leading = not any(start <= c.token < cue.token for c in known)
            near = cue.token - start <= 6 and not self._sentence_ends(start, cue.token)
            opening = layout.text[span.start : span.start + 1]
            ends = min(self._sentence_ends(cue.stop, first), 2)
            found.append(f"Bgoes_on={leading and near}&ends={ends}&upper={opening.isupper()}")
            found.append(f"Bgoes_on={leading and near}&ends={ends}")
        return found

    def _nesting(self, cue: Cue, cues: Sequence[Cue], side: str) -> list[str]:
        """Whether the cue stands under another's, as "means" in "she says it means …"."""
        layout = self.layout
        same = layout.sentence_start[cue.token]
        others = [
            c
            for c in cues
            if c.token != cue.token
            and c.kind == "verb"
            and c.entry is not UNKNOWN_VERB
            and layout.sentence_start[c.token] == same
        ]
        over = [c for c in others if layout.is_above(c.token, cue.token)]
        under = [c for c in others if layout.is_above(cue.token, c.token)]
        cls = cue.entry.classes[0]
        outer = over[0].entry.classes[0] if over else None
        inner = under[0].entry.classes[0] if under else None
        return [
            f"{side}cls={cls}&outer={outer}",
            f"{side}cls={cls}&inner={inner}",
        ]

    def _source_place(self, source: Source, cue: Cue) -> str:
        return "before" if source.head < cue.token else "behind"

    def _shares(self, number: int, cue: Cue) -> str:
        """Whether the span before this one in the paragraph is right beside the cue."""
        layout = self.layout
        previous = number - 1
        if previous < 0 or layout.marked[previous].paragraph != layout.marked[number].paragraph:
            return "no"
        first, stop = layout.outer_tokens[previous]
        if stop <= cue.token:
            return "cue_between"
        return "cue_before_both" if cue.stop <= first else "no"

    def _relation(self, number: int, head: int | None, cue: Cue) -> str:
        layout = self.layout
        if head is None:
            return "root"
        if head == cue.token:
            return "child"
        if layout.is_above(cue.token, head):
            return "above"
        first, stop = layout.marked_tokens[number]
        above = layout.head[cue.token]
        if first <= above < stop:
            return "below"
        same = layout.sentence_start[head] == layout.sentence_start[cue.token]
        return "sentence" if same else "far"
