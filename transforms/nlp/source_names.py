"""Source phrases made whole: names that the tree cut, titles with a full stop, long appositions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from transforms.nlp.layout import FINITE, OUTSIDE, Layout
from transforms.nlp.names import find_title
from transforms.nlp.role_nouns import find_noun
from transforms.nlp.sources_phrases import NOMINAL_TAGS, Source, in_phrase, is_free
from transforms.nlp.types import DocMention

MAX_GAP = 9  # tokens between a cut phrase and its cue
MAX_APPOSITION = 40  # tokens between a name and its cue
_SPEAKERS = frozenset(("PERSON", "ORG"))
_RELATIVES = frozenset(["who", "whose", "which", "where", "whom"])
_OF = frozenset(["of", "at", "for", "from", "with"])
_OPENINGS = frozenset([",", "but", "and", "yet", "so", "–", "—", "-", "*", "while"])


class WholeNames:
    """Makes the source phrases of one document whole by the names that it holds."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        mentions: Sequence[DocMention] = layout.doc._.newsbeam_mentions
        self._names = [
            (*layout.tokens_of(m.start, m.end), m.label)
            for m in mentions
            if m.mention_type == "name" and m.label in _SPEAKERS
        ]
        self._firsts = [first for first, _, _ in self._names]
        self._nicknames = {
            number
            for number, (first, stop) in enumerate(layout.marked_tokens)
            if first < stop and self._at(first) and self._at(first) == self._at(stop - 1)
        }

    def begins(self, index: int) -> bool:
        """Whether a speaker's name, perhaps behind a title, begins at a token."""
        while index < self.layout.length and self._is_title(index):
            index += 1
        name = self._at(index) if index < self.layout.length else None
        return name is not None and name[0] == index

    def repair(self, source: Source, verb: int) -> Source:
        """Give the source of the cue at token `verb` with the whole of the names at its ends."""
        if not self._names or (source.stop - source.first == 1 and self._is_pronoun(source.head)):
            return source
        source = self._opened_by_name(source, verb)
        source = self._to_names(source)
        source = self._over_title(source)
        return self._to_cue(source, verb)

    def _is_pronoun(self, index: int) -> bool:
        return self.layout.tag[index] in ("PRP", "WP", "WDT") and self._at(index) is None

    def _at(self, index: int) -> tuple[int, int] | None:
        """The name that covers a token."""
        found = bisect_right(self._firsts, index) - 1
        if found >= 0 and index < self._names[found][1]:
            return self._names[found][:2]
        return None

    def _to_names(self, source: Source) -> Source:
        """`Hägg` of Kaisu Nieminen-Hägg, `Amina` of Amina “Mina” Orr: the name that is cut."""
        head, tail = self._at(source.first), self._at(source.stop - 1)
        first = min(source.first, head[0]) if head else source.first
        stop = max(source.stop, tail[1]) if tail else source.stop
        if (first, stop) == (source.first, source.stop) or not self._is_free(first, stop):
            return source
        if first < source.first and source.method in ("left", "subject", "left_apposition"):
            first = self._before(first)
        return Source(first, stop, stop - 1 if tail else source.head, source.method, source.meaning)

    def _before(self, first: int) -> int:
        """Where the phrase begins whose last words are a name: with its titles and its "of"."""
        layout = self.layout
        start = layout.sentence_start[first]
        while first > start:
            if in_phrase(layout, first - 1):
                first -= 1
            elif (
                layout.lower[first - 1] in _OF
                and first - 2 >= start
                and layout.tag[first - 2] in NOMINAL_TAGS
                and is_free(layout, first - 2)
            ):
                first -= 2
            else:
                break
        return first

    def _over_title(self, source: Source) -> Source:
        """`said Hon. Amina Orr`: go on behind a title where a name follows."""
        layout = self.layout
        source = self._over_hyphen(source)
        last, following = layout.word(source.stop - 1).rstrip("."), source.stop
        title = find_title([last]) is not None
        noun = find_noun(last.lower())
        if not title and (noun is None or not noun.kinds & {"person", "kin", "spokes"}):
            return source
        while following < layout.length and layout.lower[following] == "." and title:
            following += 1
        while following < layout.length and self._is_title(following):
            following += 1
        name = self._at(following) if following < layout.length else None
        if name is None or name[0] != following or not self._is_free(source.first, name[1]):
            return source
        if layout.paragraph[following] != layout.paragraph[source.first]:
            return source
        return Source(source.first, name[1], name[1] - 1, source.method, source.meaning)

    def _over_hyphen(self, source: Source) -> Source:
        """`co` of "co-author Amina Orr": the rest of the word."""
        layout, stop = self.layout, source.stop
        while (
            stop + 1 < layout.length
            and layout.lower[stop] == "-"
            and not layout.space_before(stop)
            and not layout.space_before(stop + 1)
            and self._is_free(stop, stop + 2)
        ):
            stop += 2
        return (
            replace(source, stop=stop, head=max(source.head, stop - 1))
            if stop > source.stop
            else source
        )

    def _is_title(self, index: int) -> bool:
        return find_title([self.layout.word(index).rstrip(".")]) is not None

    def _to_cue(self, source: Source, verb: int) -> Source:
        """`Pachuca | vice-president Islas-Meyer said`: a subject that goes on to its verb."""
        layout = self.layout
        gap = range(source.stop, verb)
        if not 0 < len(gap) <= MAX_GAP or source.meaning is not None:
            return source
        stop = next((i for i in gap if not in_phrase(layout, i) or layout.space[i]), verb)
        name = self._at(stop - 1) if stop > source.stop else None
        if name is None or name[1] != stop or stop != verb:
            return source
        return Source(source.first, stop, stop - 1, source.method, source.meaning)

    def _opened_by_name(self, source: Source, verb: int) -> Source:
        """`Amina Orr, 83, whose uncle was shot, said`: the name that opens the clause."""
        layout = self.layout
        sure = source.method in ("left", "left_apposition", "opening")
        if source.stop > verb or not (sure or source.method == "subject"):
            return source
        if self._holds_name_first(source) if sure else self._holds_person(source):
            return source
        if not sure and layout.lower[source.stop] != ",":
            return self._behind_of(source)
        first = max(layout.sentence_start[verb], verb - MAX_APPOSITION)
        for index in range(verb - 1, first - 1, -1):
            if not is_free(layout, index) or layout.space[index]:
                first = index + 1
                break
        while first < verb and layout.lower[first] in _OPENINGS:
            first += 1
        name = next((n[:2] for n in self._names if first <= n[0] < first + MAX_GAP), None)
        if name is None or name[1] >= source.first or layout.lower[name[1]] not in (",", "("):
            return source
        if not all(self._leads(i) for i in range(first, name[0])):
            return source
        between = range(name[1], verb - 1)
        relative = any(layout.lower[i] in _RELATIVES for i in between)
        finite = any(layout.tag[i] in FINITE for i in range(name[1], source.first))
        if finite and not relative:
            return source
        return Source(first, source.stop, name[1] - 1, "left_apposition")

    def _leads(self, index: int) -> bool:
        """Whether a token may stand in what leads to a name: "Retired head of news"."""
        layout = self.layout
        past = layout.tag[index] == "VBN"
        return past or in_phrase(layout, index) or layout.lower[index] in _OF

    def _behind_of(self, source: Source) -> Source:
        """`Amina Orr of | Harbour East said`: the name before, where that is a person's."""
        layout, before = self.layout, source.first - 1
        if before >= 0 and layout.lower[before] == "the":
            before -= 1
        if before < 1 or layout.lower[before] not in _OF or self._at(source.first) is None:
            return source
        if self._at(before - 1) is None or self._label_at(before - 1) != "PERSON":
            return source
        first = self._before(self._at(before - 1)[0])  # type: ignore[index]
        if not self._is_free(first, source.stop):
            return source
        return Source(first, source.stop, before - 1, source.method)

    def _label_at(self, index: int) -> str:
        return self._names[bisect_right(self._firsts, index) - 1][2]

    def _holds_person(self, source: Source) -> bool:
        found = [i for i in range(source.first, source.stop) if self._at(i) is not None]
        return any(self._label_at(i) == "PERSON" for i in found)

    def _holds_name_first(self, source: Source) -> bool:
        return any(
            self._at(i) is not None
            for i in range(source.first, min(source.head + 1, source.first + 3))
        )

    def _is_free(self, first: int, stop: int) -> bool:
        inside = self.layout.inside
        return all(inside[i] == OUTSIDE or inside[i] in self._nicknames for i in range(first, stop))
