"""Makes quotations of treebank sentences: web treebanks have few, and the news is full of them.

A sentence becomes the reported clause of a cue verb with a speaker. The trees follow what the
treebanks do: a quotation before or after its cue is a `ccomp` of it, a cue inside a quotation
hangs on it as `parataxis`, marks hang on the head of what they enclose.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from training.conllu import Sentence, Token
from training.speaker_phrases import Speakers, cut_phrase, word

CUES = Path(__file__).with_name("speech_cues.json")
PAST = "Mood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin"
PRESENT = "Mood=Ind|Number=Sing|Person=3|Tense=Pres|VerbForm=Fin"
ORDERS = (
    (4, "quote cue speaker"),
    (4, "quote speaker cue"),
    (3, "quote cue speaker rest"),
    (2, "quote speaker cue rest"),
    (2, "speaker cue : quote"),
    (2, "speaker cue , quote"),
    (3, "speaker cue that clause"),
    (3, "speaker cue clause"),
    (1, "clause speaker cue"),
)
FRAGMENTS = frozenset(("obj", "obl", "xcomp", "ccomp", "nmod", "acl", "advcl", "amod", "conj"))


@dataclass(frozen=True)
class CueVerb:
    """A verb form that quotations are made with, and how often."""

    form: str
    lemma: str
    xpos: str
    weight: int


@cache
def cue_verbs() -> tuple[CueVerb, ...]:
    """Read the table of cue verbs."""
    table = json.loads(CUES.read_text(encoding="utf-8"))
    return tuple(CueVerb(form, **row) for form, row in table.items() if form != "comment")


def may_be_quoted(sentence: Sentence) -> bool:
    """Whether a sentence is a plain finite clause that somebody could be quoted with."""
    tokens = sentence.tokens
    return (
        4 <= len(tokens) <= 30
        and tokens[-1].form in (".", "!", "?")
        and tokens[-1].dep == "punct"
        and not any(token.xpos in ("``", "''", "-LRB-", ":") for token in tokens)
        and any(t.dep == "root" and t.upos in ("VERB", "ADJ", "NOUN", "AUX") for t in tokens)
        and any(t.dep.startswith("nsubj") for t in tokens)
    )


def quote(sentence: Sentence, speakers: Speakers, random: Random) -> Sentence:
    """Make a quotation of a sentence in one of the news's word orders."""
    order = random.choices([o for _, o in ORDERS], [weight for weight, _ in ORDERS])[0].split()
    cut = _cut(sentence.tokens) if "rest" in order else None
    if "rest" in order and cut is None:
        order.remove("rest")
    return replace(sentence, tokens=_Quotation(sentence.tokens, cut, speakers, random).make(order))


def mark_fragment(sentence: Sentence, random: Random) -> Sentence:
    """Put quotation marks around a phrase of a sentence; its tree stays as it is."""
    tokens = sentence.tokens
    heads = [i for i, t in enumerate(tokens) if t.dep in FRAGMENTS and t.upos != "PUNCT"]
    random.shuffle(heads)
    for head in heads:
        for phrase in cut_phrase(tokens, head):
            first = head - next(i for i, t in enumerate(phrase.tokens) if t.head == 0)
            if len(phrase.tokens) > 1:
                return replace(
                    sentence, tokens=_enclose(tokens, first, first + len(phrase.tokens) - 1, head)
                )
    return sentence


def _enclose(tokens: Sequence[Token], first: int, last: int, head: int) -> tuple[Token, ...]:
    parts = _Parts()
    for index, token in enumerate(tokens):
        if index == first:
            opening = replace(word('"', '"', "PUNCT", "``", "punct"), space_after=False)
            parts.add("opening", opening, head)
        space_after = token.space_after and index != last
        parts.add(index, replace(token, space_after=space_after), token.head - 1)
        if index == last:
            closing = word('"', '"', "PUNCT", "''", "punct")
            parts.add("closing", replace(closing, space_after=token.space_after), head)
    return parts.tokens()


