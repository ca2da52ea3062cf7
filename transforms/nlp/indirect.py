"""Indirect speech: whether a cue has a reported clause, and where that begins and ends.

The boundaries that tree and surface offer are candidates; log-linear models choose between them
(`training/quotations` trains them). Only text outside of quotation marks is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transforms.nlp.cues import Cue
from transforms.nlp.layout import CLAUSES, Layout
from transforms.nlp.logit import Models, bucket, score, sigmoid
from transforms.nlp.sources import Source

MAX_CLAUSE = 90  # tokens
MAX_BACKWARD = 120  # tokens of what stands before a cue
PLAIN_TAIL = 0.9  # probability of the plainest form of backward speech
PLAIN_PHRASE = 0.99  # the same of “…, according to Orr”
MAX_ENDS = 12  # candidates for the end of a clause
_ENDERS = frozenset([".", "!", "?", ";", "…"])
_SPLITTERS = frozenset(["but", "and", "while", "though", "although", "which", "who", "as", "after"])
_PASS_OVER = frozenset(["that", ":", ",", "–", "—", "-"])
_FINITE = frozenset(["VBD", "VBZ", "VBP", "MD"])
CLAUSE_FRAMES = frozenset(["that", "bare", "whether", "inf", "obj", "of", "for", "as"])
FORWARD, BACKWARD, AROUND = "F", "B", "M"
_STARTERS = frozenset(["whether", "if", "how", "why", "what", "to", "when", "where", "not"])
_NOUN_STARTS = frozenset(["DT", "PRP", "NNP", "NNS", "PRP$", "CD", "EX", "VBG", "JJ", "NN"])
_NOT_BEFORE_START = frozenset(["DT", "JJ", "PRP$", "IN"])
_BREAKS = frozenset(["but", "and", ",", ";", "–", "—", ":", "-", "because", ")", "/", "―"])
_END_MARKS = frozenset([",", ";", "–", "—", "(", ":"])


@dataclass(frozen=True)
class Clause:
    """A reported clause: ranges of tokens (one, or two where its cue cuts it)."""

    ranges: tuple[tuple[int, int], ...]
    direction: str  # F: behind its cue; B: before it; M: around it
    probability: float  # that the cue reports this


class ClauseFinder:
    """Finds the reported clauses of one document.

    `quoted` holds the numbers of the marked spans that are quotations: a clause stops at them,
    and runs on over the others (titles, nicknames).
    """

    def __init__(
        self, layout: Layout, cues: Sequence[Cue], models: Models, quoted: frozenset[int]
    ) -> None:
        self.layout = layout
        self.cue_tokens = {c.token for c in cues}
        self.quoted = quoted
        self._accept = models["indirect"]
        self._start = models["indirect_start"]
        self._end = models["indirect_end"]

    def find(self, cue: Cue, source: Source | None) -> Clause | None:
        """Find the clause that a cue reports; None where it most likely reports none."""
        if not cue.entry.frames & CLAUSE_FRAMES:
            return None
        best: tuple[float, str, list[int]] | None = None
        for direction in (FORWARD, BACKWARD, AROUND):
            starts = self.starts(cue, source, direction)
            if not starts:
                continue
            features = self.cue_features(cue, source, direction, starts)
            probability = sigmoid(score(self._accept, features))
            if direction == BACKWARD and self._is_plain_tail(cue, source):
                sure = PLAIN_PHRASE if cue.kind == "phrase" else PLAIN_TAIL
                probability = max(probability, sure)
            if direction == FORWARD and self._is_plain_opening(cue, source):
                probability = max(probability, PLAIN_TAIL)
            if probability >= 0.5 and (best is None or probability > best[0]):
                best = (probability, direction, starts)
        if best is None:
            return None
        ranges = self.extent(cue, source, best[1], best[2])
        return Clause(ranges, best[1], best[0]) if ranges else None

    def extent(
        self, cue: Cue, source: Source | None, direction: str, starts: Sequence[int]
    ) -> tuple[tuple[int, int], ...]:
        """Choose the ranges of tokens of the clause."""
        options = [self.start_features(cue, direction, starts, s) for s in starts]
        start = starts[_best(self._start, options)]
        ends = self.ends(cue, source, direction, start)
        if not ends:
            return ()
        second = self.behind(cue, source)
        options = [self.end_features(cue, direction, start, ends, e) for e in ends]
        end = ends[_best(self._end, options)]
        if direction != AROUND:
            return ((start, end),)
        first_end = self._trim(start, self._left_edge(cue, source))
        return ((start, first_end), (second, end)) if first_end > start else ()

    # ---- candidates ----------------------------------------------------------------------------

    def starts(self, cue: Cue, source: Source | None, direction: str) -> list[int]:
        """Tokens at which the clause may begin."""
        layout = self.layout
        if direction == FORWARD:
            return self._starts_behind(cue, source)
        first = layout.sentence_start[cue.token]
        edge = self._left_edge(cue, source)
        first = self._free_from(first, edge)
        stop = self._trim(first, edge)
        least = 2 if direction == BACKWARD else 1
        if stop - first < least or not self._follows_comma(stop, edge):
            return []
        headline = layout.is_headline(layout.paragraph[cue.token])
        finite = any(layout.tag[i] in _FINITE for i in range(first, stop))
        if direction == BACKWARD and not finite and not headline:
            return []
        if direction == AROUND and not self._is_parenthesis(cue, source):
            return []
        found = [first]
        found += [i + 1 for i in range(first, stop - 1) if layout.lower[i] in _BREAKS]
        found = [i for i in found if layout.lower[i][:1].isalnum() or layout.lower[i] in "'‘’$£€"]
        return list(dict.fromkeys(found))[:8]

    def _follows_comma(self, stop: int, edge: int) -> bool:
        layout = self.layout
        if stop < edge:
            return layout.lower[stop] in (",", "–", "—", "-", ":")
        return layout.is_headline(layout.paragraph[edge])  # headlines do without

    def _left_edge(self, cue: Cue, source: Source | None) -> int:
        return min(cue.token, source.first) if source is not None else cue.token

    def behind(self, cue: Cue, source: Source | None) -> int:
        """First token behind cue and source and one comma."""
        layout = self.layout
        begin = cue.stop
        if source is not None and source.first >= cue.stop and cue.kind != "phrase":
            begin = source.stop
        if cue.kind == "phrase" and source is not None:
            begin = source.head + 1
            while begin < source.stop and layout.lower[begin] != ",":
                begin += 1
        while begin < layout.length and layout.lower[begin] in _PASS_OVER:
            begin += 1
        return begin

    def _is_plain_tail(self, cue: Cue, source: Source | None) -> bool:
        """Whether the sentence ends in “…, said Orr” or “…, Orr said”, which leaves no doubt."""
        layout = self.layout
        if source is None or cue.entry.classes[0] not in ("speech", "phrase") or cue.flags:
            return False
        if layout.lower[self._left_edge(cue, source) - 1] != ",":
            return False
        if cue.kind == "phrase":
            return True
        if source.first >= cue.stop:
            return source.first == cue.stop and source.method == "inverted"
        ends = cue.stop >= layout.length or layout.lower[cue.stop] == "."
        return ends and source.stop == cue.token

    def _is_plain_opening(self, cue: Cue, source: Source | None) -> bool:
        """Whether a sentence begins “According to Orr, …” and goes on with a clause."""
        layout = self.layout
        if cue.kind != "phrase" or source is None or cue.token != layout.sentence_start[cue.token]:
            return False
        behind = self.behind(cue, source)
        limit = self._limit(behind)
        finite = any(layout.tag[i] in _FINITE for i in range(behind, limit))
        return finite and layout.lower[behind - 1] == ","

    def _is_parenthesis(self, cue: Cue, source: Source | None) -> bool:
        """Whether cue and source stand between two commas: “The road, he said, was shut”."""
        layout = self.layout
        end = max(cue.stop, source.stop) if source is not None else cue.stop
        for index in range(end, min(end + 5, layout.length)):
            if layout.lower[index] == ",":
                return index + 2 < layout.sentence_end[cue.token]
            if layout.lower[index] in _ENDERS:
                return False
        return False

    def _is_blocked(self, index: int) -> bool:
        return self.layout.inside[index] in self.quoted or self.layout.space[index]

    def _free_from(self, first: int, stop: int) -> int:
        """Skip to behind the last quotation between two tokens."""
        first = max(first, stop - MAX_BACKWARD)
        for index in range(stop - 1, first - 1, -1):
            if self._is_blocked(index):
                return index + 1
        return first

    def _starts_behind(self, cue: Cue, source: Source | None) -> list[int]:
        layout = self.layout
        begin = self.behind(cue, source)
        end = self._limit(begin)
        if begin >= end:
            return []
        found = {begin}
        for index in range(begin, min(end, begin + 25)):
            other_cue = index > cue.token + 1 and index in self.cue_tokens
            if other_cue and layout.lower[index] not in ("according", "asked"):
                break
            found.update(self._starts_at(index, begin))
        for child in layout.children[cue.token]:
            if layout.dep[child] in CLAUSES and child > cue.token:
                left = layout.edges(child)[0]
                found.add(left + 1 if layout.lower[left] == "that" else left)
        good = [i for i in found if begin <= i < end and not self._is_blocked(i)]
        return sorted(good)[:16]

    def _starts_at(self, index: int, begin: int) -> list[int]:
        """Starts that a token offers: behind "that", at "whether", at a new noun phrase."""
        layout = self.layout
        word = layout.lower[index]
        if word in ("that", ",", ":", "of", "for"):
            return [index + 1]
        if word in _STARTERS:
            return [index, index + 1]
        if index > begin and layout.tag[index] in _NOUN_STARTS:
            return [] if layout.tag[index - 1] in _NOT_BEFORE_START else [index]
        return []

    def _limit(self, begin: int) -> int:
        """Where a clause that begins here must end: the sentence's end."""
        layout = self.layout
        if begin >= layout.length:
            return begin
        end = layout.sentence_end[begin]
        while end > begin and (layout.lower[end - 1] in _ENDERS or layout.space[end - 1]):
            end -= 1
        return min(end, begin + MAX_CLAUSE)

    def ends(self, cue: Cue, source: Source | None, direction: str, start: int) -> list[int]:
        """Tokens before which the clause may end."""
        layout = self.layout
        if direction == BACKWARD:
            end = self._trim(start, self._left_edge(cue, source))
            return [end] if end > start else []
        start = self.behind(cue, source) if direction == AROUND else start
        limit = self._limit(start)
        found = [limit]
        for index in range(start + 1, limit):
            word = layout.lower[index]
            splits = word in _SPLITTERS and layout.lower[index - 1] != ","
            if splits or word in _END_MARKS or layout.inside[index] in self.quoted:
                found.append(index)
        root = self._clause_root(cue, start)
        if root is not None:
            found.append(min(limit, layout.edges(root)[1] + 1))
        trimmed = {self._trim(start, e) for e in found}
        return sorted(e for e in trimmed if e > start)[-MAX_ENDS:]

    def _trim(self, start: int, end: int) -> int:
        layout = self.layout
        while end > start and (
            layout.space[end - 1] or layout.lower[end - 1] in (",", ";", ":", "–", "—", ".", "-")
        ):
            end -= 1
        return end

    def _clause_root(self, cue: Cue, start: int) -> int | None:
        for child in self.layout.children[cue.token]:
            if self.layout.dep[child] in CLAUSES and child >= start:
                return child
        return None

    # ---- features ------------------------------------------------------------------------------

    def cue_features(
        self, cue: Cue, source: Source | None, direction: str, starts: Sequence[int]
    ) -> list[str]:
        """Describe a cue and what follows (or precedes) it: does it report a clause?"""
        layout = self.layout
        lemma, cls = cue.entry.lemma, cue.entry.classes[0]
        deps = {layout.dep[c] for c in layout.children[cue.token] if c > cue.token}
        clause = sorted(deps & CLAUSES)
        following = layout.lower[cue.stop] if cue.stop < layout.length else ""
        following_tag = layout.tag[cue.stop] if cue.stop < layout.length else ""
        limit = self._limit(starts[0])
        rest = range(starts[0], limit)
        has_that = any(layout.lower[i] == "that" for i in range(cue.stop, min(limit, cue.stop + 8)))
        finite = any(layout.tag[i] in _FINITE for i in rest)
        to_verb = any(
            layout.lower[i] == "to" and layout.tag[i + 1].startswith("VB")
            for i in range(cue.stop, min(limit, cue.stop + 10))
            if i + 1 < layout.length
        )
        marked = any(
            layout.inside[i] in self.quoted for i in range(cue.stop, min(limit + 1, layout.length))
        )
        before = layout.lower[cue.token - 1] if cue.token else ""
        up = layout.dep[cue.token]
        d = direction
        frames = cue.entry.frames
        shape = f"that={has_that}&finite={finite}&to={to_verb}"
        comma = (
            starts[0] > 0 and layout.lower[cue.stop] == "," if cue.stop < layout.length else False
        )
        ends_here = cue.stop >= layout.length or layout.lower[cue.stop] in (".", ",", "?", ";")
        features = [
            f"{d}",
            f"{d}cls={cls}",
            f"{d}lemma={lemma}",
            f"{d}lemma={lemma}&clause={bool(clause)}",
            f"{d}lemma={lemma}&{shape}",
            f"{d}cls={cls}&{shape}",
            f"{d}cls={cls}&clause={bool(clause)}&{shape}",
            f"{d}{shape}",
            f"{d}clause={'+'.join(clause)}",
            f"{d}tag={layout.tag[cue.token]}",
            f"{d}up={up}",
            f"{d}next={following}",
            f"{d}nexttag={following_tag}",
            f"{d}cls={cls}&nexttag={following_tag}",
            f"{d}prev={before if before in ('to', 'was', 'is', 'been', 'be', 'as', ',') else '-'}",
            f"{d}source={source.method if source else None}",
            f"{d}marked={marked}",
            f"{d}comma={comma}",
            f"{d}ends={ends_here}",
            f"{d}length={bucket(limit - starts[0])}",
            f"{d}headline={layout.is_headline(layout.paragraph[cue.token])}",
            f"{d}kind={cue.kind}&clause={bool(clause)}",
        ]
        features += [f"{d}frame={frame}&{shape}" for frame in sorted(frames)]
        if source is not None:
            gap = cue.token - source.stop if source.head < cue.token else source.first - cue.stop
            side = "L" if source.head < cue.token else "R"
            features.append(f"{d}src{side}gap={bucket(max(gap, 0))}")
            features.append(f"{d}srctag={layout.tag[source.head]}")
            features.append(f"{d}src{side}&cls={cls}&ends={ends_here}")
        parenthesis = self._is_parenthesis(cue, source)
        features.append(f"{d}parenthesis={parenthesis}")
        if parenthesis:
            behind = min(self.behind(cue, source), layout.length - 1)
            edge = self._left_edge(cue, source)
            ahead = range(self._free_from(layout.sentence_start[cue.token], edge), edge)
            verb = any(layout.tag[i] in _FINITE for i in ahead)
            tags = f"{_kind(layout.tag[ahead[0]]) if ahead else '^'}&{_kind(layout.tag[behind])}"
            features.append(f"{d}paren&verb={verb}&{tags}")
            features.append(f"{d}paren&verb={verb}&behind={_kind(layout.tag[behind])}")
            features.append(f"{d}paren&size={bucket(len(ahead))}&verb={verb}")
        if direction != FORWARD:
            span = range(starts[0], cue.token)
            features.append(f"{d}&before={any(layout.tag[i] in _FINITE for i in span)}")
            features.append(f"{d}&cue_before={any(i in self.cue_tokens for i in span)}")
            features.append(f"{d}&size={bucket(len(span))}")
            above = layout.head[cue.token]
            features.append(
                f"{d}&below={above != cue.token and above < cue.token}&ends={ends_here}"
            )
        return features

    def start_features(
        self, cue: Cue, direction: str, starts: Sequence[int], start: int
    ) -> list[str]:
        """Describe one start of a clause."""
        layout = self.layout
        rank = starts.index(start)
        before = layout.lower[start - 1] if start else ""
        d = direction
        lefts = {
            layout.edges(c)[0]
            for c in layout.children[cue.token]
            if layout.dep[c] in CLAUSES and c > cue.token
        }
        at_clause = start in lefts or (start - 1) in lefts
        that_before = any(layout.lower[i] == "that" for i in range(starts[0] - 1, start - 1))
        passed = range(starts[0], start)
        finite = any(layout.tag[i] in _FINITE for i in passed)
        behind = [layout.tag[i] for i in range(start, min(start + 6, layout.length))]
        soon = any(tag in _FINITE for tag in behind)
        cls = cue.entry.classes[0]
        kept = before if before in ("that", ",", ":", "to", "of", "and", "but", "for") else "-"
        word = layout.lower[start]
        opener = (
            word if word in ("to", "whether", "if", "how", "why", "what", "not", "when") else "-"
        )
        return [
            f"{d}rank={min(rank, 4)}",
            f"{d}before={kept}",
            f"{d}before={kept}&that={that_before}",
            f"{d}opener={opener}",
            f"{d}opener={opener}&cls={cls}",
            f"{d}opener={opener}&lemma={cue.entry.lemma}",
            f"{d}clause={at_clause}",
            f"{d}clause={at_clause}&rank={min(rank, 4)}",
            f"{d}that={that_before}",
            f"{d}finite={finite}",
            f"{d}soon={soon}",
            f"{d}soon={soon}&rank={min(rank, 2)}&cls={cls}",
            f"{d}lemma={cue.entry.lemma}&rank={min(rank, 2)}",
            f"{d}lemma={cue.entry.lemma}&before={kept}",
            f"{d}tag={layout.tag[start]}&rank={min(rank, 2)}",
            f"{d}passed={bucket(len(passed))}",
            f"{d}passedtag={layout.tag[start - 1] if rank and start else '^'}",
        ]

    def end_features(
        self, cue: Cue, direction: str, start: int, ends: Sequence[int], end: int
    ) -> list[str]:
        """Describe one end of a clause."""
        layout = self.layout
        last = end == ends[-1]
        word = layout.lower[end] if end < layout.length else "^"
        follower = layout.lower[end + 1] if end + 1 < layout.length else "^"
        follower_tag = layout.tag[end + 1] if end + 1 < layout.length else "^"
        if word not in (",", ";", "–", "—", "(", ":"):
            follower, follower_tag = word, layout.tag[end] if end < layout.length else "^"
        root = self._clause_root(cue, start)
        edge = None if root is None else layout.edges(root)[1] + 1
        edge_trimmed = None if edge is None else self._trim(start, edge)
        at_edge = edge_trimmed == end
        inside_edge = edge_trimmed is not None and end < edge_trimmed
        rest = range(end, ends[-1])
        finite_rest = any(layout.tag[i] in _FINITE for i in rest)
        cue_rest = any(i in self.cue_tokens for i in range(end, min(end + 4, ends[-1])))
        and_cue = self._is_next_report(end, ends[-1])
        group = _follower_group(follower)
        behind = layout.tag[end + 2] if end + 2 < layout.length and follower == "and" else "-"
        finite_in = any(layout.tag[i] in _FINITE for i in range(start, end))
        attach = self._attachment(cue, start, end)
        marked = end < layout.length and layout.inside[end] in self.quoted
        d = direction
        mark = word if word in (",", ";", "–", "—", "(", ":") else "w" if not last else "$"
        keep = follower if follower in _FOLLOWERS else "-"
        return [
            f"{d}last={last}",
            f"{d}edge={at_edge}&last={last}",
            f"{d}inside={inside_edge}&last={last}",
            f"{d}mark={mark}&next={keep}",
            f"{d}mark={mark}&nexttag={follower_tag}",
            f"{d}mark={mark}&nexttag={follower_tag}&edge={at_edge}&inside={inside_edge}",
            f"{d}attach={attach}&last={last}",
            f"{d}attach={attach}&mark={mark}&next={keep}",
            f"{d}finite_in={finite_in}&last={last}",
            f"{d}finite_rest={finite_rest}&mark={mark}&next={keep}",
            f"{d}cue_rest={cue_rest}&last={last}",
            f"{d}cue_rest={cue_rest}&next={keep}",
            f"{d}marked={marked}",
            f"{d}initial={cue.token == layout.sentence_start[cue.token]}&mark={mark}&group={group}",
            f"{d}apposition={self._is_apposition(end)}&last={last}",
            f"{d}mark={mark}&tags={self._tags(end + (mark == ','), 3)}",
            f"{d}mark={mark}&tags={self._tags(end + (mark == ','), 2)}",
            f"{d}and_cue={and_cue}&last={last}",
            f"{d}mark={mark}&group={group}",
            f"{d}mark={mark}&group={group}&attach={attach}",
            f"{d}mark={mark}&next={keep}&behind={behind}",
            f"{d}length={bucket(end - start)}&last={last}",
            f"{d}opener={layout.lower[start] if layout.lower[start] in ('to', 'whether') else '-'}"
            f"&mark={mark}&next={keep}",
        ]

    def _is_apposition(self, end: int) -> bool:
        """Whether a noun in apposition to the clause follows: “…, a phrase he had used before”."""
        layout = self.layout
        if layout.lower[end : end + 1] != [","] or layout.lower[end + 1 : end + 2] not in (
            ["a"],
            ["an"],
        ):
            return False
        for index in range(end + 2, min(end + 6, layout.length - 1)):
            if layout.tag[index] in ("NN", "NNS"):
                following = layout.tag[index + 1]
                return following in ("PRP", "VBN", "WDT", "WP", "TO", "IN", "VBD", "DT")
        return False

    def _tags(self, first: int, count: int) -> str:
        return " ".join(_kind(tag) for tag in self.layout.tag[first : first + count])

    def _is_next_report(self, end: int, limit: int) -> bool:
        """Whether another one's saying follows: “…, and the union warned that …”."""
        layout = self.layout
        first = end + 1 if layout.lower[end : end + 1] == [","] else end
        if layout.lower[first : first + 1] not in (["and"], ["but"], ["while"], ["though"]):
            return False
        return any(i in self.cue_tokens for i in range(first + 1, min(first + 9, limit)))

    def _attachment(self, cue: Cue, start: int, end: int) -> str:
        """Where the tree hangs what follows the boundary: into the clause, or above it."""
        layout = self.layout
        index = end
        limit = min(end + 40, layout.length, layout.sentence_end[start])
        while index < limit:
            head = layout.head[index]
            if head < end:
                if start <= head:
                    return "clause"
                return "cue" if head == cue.token else "above"
            if head == index:
                return "root"
            if head >= limit:
                return "ahead"
            index += 1
        return "none"


