"""Holds a sentence's tree against what is known about it: names, and who says what.

Positions are 1-based, as heads are. A tree is a row of tokens whose heads are positions, 0 for the
root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from training.conllu import Token
from training.speech import PAST, PRESENT

Tree = tuple[Token, ...]
CONTENT = frozenset(("ccomp", "xcomp", "parataxis", "obj"))
FROM_ABOVE = frozenset(("conj", "advcl", "xcomp", "acl", "acl:relcl", "ccomp"))
BETWEEN = frozenset(("PUNCT", "AUX", "ADV", "PART"))
ADJUNCTS = frozenset(("obl", "advmod", "advcl", "obl:tmod", "obl:unmarked", "nmod", "obl:npmod"))
SMALL = frozenset(("ADP", "DET", "CCONJ", "PART", "PUNCT", "NUM"))
VERB_TAGS = frozenset(("VBD", "VBZ", "VBP", "VBN", "VB", "VBG"))
FINITE = frozenset(("VBD", "VBZ", "VBP", "MD"))
NAMES = frozenset(("per", "gpe"))
LOOSE = ADJUNCTS | {"parataxis", "conj", "discourse"}
SAME = frozenset(("appos", "flat", "compound"))
NOUN_CLAUSE = frozenset(("acl", "acl:relcl", "ccomp"))
DASHES = frozenset(("—", "–", "-", "--", "―", ":"))
DATELINE = "parataxis"


@dataclass(frozen=True)
class Claim:
    """An annotated quotation whose cue stands in the sentence: positions of its words there."""

    kind: str  # direct, mixed, indirect
    cue: frozenset[int]
    source: frozenset[int]
    content: frozenset[int]
    is_verbal: bool = True  # somebody says it: the cue is not "according to"


@dataclass(frozen=True)
class Facts:
    """What is known about a sentence."""

    claims: tuple[Claim, ...]
    names: tuple[tuple[str, frozenset[int]], ...]  # kind of entity and its words


class DisagreementError(Exception):
    """The tree is not what the facts say, and no sure repair is known."""


def settle(tree: Tree, facts: Facts, repair: bool) -> tuple[Tree | None, str]:
    """Give the tree if it agrees with the facts, or its repair; else None and the reason."""
    draft = Draft(tree, repair)
    try:
        for kind, name in facts.names:
            draft.check_name(kind, name)
        for claim in facts.claims:
            draft.check_claim(claim)
        return draft.finish(), ""
    except DisagreementError as reason:
        return None, str(reason)


def has_subject(tree: Tree, claim: Claim) -> bool:
    """Whether a quotation's source is the subject of its cue, or shared with another verb."""
    draft = Draft(tree, repair=False)
    try:
        cue = draft.cue_of(claim)
    except DisagreementError:
        return False
    return cue is not None and bool(claim.source) and draft.is_subject(claim.source, cue)


def agrees(tree: Tree, claim: Claim) -> bool:
    """Whether a tree agrees with one quotation, with its source and content in one sentence."""
    settled, _ = settle(tree, Facts((claim,), ()), repair=False)
    return settled is not None and bool(claim.content) and has_subject(tree, claim)


