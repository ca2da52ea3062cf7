"""Speaker phrases for made-up quotations: cut out of treebanks, or made of their parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from training.conllu import Sentence, Token
from training.name_pools import people_by_locale

SPEECH_LEMMAS = frozenset(
    ("say", "tell", "add", "warn", "explain", "argue", "claim", "report", "announce", "note", "ask")
)
NO_SPEAKERS = frozenset(("it", "this", "that", "which", "who", "what", "i", "you"))
MARK_TAGS = frozenset(("``", "''", "HYPH", "-LRB-", "-RRB-", ":"))
LONGEST = 10  # words of a phrase


@dataclass(frozen=True)
class Phrase:
    """A subtree of a sentence; heads count from 1 within it, its own head has 0."""

    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Speakers:
    """What speakers are made of."""

    phrases: tuple[Phrase, ...]  # subjects of verbs of speech, and names
    appositions: tuple[Phrase, ...]  # "the minister of works"
    relatives: tuple[Phrase, ...]  # "who owns the mine"
    titles: tuple[Phrase, ...]  # "Mr.", "President", "Prime Minister"

    def draw(self, random: Random, before_cue: bool) -> Phrase:
        """Draw a speaker; a description set off by commas is closed where the cue follows."""
        draw = random.random()
        if draw < 0.5:
            return random.choice(self.phrases)
        name = made_up_name(random)
        if draw < 0.62 and self.titles:
            return _titled(name, random.choice(self.titles))
        if draw < 0.88 and self.appositions:
            return _described(name, random.choice(self.appositions), "appos", before_cue)
        if draw < 0.95 and self.relatives:
            return _described(name, random.choice(self.relatives), "acl:relcl", before_cue)
        return name


def find_speakers(sentences: Iterable[Sentence]) -> Speakers:
    """Gather the parts of speaker phrases from a treebank."""
    phrases, appositions, relatives, titles = (list[Phrase]() for _ in range(4))
    for sentence in sentences:
        tokens = sentence.tokens
        for index, token in enumerate(tokens):
            if token.dep.startswith("nsubj") and _may_speak(tokens, index):
                phrases += cut_phrase(tokens, index)
            elif token.dep == "appos" and token.upos == "NOUN" and _head(tokens, index) == "PROPN":
                appositions += (p for p in cut_phrase(tokens, index) if len(p.tokens) > 1)
            elif token.dep == "acl:relcl" and _head(tokens, index) in ("PROPN", "NOUN"):
                relatives += (p for p in cut_phrase(tokens, index) if _starts_with_who(p))
            elif token.dep == "nmod:desc" and token.upos == "PROPN":
                titles += cut_phrase(tokens, index)
    return Speakers(tuple(phrases), tuple(appositions), tuple(relatives), tuple(titles))


def _head(tokens: Sequence[Token], index: int) -> str:
    return tokens[tokens[index].head - 1].upos


def _starts_with_who(phrase: Phrase) -> bool:
    return phrase.tokens[0].form == "who"


def _may_speak(tokens: Sequence[Token], index: int) -> bool:
    verb = tokens[tokens[index].head - 1]
    if tokens[index].form.lower() in NO_SPEAKERS:
        return False
    return verb.lemma in SPEECH_LEMMAS or (tokens[index].upos == "PROPN" and verb.upos == "VERB")


def cut_phrase(tokens: Sequence[Token], head: int) -> list[Phrase]:
    """Cut out the subtree of a token without commas at its edges.

    The list is empty where the subtree is not one short run of words without marks.
    """
    inside = {head}
    while grown := {i for i, t in enumerate(tokens) if t.head - 1 in inside and i not in inside}:
        inside |= grown
    while tokens[first := min(inside)].upos == "PUNCT":
        inside.discard(first)
    while tokens[last := max(inside)].upos == "PUNCT":
        inside.discard(last)
    run = range(min(inside), max(inside) + 1)
    if len(inside) != len(run) or len(run) > LONGEST:
        return []
    if head not in run or any(tokens[i].xpos in MARK_TAGS for i in run):
        return []
    cut = [replace(tokens[i], head=tokens[i].head - run[0] if i != head else 0) for i in run]
    cut[-1] = replace(cut[-1], space_after=True)
    return [Phrase(tuple(cut))]


def made_up_name(random: Random) -> Phrase:
    """Make up a person's name: a first name and one or two surnames that hang on it as `flat`."""
    pool = people_by_locale()[random.choice(sorted(people_by_locale()))]
    words = [*random.choice(pool.first).split(), *random.choice(pool.last).split()]
    if random.random() < 0.3:
        words = words[-1:]
    tokens = [word(form, form, "PROPN", "NNP", "flat") for form in words]
    heads = [0, *(1 for _ in words[1:])]
    return Phrase(
        tuple(
            replace(token, head=head, feats="Number=Sing")
            for token, head in zip(tokens, heads, strict=True)
        )
    )


def _titled(name: Phrase, title: Phrase) -> Phrase:
    shift = len(title.tokens)
    before = [
        replace(t, head=t.head or shift + 1, dep=t.dep if t.head else "nmod:desc")
        for t in title.tokens
    ]
    after = [replace(t, head=t.head + shift if t.head else 0) for t in name.tokens]
    return Phrase((*before, *after))


def _described(name: Phrase, description: Phrase, dep: str, closed: bool) -> Phrase:
    shift = len(name.tokens) + 1
    head = shift + next(i for i, t in enumerate(description.tokens, 1) if t.head == 0)
    comma = replace(word(",", ",", "PUNCT", ",", "punct"), head=head)
    before = [*name.tokens[:-1], replace(name.tokens[-1], space_after=False)]
    inner = [
        replace(t, head=t.head + shift if t.head else 1, dep=t.dep if t.head else dep)
        for t in description.tokens
    ]
    if not closed:
        return Phrase((*before, comma, *inner))
    inner[-1] = replace(inner[-1], space_after=False)
    return Phrase((*before, comma, *inner, comma))


def word(form: str, lemma: str, upos: str, xpos: str, dep: str) -> Token:
    """Make a token without morphology and head, followed by a space."""
    return Token(form, lemma, upos, xpos, "_", 0, dep, True, {})
