"""Makes quotations of treebank sentences: web treebanks have few, and the news is full of them.

A sentence becomes the reported clause of a cue verb whose subject is a speaker phrase that stands
somewhere in the treebank. The trees follow what the treebanks do: a quotation before or after its
cue is a `ccomp` of it, a cue inside a quotation hangs on it as `parataxis`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from training.conllu import Sentence, Token

CUES = Path(__file__).with_name("speech_cues.json")
SPEECH_LEMMAS = frozenset(
    ("say", "tell", "add", "warn", "explain", "argue", "claim", "report", "announce", "note", "ask")
)
NO_SPEAKERS = frozenset(("it", "this", "that", "which", "who", "what", "i", "you"))
PAST = "Mood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin"
PRESENT = "Mood=Ind|Number=Sing|Person=3|Tense=Pres|VerbForm=Fin"
PATTERNS = (
    (4, "quote cue speaker"),
    (4, "quote speaker cue"),
    (2, "speaker cue : quote"),
    (2, "speaker cue , quote"),
    (3, "speaker cue that clause"),
    (3, "speaker cue clause"),
    (1, "clause speaker cue"),
)


@dataclass(frozen=True)
class Phrase:
    """A speaker: a subtree of a sentence; heads count from 1 within it, its own head has 0."""

    tokens: tuple[Token, ...]


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


def find_speakers(sentences: Iterable[Sentence], longest: int = 9) -> tuple[Phrase, ...]:
    """Gather the subjects of verbs of speech, and people's and offices' names, as phrases."""
    return tuple(
        phrase
        for sentence in sentences
        for index, token in enumerate(sentence.tokens)
        if token.dep.startswith("nsubj") and _may_speak(sentence.tokens, index)
        for phrase in [cut_phrase(sentence.tokens, index)]
        if phrase is not None and len(phrase.tokens) <= longest
    )


def _may_speak(tokens: Sequence[Token], index: int) -> bool:
    verb = tokens[tokens[index].head - 1]
    if tokens[index].form.lower() in NO_SPEAKERS:
        return False
    return verb.lemma in SPEECH_LEMMAS or (tokens[index].upos == "PROPN" and verb.upos == "VERB")


def cut_phrase(tokens: Sequence[Token], head: int) -> Phrase | None:
    """Cut out the subtree of a token; None where it is not one run of words or holds a mark."""
    inside = {head}
    while grown := {
        i for i, token in enumerate(tokens) if token.head - 1 in inside and i not in inside
    }:
        inside |= grown
    run = range(min(inside), max(inside) + 1)
    if len(inside) != len(run) or any(tokens[i].xpos in ("``", "''", "HYPH") for i in run):
        return None
    return Phrase(
        tuple(replace(tokens[i], head=tokens[i].head - run[0] if i != head else 0) for i in run)
    )


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


def quote(sentence: Sentence, speaker: Phrase, random: Random) -> Sentence:
    """Make a quotation of a sentence in one of the news's word orders."""
    pattern = random.choices([p for _, p in PATTERNS], [weight for weight, _ in PATTERNS])[0]
    builder = _Builder(sentence, speaker, random)
    for part in pattern.split():
        builder.add(part)
    return replace(sentence, tokens=builder.finish())


class _Builder:
    """Puts the parts of a quotation side by side; heads are settled at the end."""

    def __init__(self, sentence: Sentence, speaker: Phrase, random: Random) -> None:
        self._clause = sentence.tokens
        self._speaker = speaker.tokens
        self._random = random
        self._tokens: list[Token] = []
        self._cue = 0  # 1-based position of the cue
        self._root = 0  # of the clause's root
        self._to_cue: list[int] = []  # positions of tokens that hang on the cue
        self._to_clause: list[int] = []
        self._closed = False

    def add(self, part: str) -> None:
        match part:
            case "quote":
                self._add_quote()
            case "clause":
                self._add_clause(self._clause[:-1])
                if not self._cue:
                    self._punct(",", ",", self._to_clause)
            case "speaker":
                self._add_speaker()
            case "cue":
                self._add_cue()
            case "that":
                self._tokens.append(_word("that", "that", "SCONJ", "IN", "mark"))
                self._to_clause.append(len(self._tokens))
            case mark:
                self._glue()
                self._punct(mark, mark, self._to_cue)

    def finish(self) -> tuple[Token, ...]:
        if not self._closed:
            self._glue()
            self._punct(".", ".", self._to_cue)
        for position in self._to_cue:
            self._hang(position, self._cue)
        for position in self._to_clause:
            self._hang(position, self._root)
        first = self._tokens[0]
        if first.xpos == "``":
            self._capitalize(1)
        self._capitalize(0)
        return tuple(self._tokens)

    def _hang(self, position: int, head: int) -> None:
        self._tokens[position - 1] = replace(self._tokens[position - 1], head=head)

    def _capitalize(self, index: int) -> None:
        token = self._tokens[index]
        self._tokens[index] = replace(token, form=token.form[:1].upper() + token.form[1:])

    def _glue(self) -> None:
        self._tokens[-1] = replace(self._tokens[-1], space_after=False)

    def _punct(self, form: str, xpos: str, to: list[int], space_after: bool = True) -> None:
        mark = _word(form, form, "PUNCT", xpos, "punct")
        self._tokens.append(replace(mark, space_after=space_after))
        to.append(len(self._tokens))

    def _add_quote(self) -> None:
        last = bool(self._cue)
        self._punct('"', "``", self._to_clause, space_after=False)
        end = self._clause[-1]
        self._add_clause(self._clause[:-1])
        self._capitalize(len(self._tokens) - len(self._clause) + 1)
        self._glue()
        form = end.form if last or end.form != "." else ","
        self._punct(form, "," if form == "," else ".", self._to_clause, space_after=False)
        self._punct('"', "''", self._to_clause)
        self._closed = last

    def _add_clause(self, clause: Sequence[Token]) -> None:
        offset = len(self._tokens)
        for index, token in enumerate(clause):
            if token.head == 0:
                self._root = offset + index + 1
                token = replace(token, dep="ccomp", head=-1)
                self._to_cue.append(self._root)
            else:
                token = replace(token, head=token.head + offset)
            if index == 0 and token.upos != "PROPN" and token.form != "I" and token.form.istitle():
                token = replace(token, form=token.form.lower())
            self._tokens.append(token)
        self._tokens[-1] = replace(self._tokens[-1], space_after=True)

    def _add_speaker(self) -> None:
        offset = len(self._tokens)
        for index, token in enumerate(self._speaker):
            if token.head == 0:
                token = replace(token, dep="nsubj", head=-1)
                self._to_cue.append(offset + index + 1)
            else:
                token = replace(token, head=token.head + offset)
            if index == 0 and token.upos != "PROPN":
                token = replace(token, form=token.form.lower())
            self._tokens.append(token)
        self._tokens[-1] = replace(self._tokens[-1], space_after=True)

    def _add_cue(self) -> None:
        cues = cue_verbs()
        cue = self._random.choices(cues, [cue.weight for cue in cues])[0]
        feats = PRESENT if cue.xpos == "VBZ" else PAST
        word = _word(cue.form, cue.lemma, "VERB", cue.xpos, "root")
        self._tokens.append(replace(word, feats=feats))
        self._cue = len(self._tokens)


def _word(form: str, lemma: str, upos: str, xpos: str, dep: str) -> Token:
    return Token(form, lemma, upos, xpos, "_", 0, dep, True, {})
