"""What the resolution of speakers knows of a document: who was named where, and what they are."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from transforms.nlp.cues import verb_forms
from transforms.nlp.descriptions import Description, Tokens, describe_entities
from transforms.nlp.entities import ENTITY_TYPES, Cluster
from transforms.nlp.lines import LINE_BREAKS
from transforms.nlp.names import given_name_gender, given_names, name_words, organization_nouns
from transforms.nlp.names import organization_words as words_of_organization
from transforms.nlp.role_nouns import find_noun
from transforms.nlp.types import EntityType

_QUOTED = re.compile(
    f'“[^”{LINE_BREAKS}]*|"[^"{LINE_BREAKS}]*|«[^»{LINE_BREAKS}]*|(?<!\\w)‘[^{LINE_BREAKS}]*?’(?!\\w)'
)
_BREAK = re.compile(f"[{LINE_BREAKS}]+")
_SENTENCE = re.compile(r"[.!?][”\"’')\]]*\s+(?=[A-Z“\"‘«(])")
_SURE_GENDER = 4.0  # log odds that a title gives
_KIN_GENDER = 3.0
MAX_NEAR = 300  # names that are looked through for the nearest entities
MAX_CONTEXTS = 6  # names of one entity whose surroundings are read
CONTEXT_TOKENS = 10
MAX_BYLINE = 14  # words of the line that names the author
_NO_BYLINE_ENDS = frozenset('.!?:;,”"’»…')
SUBJECT_ROLES = ("main", "subject")
_JOINED = frozenset(("appos", "flat", "compound", "nmod", "dep"))
_ROLES = {
    "obj": "object", "dobj": "object", "iobj": "object", "obl": "oblique", "nmod": "modifier",
    "pobj": "oblique", "appos": "apposition", "conj": "conjunct", "poss": "possessor",
}  # fmt: skip
_NAME_GENDER = 0.8  # weight of the log odds of the given names
_CLEAR_GENDER = 1.5


@dataclass(frozen=True)
class Place:
    """Where a name stands."""

    start: int
    sentence: int
    paragraph: int
    is_quoted: bool
    role: str  # in its clause: main (subject of the sentence), subject, object, oblique …
    opens: bool  # its sentence begins with it, or nearly


@dataclass(frozen=True)
class Person:
    """What is known of one entity that may speak."""

    index: int
    entity_type: EntityType
    name: str
    starts: tuple[int, ...]  # of its names, in order
    ends: tuple[int, ...]
    gender: float  # log odds of being a woman; 0: nothing known
    descriptions: tuple[Description, ...]
    ages: frozenset[int]
    nouns: frozenset[str]  # that may refer to it: minister, bank
    words: frozenset[str]  # of its descriptions and its name
    context: frozenset[str]  # words near its names
    places: tuple[Place, ...]  # of its names
    speeches: tuple[int, ...]  # starts of names that are the subject of a word of saying
    is_byline: bool  # named first as the author of the article
    is_full: bool  # named with two words or more
    has_given_name: bool  # the fullest name begins with a known given name


@dataclass(frozen=True)
class LinkedPhrase:
    """A pronoun or description of the narrative with the entity that it most likely stands for."""

    start: int
    end: int
    gender: str  # "": a description that does not say
    entity: int | None  # None: somebody unnamed
    probability: float
    sentence: int
    paragraph: int
    is_pronoun: bool = True


class Discourse:
    """A document as the resolution of speakers sees it."""

    def __init__(self, doc: Doc, text: str, clusters: Sequence[Cluster]) -> None:
        self.text = text  # that of the document, which builds it anew at each call
        self.tokens = Tokens(doc, text)
        self.sentences = _sentence_starts(doc, self.tokens)
        self.paragraphs = [0, *(m.end() for m in _BREAK.finditer(self.text))]
        self.quoted = [m.span() for m in _QUOTED.finditer(self.text)]
        self._quoted_starts = [start for start, _ in self.quoted]
        self.described = describe_entities(text, self.tokens, [c.names for c in clusters])
        self.links: list[LinkedPhrase] = []  # in order; set by `coref.link_phrases`
        self.people = tuple(
            self._person(index, cluster, descriptions, ages)
            for index, (cluster, (descriptions, ages)) in enumerate(
                zip(clusters, self.described, strict=True)
            )
        )

    def _person(
        self,
        index: int,
        cluster: Cluster,
        descriptions: tuple[Description, ...],
        ages: frozenset[int],
    ) -> Person:
        nouns = {d.head for d in descriptions}
        words = {w for d in descriptions for w in d.words}
        if cluster.entity_type == "organization":
            nouns |= _organization_nouns(cluster)
        words |= {w for form in cluster.forms for w in words_of_organization(form)}
        speaks = cluster.entity_type in ("person", "organization")
        places = tuple(self._place(n.start, n.end) for n in cluster.names) if speaks else ()
        return Person(
            index=index,
            entity_type=cluster.entity_type,
            name=cluster.canonical_name,
            starts=tuple(n.start for n in cluster.names),
            ends=tuple(n.end for n in cluster.names),
            gender=_gender(cluster, descriptions) if cluster.entity_type == "person" else 0.0,
            descriptions=descriptions,
            ages=ages,
            nouns=frozenset(nouns),
            words=frozenset(words),
            context=self._context(cluster),
            places=places,
            speeches=tuple(p.start for p in places if self._speaks(p)) if speaks else (),
            is_byline=bool(places)
            and cluster.entity_type == "person"
            and places[0].paragraph in self._bylines,
            is_full=" " in cluster.canonical_name,
            has_given_name=_opens_with_given_name(cluster.canonical_name),
        )

    def _place(self, start: int, end: int) -> Place:
        sentence = self.sentence(start)
        opens = self.sentences[max(0, sentence - 1)]
        return Place(
            start=start,
            sentence=sentence,
            paragraph=self.paragraph(start),
            is_quoted=self.is_quoted(start),
            role=self._role(start, end),
            opens=start - opens < 30,
        )

    def _role(self, start: int, end: int) -> str:
        """Say what a name is in its clause, by its topmost token."""
        tokens = self.tokens
        low, high = tokens.index_at(start), tokens.index_at(end)
        if self.text[end : end + 2] in ("'s", "’s"):
            return "possessor"
        for i in range(low, high):
            top = i
            for _ in range(3):  # "the mayor, Amina Orr, left": the name is the subject, too
                if tokens.deps[top] not in _JOINED:
                    break
                top = tokens.heads[top]
            if tokens.deps[top].startswith("nsubj"):
                above = tokens.heads[top]
                return "main" if tokens.heads[above] == above else "subject"
        for i in range(low, high):
            if not low <= tokens.heads[i] < high:
                return _ROLES.get(tokens.deps[i].partition(":")[0], "other")
        return "other"

    def _speaks(self, place: Place) -> bool:
        if place.role not in SUBJECT_ROLES or place.is_quoted:
            return False
        tokens = self.tokens
        top = tokens.index_at(place.start)
        for _ in range(6):
            if tokens.deps[top].startswith("nsubj"):
                return tokens.lower[tokens.heads[top]] in verb_forms()
            top = tokens.heads[top]
        return False

    @cached_property
    def topics(self) -> dict[int, int]:
        """The person that is the first subject of each paragraph: paragraph → entity."""
        found: dict[int, int] = {}
        for start, index in self.named["person"]:
            person = self.people[index]
            place = person.places[bisect_left(person.starts, start)]
            if place.role in SUBJECT_ROLES:
                found.setdefault(place.paragraph, index)
        return found

    @cached_property
    def _bylines(self) -> frozenset[int]:
        """Numbers of the paragraphs at the top that name the article's author."""
        found = set()
        for number in range(2, min(5, len(self.paragraphs) + 1)):
            start = self.paragraphs[number - 1]
            end = self.paragraphs[number] if number < len(self.paragraphs) else len(self.text)
            line = self.text[start:end].strip()
            words = line.split()
            by = words[:1] in (["By"], ["by"], ["BY"])
            if len(words) <= MAX_BYLINE and (by or line[-1:] not in _NO_BYLINE_ENDS):
                found.add(number)
        return frozenset(found)

    def _context(self, cluster: Cluster) -> frozenset[str]:
        """Give the words around the entity's names, within the paragraph."""
        if ENTITY_TYPES.get(cluster.label) not in ("person", "organization"):
            return frozenset()
        found: set[str] = set()
        lower, breaks = self.tokens.lower, self._line_breaks
        for name in cluster.names[:MAX_CONTEXTS]:
            low = self.tokens.index_at(name.start)
            high = self.tokens.index_at(name.end)
            line = breaks[bisect_left(breaks, low) - 1] + 1
            found.update(lower[max(line, low - CONTEXT_TOKENS) : low])
            line_end = breaks[bisect_left(breaks, high, 1)]
            found.update(lower[high : min(line_end, high + CONTEXT_TOKENS)])
        return frozenset(found)

    @cached_property
    def _line_breaks(self) -> list[int]:
        """Numbers of the line breaks among the tokens; the text's ends count as such."""
        found = [i for i, word in enumerate(self.tokens.texts) if word[0] == "\n"]
        return [-1, *found, len(self.tokens)]

    @cached_property
    def speakers(self) -> tuple[Person, ...]:
        """The entities that can speak: people and organizations."""
        return tuple(p for p in self.people if p.entity_type in ("person", "organization"))

    @cached_property
    def ages(self) -> frozenset[int]:
        """The ages that the text gives anybody named."""
        return frozenset(age for person in self.speakers for age in person.ages)

    @cached_property
    def noun_counts(self) -> Counter[str]:
        """How many entities each noun may refer to."""
        return Counter(noun for person in self.speakers for noun in person.nouns)

    @cached_property
    def named(self) -> dict[str, list[tuple[int, int]]]:
        """Where entities are named outside quotation marks: start and index, by type, in order."""
        places: dict[str, list[tuple[int, int]]] = {"person": [], "organization": []}
        for person in self.speakers:
            for start in person.starts:
                if not self.is_quoted(start):
                    places[person.entity_type].append((start, person.index))
        return {kind: sorted(found) for kind, found in places.items()}

    @cached_property
    def first_named(self) -> dict[str, list[int]]:
        """Where the entities of each type are named first, in order."""
        firsts: dict[str, list[int]] = {"person": [], "organization": []}
        for person in self.speakers:
            if not person.is_byline:
                firsts[person.entity_type].append(person.starts[0])
        return {kind: sorted(found) for kind, found in firsts.items()}

    @cached_property
    def first_speeches(self) -> dict[str, list[int]]:
        """Where the entities of each type speak first, in order."""
        firsts: dict[str, list[int]] = {"person": [], "organization": []}
        for person in self.speakers:
            if person.speeches and not person.is_byline:
                firsts[person.entity_type].append(person.speeches[0])
        return {kind: sorted(found) for kind, found in firsts.items()}

    @cached_property
    def _all_named(self) -> list[tuple[int, int]]:
        return sorted((start, p.index) for p in self.speakers for start in p.starts)

    def near(self, char: int, limit: int) -> list[Person]:
        """Give the entities that are named nearest before a character, and then behind it."""
        if len(self.speakers) <= limit:
            return list(self.speakers)
        position = bisect_left(self._all_named, (char, -1))
        before = self._all_named[max(0, position - MAX_NEAR) : position][::-1]
        behind = self._all_named[position : position + MAX_NEAR]
        indices = list(dict.fromkeys(index for _, index in before + behind))[:limit]
        return [self.people[index] for index in sorted(indices)]

    def sentence(self, char: int) -> int:
        """Give the number of the sentence that holds a character."""
        return bisect_right(self.sentences, char)

    def paragraph(self, char: int) -> int:
        """Give the number of the paragraph that holds a character."""
        return bisect_right(self.paragraphs, char)

    def is_quoted(self, char: int) -> bool:
        """Tell whether a character stands within quotation marks."""
        at = bisect_right(self._quoted_starts, char) - 1
        return at >= 0 and self.quoted[at][0] <= char < self.quoted[at][1]


