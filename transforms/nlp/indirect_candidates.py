"""Where a reported clause may begin and end: candidates from the tree and from the surface."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.nlp.cues import Cue
from transforms.nlp.layout import CLAUSES, FINITE, Layout
from transforms.nlp.sources import Source

MAX_CLAUSE = 90  # tokens
MAX_BACKWARD = 120  # tokens of what stands before a cue
MAX_ENDS = 12  # candidates for the end of a clause
_ENDERS = frozenset([".", "!", "?", ";", "…"])
_SPLITTERS = frozenset(["but", "and", "while", "though", "although", "which", "who", "as", "after"])
_PASS_OVER = frozenset(["that", ":", ",", "–", "—", "-"])
FORWARD, BACKWARD, AROUND = "F", "B", "M"
_STARTERS = frozenset(["whether", "if", "how", "why", "what", "to", "when", "where", "not"])
NOUN_STARTS = frozenset(["DT", "PRP", "NNP", "NNS", "PRP$", "CD", "EX", "VBG", "JJ", "NN"])
_NOT_BEFORE_START = frozenset(["DT", "JJ", "PRP$", "IN"])
_BREAKS = frozenset(["but", "and", ",", ";", "–", "—", ":", "-", "because", ")", "/", "―"])
_JOINERS = frozenset(
    ["and", "but", "or", "when", "because", "after", "that", "as", "if", "while", "since", "where"]
)
_OPENING_TAGS = frozenset(["IN", "WRB", "RB", "CC"])
MAX_BEFORE_CUE = 12  # tokens before a cue in a clause that opens the sentence
_SUBORDINATORS = frozenset(["while", "when", "if", "after", "although", "though", "once", "since"])
_TAIL_MARKS = frozenset([",", "–", "—"])
_RELATIVES = frozenset(["who", "which", "that", "whom", "whose", "where", "as"])
_PERFECT = frozenset(["has", "have", "had"])
NOMINAL = frozenset(["NN", "NNS", "NNP", "NNPS", "PRP"])
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
        self._left_edges: dict[int, int] = {}

    def starts(self, cue: Cue, source: Source | None, direction: str) -> list[int]:
        """Tokens at which the clause may begin."""
        layout = self.layout
        if direction == FORWARD:
            return self._starts_behind(cue, source)
        first, stop, edge = self.before(cue, source)
        if direction == BACKWARD and self._is_cut_off(stop, first):
            return []
        if first > layout.sentence_start[cue.token] and any(
            i in self.cue_tokens for i in range(first, stop)
        ):
            return []  # “…,” Orr told us, according to the report
        least = 2 if direction == BACKWARD else 1
        if stop - first < least or not self._follows_comma(stop, edge):
            return []
        headline = layout.is_headline(layout.paragraph[cue.token])
        verb = any(layout.tag[i] in FINITE or layout.tag[i] == "VBN" for i in range(first, stop))
        if direction == BACKWARD and not verb and not headline:
            return []
        if direction == AROUND and not self.is_parenthesis(cue, source):
            return []
        found = [first]
        found += [i + 1 for i in range(first, stop - 1) if layout.lower[i] in _BREAKS]
        found = [i for i in found if layout.lower[i][:1].isalnum() or layout.lower[i] in "'‘’$£€"]
        return list(dict.fromkeys(found))[:8]

    def before(self, cue: Cue, source: Source | None) -> tuple[int, int, int]:
        """What stands before cue and source: first token, one past the last, where those begin."""
        edge = self.left_edge(cue, source)
        first = self.free_from(self.layout.sentence_start[cue.token], edge)
        return first, self.trim(first, edge), edge

    def _is_cut_off(self, stop: int, first: int) -> bool:
        """Whether the clause before would end in “… because” or in “…, Orr says”."""
        said = self.layout.lower[stop - 1] in ("said", "says", "say") and stop > first
        return said or self.joins(stop, first)

    def joins(self, stop: int, first: int) -> bool:
        """Whether a conjunction stands before a boundary: “… and, she said, …”."""
        return stop > first and self.layout.lower[stop - 1] in _JOINERS

    def _follows_comma(self, stop: int, edge: int) -> bool:
        layout = self.layout
        if stop < edge:
            return layout.lower[stop] in (",", "–", "—", "-", ":")
        return layout.is_headline(layout.paragraph[edge])  # headlines do without

    def left_edge(self, cue: Cue, source: Source | None) -> int:
        """First token of cue and source together, where the source stands before the cue."""
        key = cue.token
        if key not in self._left_edges:
            edge = min(cue.token, source.first) if source is not None else cue.token
            if not self._is_whole(cue, source):
                edge = self._tail_edge(cue, edge)
            if edge > 1 and self.layout.lower[edge - 2 : edge] == [",", "as"]:
                edge -= 1
            self._left_edges[key] = edge
        return self._left_edges[key]

    def _is_whole(self, cue: Cue, source: Source | None) -> bool:
        """Whether the source is one noun phrase right before the cue, or behind it."""
        if source is None or cue.kind != "verb":
            return cue.kind != "verb"
        if source.first >= cue.stop:
            return source.method == "inverted"
        rest = range(source.first, cue.token)
        return not any(self.layout.tag[i] in FINITE for i in rest)

    def _tail_edge(self, cue: Cue, edge: int) -> int:
        """Where “…, Minister Orr said on Monday” begins: the noun phrase behind the last comma.

        `edge` is given back where no clause stands before such a phrase.
        """
        layout = self.layout
        first = layout.sentence_start[cue.token]
        comma = next(
            (i for i in range(cue.token - 1, first, -1) if layout.lower[i] in _TAIL_MARKS), None
        )
        if comma is None or comma < edge:
            return edge
        phrase = range(comma + 1, cue.token)
        if any(layout.tag[i] in FINITE and layout.lower[i] not in _PERFECT for i in phrase):
            return edge
        if not any(layout.tag[i] in NOMINAL for i in phrase):
            return edge
        if layout.lower[comma + 1] in ("who", "which", "and", "but", "where", "whose"):
            return edge
        tags = set(layout.tag[first:comma])
        return comma + 1 if tags & FINITE or "VBN" in tags else edge

    def behind(self, cue: Cue, source: Source | None) -> int:
        """First token behind cue and source and one comma."""
        layout = self.layout
        begin = cue.stop
        if source is not None and source.first >= cue.stop and cue.kind != "phrase":
            parted = set(layout.tag[cue.stop : source.first])  # asked | what he saw, Orr …
            subject = set(layout.tag[source.stop : source.stop + 1])  # said | the road was shut
            if not FINITE & (parted | subject):
                begin = source.stop
        if cue.kind == "phrase" and source is not None:
            begin = source.head + 1
            while begin < source.stop and layout.lower[begin] != ",":
                begin += 1
        while begin < layout.length and layout.lower[begin] in _PASS_OVER:
            begin += 1
        return begin

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

    def leads_in(self, start: int, inner: Cue) -> bool:
        """Whether no clause stands before a participle: wrote | to Orr saying that …."""
        layout = self.layout
        if layout.tag[inner.token] != "VBG" or layout.tag[start + 1].startswith("VB"):
            return False
        return not any(layout.tag[i] in FINITE for i in range(start, inner.token))

    def is_early_question(self, cue: Cue) -> bool:
        """Whether a sentence opens with “Asked whether …,” or “When asked whether …,”."""
        layout = self.layout
        if cue.entry.lemma != "ask" or layout.tag[cue.token] not in ("VBN", "VBD"):
            return False
        first = layout.sentence_start[cue.token]
        opening = range(first, cue.token)
        return len(opening) <= 2 and all(layout.tag[i] in _OPENING_TAGS for i in opening)

    def is_subordinate(self, cue: Cue, start: int) -> bool:
        """Whether the report stands in a clause before the main one: “While Orr said …, …”."""
        layout = self.layout
        first = layout.sentence_start[cue.token]
        if layout.lower[first] in ("and", "but", "even"):
            first += 1
        near = cue.token - first <= MAX_BEFORE_CUE
        return near and layout.lower[first] in _SUBORDINATORS and layout.lower[start - 1] != ","

    def is_blocked(self, index: int) -> bool:
        """Whether a token stands in a quotation or breaks the line."""
        return self.layout.inside[index] in self.quoted or self.layout.line_break[index]

    def free_from(self, first: int, stop: int) -> int:
        """Skip to behind the last quotation between two tokens."""
        first = max(first, stop - MAX_BACKWARD)
        for index in range(stop - 1, first - 1, -1):
            if self.is_blocked(index):
                return index + 1
        return first

    def _starts_behind(self, cue: Cue, source: Source | None) -> list[int]:
        layout = self.layout
        begin = self.behind(cue, source)
        end = self.limit(begin)
        if begin >= end:
            return []
        behind_source = source is not None and begin > source.first >= cue.stop
        if behind_source and layout.lower[begin] in ("who", "which", "whose", "where"):
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
        good = [i for i in found if begin <= i < end and not self.is_blocked(i)]
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
        if self.is_early_question(cue) or self.is_subordinate(cue, start):
            commas = [i for i in found if layout.lower[i : i + 1] == [","]]
            found = commas or found
        found = self._before_quotation(found, start, limit)
        trimmed = {self.trim(start, e) for e in found}
        return sorted(e for e in trimmed if e > start)[-MAX_ENDS:]

    def _before_quotation(self, ends: Sequence[int], start: int, limit: int) -> list[int]:
        """Ends before the report of a quotation: `it was shut | and called it “a farce”`.

        All are given back where no quotation follows, or none that has a report of its own.
        """
        inside = self.layout.inside
        quoted = next((i for i in range(start, limit) if inside[i] in self.quoted), limit)
        if quoted == limit:
            return list(ends)
        before = [e for e in ends if e < quoted and self._opens_report(start, e, quoted)]
        return before or list(ends)

    def _opens_report(self, start: int, end: int, quoted: int) -> bool:
        """Whether a clause is complete at a boundary and the next words report a quotation."""
        layout = self.layout
        opening = end + (layout.lower[end] == ",")
        return (
            any(i in self.cue_tokens for i in range(end, min(end + 5, quoted)))
            and any(layout.tag[i] in FINITE for i in range(start, end))
            and layout.lower[opening] not in _RELATIVES
        )

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