class Draft:
    """A tree that is being checked and, where allowed, repaired."""

    def __init__(self, tree: Sequence[Token], repair: bool) -> None:
        self._tokens = list(tree)
        self._repair = repair
        self._changed = False

    def check_name(self, kind: str, name: frozenset[int]) -> None:
        """A name hangs together; people's and places' words are proper nouns."""
        outer = self._outer(name)
        beside = {(self._at(p).head, self._at(p).dep) for p in outer}
        if len(outer) > 1 and (kind in NAMES or len(beside) > 1):
            self._join_name(kind, name, outer)
        for position in name if kind in NAMES else ():
            token = self._at(position)
            if token.upos not in SMALL and token.form[0].isupper() and token.upos != "PROPN":
                changed = replace(token, upos="PROPN", xpos="NNP", feats="Number=Sing")
                self._tokens[position - 1] = changed

    def _join_name(self, kind: str, name: frozenset[int], outer: list[int]) -> None:
        """Hang a person's names on the first of them, as the treebanks do."""
        words = [p for p in sorted(name) if self._at(p).dep != "punct"]
        if kind != "per" or any(self._at(p).upos in SMALL for p in words):
            raise DisagreementError("name in pieces")
        first = words[0]
        top = min(outer, key=lambda p: (len(self._above(p)), p))
        above = self._at(top)
        for position in words:
            for child in self._children(position):
                if child not in name and position != first:
                    self._set(child, first, self._at(child).dep)
        for position in words[1:]:
            self._set(position, first, "flat")
        self._set(first, above.head, above.dep)

    def check_claim(self, claim: Claim) -> None:
        """The source is the subject of the cue, the content hangs on it."""
        cue = self.cue_of(claim)
        if cue is None:
            return
        if claim.source and not self.is_subject(claim.source, cue):
            self._make_subject(claim, cue)
        if claim.kind != "mixed" and claim.content:
            self._check_content(claim, cue)

    def finish(self) -> Tree:
        """Give the tree; after a repair it must be one, without crossing arcs."""
        if self._changed:
            self._hang_marks()
        if self._cyclic():
            raise DisagreementError("no tree after the repair")
        if self._changed and self._crossing():
            raise DisagreementError("crossing arcs after the repair")
        return tuple(self._tokens)

    def _at(self, position: int) -> Token:
        return self._tokens[position - 1]

    def _outer(self, span: Iterable[int]) -> list[int]:
        """Give the words of a span whose head is outside of it."""
        inside = set(span)
        return sorted(
            p for p in inside if self._at(p).head not in inside and self._at(p).dep != "punct"
        )

    def _children(self, position: int) -> list[int]:
        return [n for n, token in enumerate(self._tokens, 1) if token.head == position]

    def _set(self, position: int, head: int, dep: str) -> None:
        if not self._repair:
            raise DisagreementError("needs a repair")
        self._tokens[position - 1] = replace(self._at(position), head=head, dep=dep)
        self._changed = True

    def cue_of(self, claim: Claim) -> int | None:
        """Give the cue's verb; None where the cue is none (according to, a statement)."""
        if not claim.cue or self._at(min(claim.cue)).form.lower() == "according":
            return None
        verbs = [p for p in sorted(claim.cue) if self._at(p).upos == "VERB"]
        if verbs:
            return next((p for p in verbs if self._at(p).head not in claim.cue), verbs[0])
        if len(claim.cue) > 1 or not claim.content:
            return None
        return self._make_verb(claim, min(claim.cue))

    def _make_verb(self, claim: Claim, cue: int) -> int:
        """Tag a cue that was taken for a noun (the library replies)."""
        token = self._at(cue)
        if not self._repair or claim.kind == "mixed" or not claim.source or token.upos != "NOUN":
            raise DisagreementError("cue is no verb")
        tag = "VBD" if token.form.endswith("ed") else "VBZ" if token.form[-1] == "s" else "VBP"
        feats = PAST if tag == "VBD" else PRESENT if tag == "VBZ" else "Tense=Pres|VerbForm=Fin"
        self._tokens[cue - 1] = replace(token, upos="VERB", xpos=tag, feats=feats)
        return cue

    def is_subject(self, source: frozenset[int], cue: int) -> bool:
        """Whether the source is the subject of the cue, itself or by a relative or a shared one."""
        position, steps = cue, 0
        while position and steps < 6:
            children = self._children(position)
            subjects = [p for p in children if self._at(p).dep.startswith(("nsubj", "csubj"))]
            agents = [p for p in children if self._at(p).dep in ("obl:agent", "obl")]
            if source.intersection(subjects) or (position == cue and source.intersection(agents)):
                return True
            outer = [self._at(p) for p in self._outer(source)]
            if any(token.head in subjects and token.dep in SAME for token in outer):
                return True  # the source's words are a part of the subject: its chairman, X,
            token = self._at(position)
            if token.dep.startswith("acl") and token.head in source:
                return True
            if subjects or token.dep not in FROM_ABOVE:
                return False
            position, steps = token.head, steps + 1
        return False

    def _make_subject(self, claim: Claim, cue: int) -> None:
        """Hang the source on a finite cue beside it that has no other subject."""
        heads = self._outer(claim.source)
        taken = [p for p in self._children(cue) if self._at(p).dep.startswith("nsubj")]
        if len(heads) != 1 or self._at(cue).xpos not in VERB_TAGS:
            raise DisagreementError("source is not the subject")
        source = heads[0]
        between = range(min(max(claim.source), cue) + 1, max(min(claim.source), cue))
        own = self._below(source)
        if not all(self._at(p).upos in BETWEEN or p in own for p in between):
            raise DisagreementError("source is not beside the cue")
        for other in taken:
            if not self._is_dateline(other, min(claim.source)):
                raise DisagreementError("cue has another subject")
            self._set(other, cue, DATELINE)
        if cue in own:
            self._set(cue, self._at(source).head, self._at(source).dep)
        self._set(source, cue, "nsubj")

    def _is_dateline(self, position: int, source: int) -> bool:
        """Whether a word before a source is the town of a dateline."""
        marks = [self._at(p).form for p in range(position, source)][-2:]
        return position < 6 and position < source and bool(DASHES.intersection(marks))

    def _check_content(self, claim: Claim, cue: int) -> None:
        outer = self._outer(claim.content)
        if len(outer) > 1:
            outer = self._gather(outer, cue)
        if not outer:
            raise DisagreementError("no content head")
        head = outer[0]
        token, verb = self._at(head), self._at(cue)
        around = min(claim.content) < cue < max(claim.content)
        if token.head == cue:
            if token.dep not in CONTENT and self._is_clause(claim, head):
                self._set(head, cue, "ccomp")
        elif verb.head in claim.content and verb.dep == "parataxis" and around:
            pass
        elif token.head and self._at(token.head).head == cue and token.dep in NOUN_CLAUSE:
            if self._at(token.head).dep == "obl":  # said in a statement that
                self._set(head, cue, "ccomp")
        elif not self._is_clause(claim, head):
            raise DisagreementError("content without a verb at its head")
        elif cue in self._below(head):
            self._turn(head, cue)
        elif not token.head or token.head in self._below(cue) or claim.kind == "direct":
            self._set(head, cue, "ccomp")
        else:
            raise DisagreementError("content hangs elsewhere")
        self._stop_leaks(claim, cue, head)

    def _is_clause(self, claim: Claim, head: int) -> bool:
        """Whether a word may be the head of the content: a predicate, where there is one."""
        if not any(self._at(p).xpos in FINITE for p in claim.content):
            return True
        deps = {self._at(p).dep for p in self._children(head)}
        return self._at(head).upos in ("VERB", "AUX") or bool(
            deps & {"cop", "nsubj", "nsubj:pass", "expl"}
        )

    def _gather(self, outer: list[int], cue: int) -> list[int]:
        """Hang on the content's clause what of the content hung on the cue beside it."""
        clauses = [p for p in outer if self._at(p).dep in ("ccomp", "parataxis", "root")]
        if len(clauses) == 2 and self._is_left_subject(clauses[0], clauses[1], cue):
            clauses = clauses[1:]
        if len(clauses) != 1:
            raise DisagreementError("content in pieces")
        for other in outer:
            token = self._at(other)
            if other == clauses[0]:
                continue
            if token.head == cue and token.dep in ADJUNCTS | {"conj"} and other > clauses[0]:
                self._set(other, clauses[0], token.dep)
            elif self._is_left_subject(other, clauses[0], cue):
                deps = {self._at(p).dep for p in self._children(clauses[0])}
                self._set(other, clauses[0], "nsubj:pass" if "aux:pass" in deps else "nsubj")
            else:
                raise DisagreementError("content in pieces")
        return clauses

    def _is_left_subject(self, noun: int, clause: int, cue: int) -> bool:
        """Whether a noun between cue and clause was taken for the cue's object."""
        token = self._at(noun)
        lacks = not any(self._at(p).dep.startswith("nsubj") for p in self._children(clause))
        is_noun = token.upos in ("NOUN", "PROPN", "PRON") and token.dep in CONTENT
        return token.head == cue and cue < noun < clause and is_noun and lacks

    def _turn(self, head: int, cue: int) -> None:
        """Let the content hang on the cue, and the cue where the content hung."""
        above, dep = self._at(head).head, self._at(head).dep
        self._set(cue, above, dep)
        self._set(head, cue, "ccomp")

    def _stop_leaks(self, claim: Claim, cue: int, head: int) -> None:
        """Only what introduces the content may hang on it; other words go to cue and source."""
        subjects = [p for p in self._outer(claim.source) if self._at(p).head == cue]
        for position, token in enumerate(self._tokens, 1):
            if token.head not in claim.content or position in claim.content:
                continue
            if position == cue or token.dep in ("punct", "mark"):
                continue
            if position in claim.source and subjects and position < subjects[0]:
                self._set(position, subjects[0], "compound")
            elif token.dep in LOOSE and token.head == head:
                self._set(position, cue, token.dep)
            elif token.dep != "cc":
                raise DisagreementError("words outside hang on the content")

    def _below(self, top: int) -> set[int]:
        """Give a word and all that hang on it."""
        found, new = {top}, [top]
        while new:
            new = [c for p in new for c in self._children(p) if c not in found]
            found.update(new)
        return found

    def _cyclic(self) -> bool:
        roots = [n for n, token in enumerate(self._tokens, 1) if not token.head]
        return len(roots) != 1 or len(self._below(roots[0])) != len(self._tokens)

    def _crossing(self) -> list[int]:
        """Give the words whose arc spans a word that hangs outside of it."""
        arcs = [(*sorted((n, t.head)), n) for n, t in enumerate(self._tokens, 1)]
        return [n for a, b, n in arcs if any(a < c < b < d or c < a < d < b for c, d, _ in arcs)]

    def _hang_marks(self) -> None:
        """Hang marks whose arcs cross others on a word beside them."""
        for position in self._crossing():
            if self._at(position).dep != "punct":
                continue
            beside = [p for p in (position + 1, position - 1) if 0 < p <= len(self._tokens)]
            heads = [q for p in beside for q in self._above(p) if q != position]
            for head in heads:
                self._set(position, head, "punct")
                if position not in self._crossing():
                    break

    def _above(self, position: int) -> list[int]:
        """Give a word and those that it hangs on, upwards."""
        found: list[int] = []
        while position and position not in found:
            found.append(position)
            position = self._at(position).head
        return found
