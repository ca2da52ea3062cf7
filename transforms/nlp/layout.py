"""A document as the quotations' rules look at it: plain lists, one entry a token."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from spacy.tokens import Doc

from transforms.nlp.descriptions import Tokens
from transforms.nlp.knowledge import read_table
from transforms.nlp.lines import has_line_break, iter_paragraphs
from transforms.nlp.marks import MarkedSpan

OUTSIDE = -1
_NO_ENDS = frozenset(",([{)]}/&%$€£")
_ABBREVIATIONS = dict(read_table("abbreviations.tsv"))
MAX_HEADLINE = 200  # characters

FINITE = frozenset(["VBD", "VBZ", "VBP", "MD"])  # tags of verbs that make a clause

# Dependency labels of both sets (Universal Dependencies, spaCy's English "CLEAR") by what they say.
SUBJECTS = frozenset(["nsubj", "nsubj:pass", "nsubjpass", "nsubj:outer", "csubj", "csubj:outer"])
PASSIVE_SUBJECTS = frozenset(["nsubj:pass", "nsubjpass"])
OBJECTS = frozenset(["obj", "dobj", "iobj", "dative"])
CLAUSES = frozenset(["ccomp", "xcomp", "parataxis"])
CLAUSE_MARKS = frozenset(["that", "whether", "if", "how", "why", "what", "when", "where", "who"])


class Layout:
    """The tokens, trees, paragraphs and marked spans of a document.

    Token positions are indices into the document; `inside[i]` is the number of the marked span
    that token i stands in, or OUTSIDE.
    """

    def __init__(self, doc: Doc, text: str, marked: Sequence[MarkedSpan]) -> None:
        self.doc = doc
        self.text = text  # doc.text, which is put together anew each time
        self.marked = tuple(marked)
        self.length = len(doc)
        tokens = read_tokens(doc, text)
        tags = doc.to_array("TAG").tolist() if self.length else []
        self.start: list[int] = tokens.starts
        self.end: list[int] = [
            start + len(word) for start, word in zip(tokens.starts, tokens.texts, strict=True)
        ]
        self.lower: list[str] = tokens.lower
        self.tag: list[str] = _named(tags, doc.vocab.strings)
        self.dep: list[str] = tokens.deps
        self.head: list[int] = tokens.heads
        self.space: list[bool] = [word.isspace() for word in self.lower]
        self.line_break: list[bool] = [
            space and has_line_break(word)
            for word, space in zip(self.lower, self.space, strict=True)
        ]
        self.children = self._children()
        self.sentence_start, self.sentence_end = self._sentences(tokens.opens_sentence)
        self.paragraphs = tuple(iter_paragraphs(self.text))
        self.paragraph = self._paragraph_numbers()
        self.marked_tokens = tuple(self.tokens_of(m.start, m.end) for m in self.marked)
        self.outer_tokens = tuple(self.tokens_of(m.outer_start, m.outer_end) for m in self.marked)
        self.inside = self._inside()
        self._edges: dict[int, tuple[int, int]] = {}

    def word(self, index: int) -> str:
        """Text of a token."""
        return self.text[self.start[index] : self.end[index]]

    def is_headline(self, paragraph: int) -> bool:
        """Whether a paragraph is the text's headline: the first, short, without a full stop."""
        if paragraph or len(self.paragraphs) < 2:
            return False
        start, end = self.paragraphs[0]
        return end - start <= MAX_HEADLINE and self.text[end - 1] != "."

    def space_before(self, index: int) -> bool:
        """Whether white space stands before a token."""
        return index > 0 and self.start[index] > self.end[index - 1]

    def tokens_of(self, start: int, end: int) -> tuple[int, int]:
        """Tokens that stand wholly or partly in a range of characters: first, one past the last."""
        first = bisect_right(self.end, start)
        return first, max(first, bisect_left(self.start, end))

    def chars_of(self, first: int, stop: int) -> tuple[int, int]:
        """Characters of the tokens from `first` to before `stop`, white space at the ends off."""
        while first < stop and self.space[first]:
            first += 1
        while stop > first and self.space[stop - 1]:
            stop -= 1
        if first >= stop:
            return self.start[first], self.start[first]
        return self.start[first], self.end[stop - 1]

    def paragraph_tokens(self, number: int) -> tuple[int, int]:
        """Tokens of a paragraph: first, one past the last."""
        return self.tokens_of(*self.paragraphs[number])

    def edges(self, index: int) -> tuple[int, int]:
        """First and last token of the subtree of a token."""
        if index not in self._edges:
            token = self.doc[index]
            self._edges[index] = (token.left_edge.i, token.right_edge.i)
        return self._edges[index]

    def child(self, index: int, deps: frozenset[str]) -> int | None:
        """First child with one of these labels."""
        for child in self.children[index]:
            if self.dep[child] in deps:
                return child
        return None

    def is_above(self, upper: int, lower: int) -> bool:
        """Whether one token is an ancestor of another (or the same)."""
        for _ in range(40):
            if lower == upper:
                return True
            if self.head[lower] == lower:
                return False
            lower = self.head[lower]
        return False

    def _children(self) -> list[list[int]]:
        children: list[list[int]] = [[] for _ in range(self.length)]
        for index, head in enumerate(self.head):
            if head != index:
                children[head].append(index)
        return children

    def _sentences(self, opens: Sequence[bool]) -> tuple[list[int], list[int]]:
        """First token and one past the last of the sentence of each token, white space off.

        A boundary that the parser sets behind a word or a comma, in mid-line, is not believed.
        """
        firsts = [i for i, does_open in enumerate(opens) if i == 0 or does_open]
        kept = [i for i in firsts if i == 0 or self._may_end_sentence(i - 1)]
        starts = [0] * self.length
        ends = [0] * self.length
        for first, following in zip(kept, [*kept[1:], self.length], strict=True):
            stop = following
            while stop > first and self.space[stop - 1]:
                stop -= 1
            for index in range(first, following):
                starts[index], ends[index] = first, max(stop, first + 1)
        return starts, ends

    def _may_end_sentence(self, index: int) -> bool:
        if self.line_break[index]:
            return True
        while index > 0 and self.space[index]:
            index -= 1
        last = self.lower[index][-1:]
        if last.isalnum() or last in _NO_ENDS:
            return False
        return last != "." or not self._is_abbreviation(index)

    def _is_abbreviation(self, index: int) -> bool:
        """Whether a full stop belongs to “Rs. 500” or “U.S. troops”: the sentence goes on."""
        following = index + 1
        while following < self.length and self.space[following]:
            if self.line_break[following]:
                return False
            following += 1
        if following >= self.length:
            return False
        opening = self.text[self.start[following]]
        if opening.islower():
            return True
        word = self.lower[index].rstrip(".")
        if not word and index > 0 and self.end[index - 1] == self.start[index]:
            word = self.lower[index - 1]
        before = _ABBREVIATIONS.get(word)
        return before is not None and (before == "number") == opening.isdigit()

    def _paragraph_numbers(self) -> list[int]:
        stops = [end for _, end in self.paragraphs]
        return [bisect_right(stops, start) for start in self.start]

    def _inside(self) -> list[int]:
        inside = [OUTSIDE] * self.length
        for number, (first, stop) in enumerate(self.outer_tokens):
            for index in range(first, stop):
                inside[index] = number
        return inside


def read_tokens(doc: Doc, text: str) -> Tokens:
    """Give the words of a document: those that the component before has read, where it has."""
    discourse = doc._.newsbeam_discourse if Doc.has_extension("newsbeam_discourse") else None
    return Tokens(doc, text) if discourse is None else discourse.tokens


def _named(hashes: Sequence[int], strings: object) -> list[str]:
    names: dict[int, str] = {
        key: strings[key & 0xFFFFFFFFFFFFFFFF]  # type: ignore[index]
        for key in set(hashes)
    }
    return [names[key] for key in hashes]
