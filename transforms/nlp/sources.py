"""Source phrases: whose saying a cue is, by the tree and, where that errs, by the surface."""

from __future__ import annotations

from transforms.nlp.cues import Cue, verb_forms
from transforms.nlp.layout import FINITE, OBJECTS, OUTSIDE, PASSIVE_SUBJECTS, SUBJECTS, Layout
from transforms.nlp.role_nouns import find_noun
from transforms.nlp.sources_phrases import (
    MAX_PHRASE,
    NOMINAL_TAGS,
    Source,
    in_phrase,
    is_free,
    is_nominal,
    is_time,
    phrase_from,
    subtree,
)
from transforms.nlp.sources_subject import (
    RELATIVE_CLAUSES,
    agent,
    clause_start,
    is_told,
    left_phrase,
    subject_of,
)

_UPWARD = frozenset(["conj", "xcomp", "advcl", "ccomp", "parataxis", "pcomp", "acl", "dep"])
_MAIN = frozenset(["ROOT", "root", "conj", "parataxis"])
_OBJECT_PRONOUNS = frozenset(["him", "her", "them", "me", "us"])
NEEDS_HEARER = frozenset(
    ["tell", "inform", "remind", "assure", "convince"]
)  # "told Orr": the hearer
MAX_LOOSE = 12  # tokens of a source that no rule of grammar bounds


def find_source(layout: Layout, cue: Cue, quoted: frozenset[int] = frozenset()) -> Source | None:
    """Find the source phrase of a cue; `quoted` are tokens of its content, which cannot be it."""
    if cue.kind == "phrase":
        return _object_of_phrase(layout, cue)
    verb = cue.token
    own = _quoted_one(layout, cue) or agent(layout, verb) or subject_of(layout, verb, quoted)
    if own is not None and own.first > verb and cue.entry.lemma in NEEDS_HEARER:
        own = left_phrase(layout, verb) or own
    if own is not None:
        return _outer_subject(layout, verb, own) or own
    if layout.tag[verb] == "VBG":
        above = _preposed(layout, verb) or _inherited(layout, verb, quoted)
        if above is not None:
            return above
    return (
        _inverted(layout, cue)
        or left_phrase(layout, verb)
        or _inverted_behind_clause(layout, cue)
        or _inherited(layout, verb, quoted)
        or _opening_phrase(layout, verb)
        or (_main_subject(layout, verb) if "unknown" not in cue.entry.classes else None)
    )


def _outer_subject(layout: Layout, verb: int, own: Source) -> Source | None:
    """`Orr condemned what she called “…”`: the pronoun is the subject of the clause above."""
    before = own.first - 1
    if layout.tag[own.head] != "PRP" or before < 0 or layout.lower[before] != "what":
        return None
    index = verb
    for _ in range(5):
        above = layout.head[index]
        if above == index:
            return None
        found = _subject_before(layout, above) if layout.tag[above][:1] == "V" else None
        if found is not None and found.head != own.head:
            himself = layout.tag[found.head] == "PRP"
            return (_reporter_above(layout, above) if himself else None) or found
        index = above
    return None


def _subject_before(layout: Layout, verb: int) -> Source | None:
    """The subject of a verb, or what stands before it where the tree has none."""
    found = subject_of(layout, verb, frozenset())
    if found is None and layout.tag[verb] in FINITE:
        return left_phrase(layout, verb)
    return found


def _preposed(layout: Layout, verb: int) -> Source | None:
    """`Bemoaning the system, Orr …`: the subject of the clause that the sentence goes on with."""
    first = layout.sentence_start[verb]
    while first < verb and layout.tag[first] in ("IN", "RB", "CC", "``", "''", "_SP"):
        first += 1
    if first != verb:
        return None
    behind = range(verb + 1, layout.sentence_end[verb])
    root = next((i for i in behind if layout.head[i] == i and is_free(layout, i)), None)
    found = subject_of(layout, root, frozenset()) if root is not None else None
    return found or _behind_comma(layout, behind)


def _behind_comma(layout: Layout, behind: range) -> Source | None:
    """The first subject right behind a comma or a quotation."""
    for index in behind:
        if layout.dep[index] in SUBJECTS and is_free(layout, index) and is_nominal(layout, index):
            phrase = subtree(layout, index, "subject")
            before = phrase.first - 1
            if layout.lower[before] == "," or not is_free(layout, before):
                return phrase
    return None


def _object_of_phrase(layout: Layout, cue: Cue) -> Source | None:
    first = cue.stop
    if first >= layout.length:
        return None
    return phrase_from(layout, first, "phrase_object") or _words_to_comma(layout, first)


def _words_to_comma(layout: Layout, first: int) -> Source | None:
    """What stands before the next comma or full stop, where no noun phrase is recognized."""
    stop = first
    while stop < min(first + MAX_LOOSE, layout.length) and is_free(layout, stop):
        if layout.space[stop] or layout.lower[stop] in (",", ".", ";", ":", "(", "–", "—"):
            break
        stop += 1
    nouns = [i for i in range(first, stop) if layout.tag[i] in NOMINAL_TAGS]
    return Source(first, stop, nouns[-1], "phrase_object") if nouns else None


def _quoted_one(layout: Layout, cue: Cue) -> Source | None:
    """`The paper quoted him as saying`: the object is the source."""
    verb = cue.token
    if cue.entry.lemma == "say" and layout.lower[verb - 1] == "as" and verb > 1:
        above = next((i for i in range(verb - 2, max(-1, verb - 12), -1) if _quotes(layout, i)), -1)
    else:
        above = verb if _quotes(layout, verb) else -1
    if above < 0:
        return None
    child = layout.child(above, OBJECTS | PASSIVE_SUBJECTS)
    if child is not None:
        return subtree(layout, child, "quoted")
    return phrase_from(layout, above + 1, "quoted") if above != verb else None


