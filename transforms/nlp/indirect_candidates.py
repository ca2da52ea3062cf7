"""Where a reported clause may begin and end: candidates from the tree and from the surface."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.nlp.cues import Cue
from transforms.nlp.layout import CLAUSES, Layout
from transforms.nlp.sources import Source

MAX_CLAUSE = 90  # tokens
MAX_BACKWARD = 120  # tokens of what stands before a cue
MAX_ENDS = 12  # candidates for the end of a clause
_ENDERS = frozenset([".", "!", "?", ";", "…"])
_SPLITTERS = frozenset(["but", "and", "while", "though", "although", "which", "who", "as", "after"])
_PASS_OVER = frozenset(["that", ":", ",", "–", "—", "-"])
FINITE = frozenset(["VBD", "VBZ", "VBP", "MD"])
FORWARD, BACKWARD, AROUND = "F", "B", "M"
_STARTERS = frozenset(["whether", "if", "how", "why", "what", "to", "when", "where", "not"])
NOUN_STARTS = frozenset(["DT", "PRP", "NNP", "NNS", "PRP$", "CD", "EX", "VBG", "JJ", "NN"])
_NOT_BEFORE_START = frozenset(["DT", "JJ", "PRP$", "IN"])
_BREAKS = frozenset(["but", "and", ",", ";", "–", "—", ":", "-", "because", ")", "/", "―"])
_END_MARKS = frozenset([",", ";", "–", "—", "(", ":"])


class ClauseCandidates:
    """Offers the boundaries of the reported clauses of one document.

    `quoted` holds the numbers of the marked spans that are quotations: a clause stops at them,
    and runs on over the others (titles, nicknames).
    """

    def __init__(self, layout: Layout, cues: Sequence[Cue], quoted: frozenset[int]) -> None:
        self.layout = layout
        self.cue_tokens = {c.token for c in cues}
        self.quoted = quoted

    def starts(self, cue: Cue, source: Source | None, direction: str) -> list[int]:
        """Tokens at which the clause may begin."""
        layout = self.layout
        if direction == FORWARD:
            return self._starts_behind(cue, source)
        first = layout.sentence_start[cue.token]
        edge = self.left_edge(cue, source)
        first = self.free_from(first, edge)
        stop = self.trim(first, edge)
        least = 2 if direction == BACKWARD else 1
        if stop - first < least or not self._follows_comma(stop, edge):
            return []
        headline = layout.is_headline(layout.paragraph[cue.token])
        finite = any(layout.tag[i] in FINITE for i in range(first, stop))
        if direction == BACKWARD and not finite and not headline:
            return []
        if direction == AROUND and not self.is_parenthesis(cue, source):
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

    def left_edge(self, cue: Cue, source: Source | None) -> int:
        """First token of cue and source together, where the source stands before the cue."""
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

    def is_plain_tail(self, cue: Cue, source: Source | None) -> bool:
        """Whether the sentence ends in “…, said Orr” or “…, Orr said”, which leaves no doubt."""
        layout = self.layout
        if source is None or cue.entry.classes[0] not in ("speech", "phrase") or cue.flags:
            return False
        if layout.lower[self.left_edge(cue, source) - 1] != ",":
            return False
        if cue.kind == "phrase":
            return True
        if source.first >= cue.stop:
            return source.first == cue.stop and source.method == "inverted"
        ends = cue.stop >= layout.length or layout.lower[cue.stop] == "."
        return ends and source.stop == cue.token

    def is_plain_opening(self, cue: Cue, source: Source | None) -> bool:
        """Whether a sentence begins “According to Orr, …” and goes on with a clause."""
        layout = self.layout
        if cue.kind != "phrase" or source is None or cue.token != layout.sentence_start[cue.token]:
            return False
        behind = self.behind(cue, source)
        limit = self.limit(behind)
        finite = any(layout.tag[i] in FINITE for i in range(behind, limit))
        return finite and layout.lower[behind - 1] == ","

    def is_parenthesis(self, cue: Cue, source: Source | None) -> bool:
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

    def free_from(self, first: int, stop: int) -> int:
        """Skip to behind the last quotation between two tokens."""
        first = max(first, stop - MAX_BACKWARD)
        for index in range(stop - 1, first - 1, -1):
            if self._is_blocked(index):
                return index + 1
        return first

    def _starts_behind(self, cue: Cue, source: Source | None) -> list[int]:
        layout = self.layout
        begin = self.behind(cue, source)
        end = self.limit(begin)
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
        if index > begin and layout.tag[index] in NOUN_STARTS:
            return [] if layout.tag[index - 1] in _NOT_BEFORE_START else [index]
        return []

    def limit(self, begin: int) -> int:
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
            end = self.trim(start, self.left_edge(cue, source))
            return [end] if end > start else []
        start = self.behind(cue, source) if direction == AROUND else start
        limit = self.limit(start)
        found = [limit]
        for index in range(start + 1, limit):
            word = layout.lower[index]
            splits = word in _SPLITTERS and layout.lower[index - 1] != ","
            if splits or word in _END_MARKS or layout.inside[index] in self.quoted:
                found.append(index)
        root = self.clause_root(cue, start)
        if root is not None:
            found.append(min(limit, layout.edges(root)[1] + 1))
        trimmed = {self.trim(start, e) for e in found}
        return sorted(e for e in trimmed if e > start)[-MAX_ENDS:]

    def trim(self, start: int, end: int) -> int:
        """Take commas, dashes and white space off the end of a range."""
        layout = self.layout
        while end > start and (
            layout.space[end - 1] or layout.lower[end - 1] in (",", ";", ":", "–", "—", ".", "-")
        ):
            end -= 1
        return end

    def clause_root(self, cue: Cue, start: int) -> int | None:
        """The verb of the clause that the tree hangs under the cue, if it stands behind a token."""
        for child in self.layout.children[cue.token]:
            if self.layout.dep[child] in CLAUSES and child >= start:
                return child
        return None