_GROUPS = {
    "concession": frozenset(["although", "though", "while", "whereas", "despite", "even"]),
    "relative": frozenset(["which", "who", "whose", "where", "whom"]),
    "reason": frozenset(["because", "since", "as", "so", "given"]),
    "time": frozenset(["after", "before", "when", "until", "following", "amid"]),
    "and": frozenset(["and", "or", "nor"]),
    "but": frozenset(["but", "yet", "however"]),
    "pronoun": frozenset(["he", "she", "they", "it", "we"]),
    "article": frozenset(["a", "an", "the"]),
}
_FOLLOWERS = frozenset(
    [
        "but", "and", "while", "though", "although", "which", "who", "as", "after", "adding",
        "saying", "citing", "noting", "according", "despite", "or", "because", "when", "where",
        "with", "compared", "before", "so", "even", "if", "he", "she", "they", "it", "said", "to",
        "in", "for", "on", "at", "by", "since", "until", "unless", "said", "not", "a", "the",
        "including", "following", "sending", "whose", "whom", "yet", "nor", "rather", "than",
    ]
)  # fmt: skip


def _follower_group(word: str) -> str:
    for name, words in _GROUPS.items():
        if word in words:
            return name
    return "ing" if word.endswith("ing") else "-"


def _kind(tag: str) -> str:
    if tag in _FINITE:
        return "F"
    if tag.startswith("V") or tag == "TO":
        return "V"
    return "N" if tag in _NOUN_STARTS else tag[:2]


def _best(weights: Mapping[str, float], options: Sequence[Sequence[str]]) -> int:
    scores = [score(weights, features) for features in options]
    return max(range(len(scores)), key=lambda i: scores[i])