def _quotes(layout: Layout, index: int) -> bool:
    return layout.lower[index] in ("quoted", "quotes", "quoting")


def _inverted(layout: Layout, cue: Cue) -> Source | None:
    """`said Orr`: the noun phrase right behind a cue that stands right behind a quotation."""
    before = _previous(layout, cue.token)
    if before is None or cue.stop >= layout.length:
        return None
    comma = layout.lower[before] == ","
    quoted = layout.inside[before - 1 if comma and before else before] != OUTSIDE
    if not quoted and not comma:
        return None
    if not _may_be_subject(layout, cue.stop):
        return None
    for child in layout.children[cue.token]:
        if child > cue.token and layout.dep[child] in SUBJECTS:
            return subtree(layout, child, "inverted")
    return phrase_from(layout, cue.stop, "inverted") if quoted else None


def _may_be_subject(layout: Layout, index: int) -> bool:
    """Whether the words behind a cue may be its subject: not "him", not "Sunday"."""
    if layout.lower[index] in _OBJECT_PRONOUNS or is_time(layout, index):
        return False
    return in_phrase(layout, index)


def _inverted_behind_clause(layout: Layout, cue: Cue) -> Source | None:
    """`The road is shut, said Orr.`: the noun phrase behind the cue, where no clause follows."""
    before = _previous(layout, cue.token)
    if before is None or layout.lower[before] != "," or cue.stop >= layout.length:
        return None
    if not _may_be_subject(layout, cue.stop):
        return None
    phrase = phrase_from(layout, cue.stop, "inverted")
    if phrase is None or phrase.stop >= layout.length:
        return phrase
    ends = layout.space[phrase.stop] or layout.lower[phrase.stop] in (",", ".", "who", "–", "—")
    return phrase if ends else None


def _reporter_above(layout: Layout, verb: int) -> Source | None:
    """`Orr said Hall would come, adding that …`: the one whose saying the clause is."""
    above = layout.head[verb]
    if layout.dep[verb] != "ccomp" or layout.lower[above] not in verb_forms():
        return None
    return subject_of(layout, above, frozenset())


def _opening_phrase(layout: Layout, verb: int) -> Source | None:
    """The noun phrase that opens the clause: the last resort before a far verb."""
    start = clause_start(layout, verb)
    while start < verb and layout.lower[start] in (",", "but", "and", "yet", "–", "—", "-", "*"):
        start += 1
    if verb - start > MAX_PHRASE or start >= verb:
        return None
    if is_told(layout, verb):
        return None
    phrase = phrase_from(layout, start, "opening")
    return phrase if phrase is not None and phrase.stop <= verb else None


def _main_subject(layout: Layout, verb: int) -> Source | None:
    """`Orr defended the plan, calling it …`: the last subject of a main clause before the verb."""
    if layout.tag[verb] not in ("VBG", "VBD", "VBZ"):
        return None
    for index in range(verb - 1, layout.sentence_start[verb] - 1, -1):
        above = layout.head[index]
        main = layout.dep[above] in _MAIN and above < verb and layout.dep[index] in SUBJECTS
        if main and is_free(layout, index) and is_nominal(layout, index):
            return subtree(layout, index, "main_subject")
    return None


def _inherited(layout: Layout, verb: int, quoted: frozenset[int]) -> Source | None:
    """`apologised and said`, `…, adding that`: the subject of the verb above."""
    index = verb
    for _ in range(6):
        above = layout.head[index]
        if above == index:
            return None
        dep = layout.dep[index]
        if dep in RELATIVE_CLAUSES and layout.tag[above] in NOMINAL_TAGS:
            issuer = _issuer(layout, above)
            if issuer is not None:
                return issuer
            return subtree(layout, above, "noun") if is_free(layout, above) else None
        if dep not in _UPWARD:
            return None
        found = agent(layout, above) or subject_of(layout, above, quoted)
        if found is None and dep == "conj" and layout.tag[above] in FINITE:
            found = left_phrase(layout, above)  # Ms. Orr smiled and said
        if found is not None:
            himself = layout.tag[found.head] == "PRP" and layout.tag[verb] in FINITE
            joined = dep == "conj" and _is_joined_to_report(layout, above, verb)
            nested = layout.tag[verb] == "VBG" or himself or joined
            outer = _reporter_above(layout, above) if nested else None
            return outer or (found if found.stop <= verb or dep != "ccomp" else None)
        index = above
    return None


def _is_joined_to_report(layout: Layout, above: int, verb: int) -> bool:
    """`Orr said the plan would fail and called it “…”`: a report, joined to one by its tense."""
    outer = layout.head[above]
    return (
        layout.lower[above] not in verb_forms()
        and layout.tag[verb] == layout.tag[outer]
        and layout.tag[verb] in FINITE
        and layout.lower[verb - 1] != "that"
    )


def _issuer(layout: Layout, noun: int) -> Source | None:
    """`Orr issued a statement saying …`: whoever gives out the document that speaks."""
    known = find_noun(layout.lower[noun])
    if known is None or known.kind != "document" or layout.dep[noun] not in OBJECTS:
        return None
    return subject_of(layout, layout.head[noun], frozenset())


def _previous(layout: Layout, index: int) -> int | None:
    index -= 1
    while index >= 0 and layout.space[index]:
        index -= 1
    return index if index >= 0 else None


__all__ = ["Source", "find_source"]