def _cut(tokens: Sequence[Token]) -> int | None:
    """Give the position of a comma where a cue may stand."""
    commas = [
        i for i, t in enumerate(tokens) if t.form == "," and 2 <= i <= len(tokens) - 4 and t.head
    ]
    return commas[len(commas) // 2] if commas else None


class _Parts:
    """Tokens with symbolic heads, in order; positions are settled at the end."""

    def __init__(self) -> None:
        self._parts: list[tuple[Hashable, Token, Hashable]] = []

    def add(self, key: Hashable, token: Token, head: Hashable) -> None:
        self._parts.append((key, token, head))

    def space(self, after: bool) -> None:
        """Let a space follow the last token, or none."""
        key, token, head = self._parts[-1]
        self._parts[-1] = (key, replace(token, space_after=after), head)

    def capitalise(self, index: int) -> None:
        key, token, head = self._parts[index]
        form = token.form[:1].upper() + token.form[1:]
        self._parts[index] = (key, replace(token, form=form), head)

    def __len__(self) -> int:
        return len(self._parts)

    def tokens(self) -> tuple[Token, ...]:
        """Give the tokens with numbered heads; a head that is no key is the root's."""
        places = {key: number for number, (key, _, _) in enumerate(self._parts, 1)}
        return tuple(replace(token, head=places.get(head, 0)) for _, token, head in self._parts)


class _Quotation:
    """One quotation in the making."""

    def __init__(
        self, clause: tuple[Token, ...], cut: int | None, speakers: Speakers, random: Random
    ) -> None:
        self._clause = clause
        self._cut = cut
        self._speakers = speakers
        self._random = random
        self._parts = _Parts()
        self._root = next(i for i, token in enumerate(clause) if token.head == 0)
        self._closed = False
        self._above: str | None = None  # what the clause's root hangs on

    def make(self, order: Sequence[str]) -> tuple[Token, ...]:
        inside = "rest" in order  # the cue stands inside its quotation and hangs on it
        self._above = None if inside else "cue"
        for place, part in enumerate(order):
            match part:
                case "quote":
                    stop = self._cut if inside and self._cut else len(self._clause) - 1
                    self._add_quote(0, stop, last=place == len(order) - 1)
                case "rest":
                    self._add_rest()
                case "clause":
                    self._add_words(0, len(self._clause) - 1)
                    if place == 0:
                        self._parts.space(False)
                        self._punct(",", ",", ("clause", self._root))
                case "speaker":
                    self._add_speaker(before_cue="cue" in order[place:])
                case "cue":
                    self._add_cue(("clause", self._root) if inside else None)
                case "that":
                    that = word("that", "that", "SCONJ", "IN", "mark")
                    self._parts.add("that", that, ("clause", self._root))
                case mark:
                    self._parts.space(False)
                    self._punct(mark, mark, "cue")
        if not self._closed:
            self._parts.space(False)
            self._punct(".", ".", "cue")
        return self._finish(inside)

    def _finish(self, inside: bool) -> tuple[Token, ...]:
        tokens = list(self._parts.tokens())
        if tokens[0].xpos != "``":
            tokens[0] = replace(tokens[0], form=tokens[0].form[:1].upper() + tokens[0].form[1:])
        if inside:
            return tuple(tokens)
        return tuple(
            replace(token, dep="ccomp") if token.dep == "root" and token.head else token
            for token in tokens
        )

    def _punct(self, form: str, xpos: str, head: Hashable, space_after: bool = True) -> None:
        mark = replace(word(form, form, "PUNCT", xpos, "punct"), space_after=space_after)
        self._parts.add(object(), mark, head)

    def _add_quote(self, start: int, stop: int, last: bool) -> None:
        root = ("clause", self._root)
        self._punct('"', "``", root, space_after=False)
        first = len(self._parts)
        self._add_words(start, stop)
        if start == 0:
            self._parts.capitalise(first)
        self._parts.space(False)
        end = self._clause[-1].form
        form = end if last or (end != "." and stop == len(self._clause) - 1) else ","
        self._punct(form, "," if form == "," else ".", root, space_after=False)
        self._punct('"', "''", root)
        self._closed = last

    def _add_rest(self) -> None:
        assert self._cut is not None
        self._parts.space(False)
        self._punct(",", ",", "cue")
        self._add_quote(self._cut + 1, len(self._clause) - 1, last=True)

    def _add_words(self, start: int, stop: int) -> None:
        for index in range(start, stop):
            token = self._clause[index]
            head: Hashable = ("clause", token.head - 1) if token.head else self._above
            if index == 0 and token.upos != "PROPN" and token.form != "I" and token.form.istitle():
                token = replace(token, form=token.form.lower())
            self._parts.add(("clause", index), token, head)
        self._parts.space(True)

    def _add_speaker(self, before_cue: bool) -> None:
        phrase = self._speakers.draw(self._random, before_cue)
        for index, token in enumerate(phrase.tokens):
            head: Hashable = ("speaker", token.head - 1) if token.head else "cue"
            if not token.head:
                token = replace(token, dep="nsubj")
            if index == 0 and token.upos != "PROPN":
                token = replace(token, form=token.form.lower())
            self._parts.add(("speaker", index), token, head)

    def _add_cue(self, head: Hashable) -> None:
        cues = cue_verbs()
        cue = self._random.choices(cues, [cue.weight for cue in cues])[0]
        feats = PRESENT if cue.xpos == "VBZ" else PAST
        token = word(cue.form, cue.lemma, "VERB", cue.xpos, "parataxis" if head else "root")
        self._parts.add("cue", replace(token, feats=feats), head)
