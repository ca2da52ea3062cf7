"""Forms of indirect speech that leave no doubt: “…, said Orr.”, “According to Orr, …”."""

from __future__ import annotations

from transforms.nlp.cues import Cue
from transforms.nlp.indirect_candidates import (
    MAX_BEFORE_CUE,
    MAX_CLAUSE,
    NOMINAL,
    ClauseCandidates,
)
from transforms.nlp.layout import FINITE
from transforms.nlp.sources import Source

_CLAUSE_PRONOUNS = frozenset(["he", "she", "it", "they", "we", "i", "there"])
_REASONS = frozenset(["because", "unless"])  # open what belongs to the clause before the cue


class PlainForms(ClauseCandidates):
    """Knows the plainest forms among the reported clauses of one document."""

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
            return source.first == cue.stop and source.method in ("inverted", "subject")
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

    def is_plain_report(self, cue: Cue) -> bool:
        """Whether a verb of speech is followed by “that …” or by “he was …”."""
        layout = self.layout
        if cue.kind != "verb" or cue.entry.classes[0] != "speech" or cue.stop >= layout.length:
            return False
        stop = layout.sentence_end[cue.token]
        word = layout.lower[cue.stop]
        if word not in _CLAUSE_PRONOUNS and word != "that":
            return False
        if not layout.tag[cue.token].startswith("V") or cue.flags or self.is_blocked(cue.stop):
            return False
        if cue.token and layout.lower[cue.token - 1] in ("to", "for", "by", "of", "without"):
            return False
        reach = MAX_CLAUSE if word == "that" else 4
        rest = range(cue.stop + 1, min(stop, cue.stop + reach))
        return any(layout.tag[i] in FINITE for i in rest)

    def is_plain_passive(self, cue: Cue, source: Source | None) -> bool:
        """Whether “claimed by Orr that …” or “Orr was quoted as saying …” goes on with a clause."""
        layout = self.layout
        if source is None or cue.flags or cue.entry.classes[0] not in ("speech", "ask"):
            return False
        begin = self.behind(cue, source)
        asked = layout.lower[begin : begin + 1] == ["whether"]  # Asked by Hall whether …
        by = source.method == "agent" and (asked or layout.lower[begin - 1] == "that")
        quoted = source.method == "quoted" and cue.stop <= begin <= cue.stop + 1
        rest = range(begin, self.limit(begin))
        return (by or quoted) and any(layout.tag[i] in FINITE for i in rest)

    def is_plain_as(self, cue: Cue) -> bool:
        """Whether a sentence opens with “As Orr reported, …” and goes on with a clause."""
        layout = self.layout
        first = layout.sentence_start[cue.token]
        if layout.lower[first] != "as" or cue.entry.classes[0] != "speech" or cue.flags:
            return False
        if cue.token - first > MAX_BEFORE_CUE or layout.lower[cue.stop : cue.stop + 1] != [","]:
            return False
        rest = range(cue.stop + 1, layout.sentence_end[cue.token])
        return any(layout.tag[i] in FINITE for i in rest)

    def is_joined_parenthesis(self, cue: Cue, source: Source | None) -> bool:
        """Whether only what follows is reported: “It closed because, they say, it leaked”."""
        layout = self.layout
        if source is None or cue.flags or cue.entry.classes[0] not in ("speech", "phrase"):
            return False
        first, stop, edge = self.before(cue, source)
        behind = self.behind(cue, source)
        comma = layout.lower[behind - 1] == ","
        return comma and stop < edge and layout.lower[stop] == "," and self.joins(stop, first)

    def is_plain_parenthesis(self, cue: Cue, source: Source | None) -> bool:
        """Whether “, he said,” parts a clause: “The road, he said, was shut”, “… because it is”."""
        layout = self.layout
        if source is None or cue.flags or cue.entry.classes[0] not in ("speech", "phrase"):
            return False
        if cue.kind == "verb" and source.stop != cue.token:
            return False
        first, stop, _ = self.before(cue, source)
        if stop <= first or layout.lower[stop] != ",":
            return False
        behind = self.behind(cue, source)
        rest = range(behind, self.limit(behind))
        joined = layout.lower[behind : behind + 1] in (["and"], ["but"], ["or"])
        subject = not any(layout.tag[i] in FINITE for i in range(first, stop - 1))
        nominal = any(layout.tag[i] in NOMINAL for i in range(first, stop))
        if self.joins(stop, first):
            return False
        parted = layout.tag[stop - 1] in FINITE or (subject and nominal)
        parted = parted or layout.lower[behind] in _REASONS
        return parted and not joined and any(layout.tag[i] in FINITE for i in rest)
