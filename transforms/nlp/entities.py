"""Bringing the names of one document together: which of them are the same person or thing."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from transforms.nlp.entity_index import Index, organization_keys, person_keys
from transforms.nlp.names import (
    Gender,
    fold,
    given_name_gender,
    is_acronym_of,
    is_initials_of,
    match_organization,
    match_person,
    name_words,
    organization_nouns,
    organization_words,
    titles_before,
)
from transforms.nlp.types import EntityType

ENTITY_TYPES: dict[str, EntityType] = {
    "PERSON": "person",
    "ORG": "organization",
    "GPE": "place",
    "LOC": "place",
}
_ACRONYM_AFTER = re.compile(
    r"\s{0,2}\(\s?(?:the\s|hereafter\s)?[“\"‘']?([^\s()“”\"]{2,14})[”\"’']?\s?\)"
)
_NICKNAME = re.compile(r"\s[“\"‘'(][^“”\"‘’'()]{1,30}[”\"’')](?=\s)")
_YOUNGER = re.compile(r"\b(?:younger|junior|young)\s$", re.IGNORECASE)
_SURE = 0.85  # a given name's bearers of one gender, to contradict a title


@dataclass(frozen=True)
class Name:
    """A name as it stands in the text."""

    start: int
    end: int
    label: str  # of spaCy's English set
    text: str
    gender: Gender = ""  # that the titles before it say
    roles: tuple[str, ...] = ()  # that the titles before it say
    line: int = -1  # where its line starts
    is_younger: bool = False  # "the younger Orr"


@dataclass
class Cluster:
    """The names of one entity while they are brought together."""

    label: str
    names: list[Name] = field(default_factory=list)
    forms: Counter[str] = field(default_factory=Counter)
    gender: Gender = ""  # from titles
    starts: list[int] = field(default_factory=list)  # of the names, in order

    def add(self, name: Name) -> None:
        """Take a name in."""
        self.names.append(name)
        insort(self.starts, name.start)
        self.forms[name.text] += 1
        self.gender = self.gender or name.gender

    @property
    def entity_type(self) -> EntityType:
        """Person, organization, place or other."""
        return ENTITY_TYPES.get(self.label, "other")

    @property
    def canonical_name(self) -> str:
        """The fullest name."""
        return max(self.forms, key=_fullness)

    def precedence(self, name: Name) -> tuple[int, int]:
        """Rank for a surname that several people bear.

        Whoever was named in full before in the same line is meant; else whoever was named first in
        the text; "the younger Orr" is another one than that.
        """
        first = self.starts[0]
        if any(name.line < n.start < name.start and " " in n.text for n in self.names):
            return (0, first)
        if first >= name.start:
            return (2, first)
        return (1, -first if name.is_younger else first)

    def distance(self, start: int) -> tuple[int, int]:
        """How far a name of this entity stands before `start`; those behind it come last."""
        position = bisect_left(self.starts, start)
        if position:
            return (0, start - self.starts[position - 1])
        return (1, self.starts[0] - start)


@lru_cache(maxsize=20_000)
def _fullness(form: str) -> tuple[int, int, int, int]:
    words = form.split()
    shouting = form.isupper() and any(len(w) > 4 for w in words)
    abbreviated = sum(len(w.strip(".")) == 1 for w in words)
    return (0 if shouting else 1, len(words) - abbreviated, abbreviated, len(form))


def read_name(text: str, start: int, end: int, label: str) -> Name:
    """Read a name with the titles before it."""
    gender: Gender = ""
    roles: tuple[str, ...] = ()
    if label == "PERSON":
        _, found = titles_before(text, start)
        gender = next((t.gender for t in found if t.gender), "")
        roles = tuple(t.role for t in found if t.role)
    line = text.rfind("\n", 0, start)
    younger = label == "PERSON" and _YOUNGER.search(text, max(0, start - 10), start) is not None
    return Name(start, end, label, text[start:end], gender, roles, line, younger)


def cluster_names(text: str, names: Sequence[Name]) -> list[Cluster]:
    """Bring names together; the clusters come in order of their first name."""
    by_type: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        by_type[ENTITY_TYPES.get(name.label, name.label)].append(name)
    clusters: list[Cluster] = []
    for kind, members in by_type.items():
        if kind == "person":
            clusters += _cluster_people(members)
        elif kind == "organization":
            clusters += _cluster_organizations(text, members)
        else:
            clusters += _cluster_by_text(members)
    for cluster in clusters:
        cluster.names.sort(key=lambda n: n.start)
    return sorted(clusters, key=lambda c: c.names[0].start)


def _cluster_by_text(names: Iterable[Name]) -> list[Cluster]:
    clusters: dict[str, Cluster] = {}
    for name in names:
        key = " ".join(organization_words(name.text)) or name.text
        clusters.setdefault(key, Cluster(name.label)).add(name)
    return list(clusters.values())


def _forms(names: Iterable[Name]) -> list[list[Name]]:
    """Group names by their words; forms of many words come first, then in order of appearance."""
    groups: dict[tuple[str, ...], list[Name]] = {}
    for name in names:
        groups.setdefault(name_words(name.text), []).append(name)
    return sorted(groups.values(), key=lambda g: -len(name_words(g[0].text)))


def _cluster_people(names: Sequence[Name]) -> list[Cluster]:
    clusters: list[Cluster] = []
    index: Index[Cluster] = Index()
    for group in _forms(names):
        keys = person_keys(group[0].text)
        for name in group:
            cluster = _best_person(name, index.find(keys))
            if cluster is None:
                cluster = Cluster("PERSON")
                clusters.append(cluster)
            cluster.add(name)
            index.add(cluster, keys)
    return clusters


def _best_person(name: Name, clusters: Sequence[Cluster]) -> Cluster | None:
    scored = [
        (score, cluster)
        for cluster in clusters
        if (score := _person_score(name, cluster)) > 0 and not _other_gender(name, cluster)
    ]
    if not scored:
        return None
    best = max(score for score, _ in scored)
    close = [cluster for score, cluster in scored if score >= best - 0.11]
    return min(close, key=lambda c: c.precedence(name))


def _person_score(name: Name, cluster: Cluster) -> float:
    return max(_person_form_score(name, form) for form in cluster.forms)


def _person_form_score(name: Name, form: str) -> float:
    plain = _NICKNAME.sub("", form)
    score = max(match_person(name.text, form), match_person(_NICKNAME.sub("", name.text), plain))
    if name.gender and 0 < score < 0.95 and len(name_words(name.text)) == 1:
        score -= 0.3  # a title goes with the surname: "Mr Grace" is hardly Grace Orr
    if score == 0.0 and not name.gender and _is_clipped(name.text, plain):
        return 0.5
    if score == 0.0 and is_initials_of(name.text, plain):
        return 0.5
    return score


def _is_clipped(short: str, full: str) -> bool:
    """Tell whether a given name is clipped: "Ben" for Benedicto Lim."""
    first = name_words(full)[:1]
    word = fold(short)
    return (
        len(name_words(full)) > 1 and 3 <= len(word) < len(first[0]) and first[0].startswith(word)
    )


def _other_gender(name: Name, cluster: Cluster) -> bool:
    if not name.gender:
        return False
    if cluster.gender:
        return cluster.gender != name.gender
    full = cluster.canonical_name
    share = given_name_gender(full) if len(name_words(full)) > 1 else None
    if share is None:
        return False
    return share > _SURE if name.gender == "m" else share < 1 - _SURE


def _cluster_organizations(text: str, names: Sequence[Name]) -> list[Cluster]:
    clusters: list[Cluster] = []
    acronyms: dict[str, Cluster] = {}
    index: Index[Cluster] = Index()
    for group in _forms(names):
        keys = organization_keys(group[0].text)
        for name in group:
            near = index.find(keys)
            cluster = acronyms.get(name.text) or _best_organization(name, near)
            cluster = cluster or _only_one_with_noun(name, near)
            if cluster is None:
                cluster = Cluster("ORG")
                clusters.append(cluster)
            cluster.add(name)
            index.add(cluster, keys)
            acronym = acronym_after(text, name.end)
            if acronym is not None:
                acronyms.setdefault(acronym, cluster)
    return clusters


def acronym_after(text: str, end: int) -> str | None:
    """Give the short form in brackets after a name: "WHO" of "World Health Organization (WHO)"."""
    match = _ACRONYM_AFTER.match(text, end, end + 30)
    if match is None or not match[1][0].isupper() or match[1][1:].isdigit():
        return None
    return match[1]


def _best_organization(name: Name, clusters: Sequence[Cluster]) -> Cluster | None:
    scored = [
        (score, cluster)
        for cluster in clusters
        if (score := _organization_score(name.text, cluster)) > 0
    ]
    if not scored:
        return None
    best = max(score for score, _ in scored)
    close = [cluster for score, cluster in scored if score >= best - 0.06]
    return min(close, key=lambda c: c.distance(name.start))


def _only_one_with_noun(name: Name, clusters: Sequence[Cluster]) -> Cluster | None:
    """Find the one organization whose name holds a general word: "the Commission"."""
    words = organization_words(name.text)
    if len(words) != 1 or words[0] not in organization_nouns():
        return None
    found = [
        c for c in clusters if any(words[0] in organization_words(form)[1:] for form in c.forms)
    ] or [c for c in clusters if any(words[0] in organization_words(form) for form in c.forms)]
    before = [c for c in found if c.distance(name.start)[0] == 0]
    return before[0] if len(before) == 1 else None


def _organization_score(text: str, cluster: Cluster) -> float:
    best = 0.0
    for form in cluster.forms:
        best = max(best, match_organization(text, form))
        if best == 0.0 and is_acronym_of(text, form):
            best = 0.85
    return best