def _sentence_starts(doc: Doc, tokens: Tokens) -> list[int]:
    if doc.has_annotation("SENT_START"):
        starts = zip(tokens.starts, tokens.opens_sentence, strict=True)
        return [start for start, opens in starts if opens or start == 0]
    return [0, *(m.end() for m in _SENTENCE.finditer(doc.text))]


def _organization_nouns(cluster: Cluster) -> set[str]:
    found: set[str] = set()
    table = organization_nouns()
    for form in cluster.forms:
        words = words_of_organization(form)
        for position, word in enumerate(words):
            if word in table and (table[word][0] == "any" or position == len(words) - 1):
                found |= set(table[word][1])
                found.add(word)
    return found


def _gender(cluster: Cluster, descriptions: Sequence[Description]) -> float:
    """Log odds of being a woman: by titles, then by kin and office, then by the given name.

    An office that ends in "man" says less than a given name that is clearly a woman's.
    """
    if cluster.gender:
        return _SURE_GENDER if cluster.gender == "f" else -_SURE_GENDER
    full = cluster.canonical_name
    whole = len(name_words(full)) > 1 or _is_given_only(cluster)
    share = given_name_gender(full) if whole else None
    by_name = 0.0
    if share is not None:
        share = min(max(share, 0.03), 0.97)
        by_name = _NAME_GENDER * math.log(share / (1 - share))
    for description in descriptions:
        noun = find_noun(description.head)
        if noun is not None and noun.gender:
            is_office = noun.kind in ("person", "spokes") and noun.gender == "m"
            if is_office and by_name > _CLEAR_GENDER:
                continue
            return _KIN_GENDER if noun.gender == "f" else -_KIN_GENDER
    return by_name


def _opens_with_given_name(name: str) -> bool:
    words = name_words(name)
    return bool(words) and words[0] in given_names()


def _is_given_only(cluster: Cluster) -> bool:
    share = given_name_gender(cluster.canonical_name)
    return share is not None and (share < 0.1 or share > 0.9)
