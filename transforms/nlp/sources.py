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
    phrase_to,
    subtree,
)

RELATIVE_CLAUSES = frozenset(["acl:relcl", "relcl", "acl"])
RELATIVES = frozenset(["who", "which", "that", "whom"])
_UPWARD = frozenset(["conj", "xcomp", "advcl", "ccomp", "parataxis", "pcomp", "acl", "dep"])
_PAIRED = frozenset([",", "–", "—", "--"])  # marks around an apposition
_PREPOSITIONS = frozenset(["in", "on", "at", "during", "by", "from", "to", "via", "under"])
_MAIN = frozenset(["ROOT", "root", "conj", "parataxis"])
_OBJECT_PRONOUNS = frozenset(["him", "her", "them", "me", "us"])
NEEDS_HEARER = frozenset(
    ["tell", "inform", "remind", "assure", "convince"]
)  # "told Orr": the hearer
MAX_CLAUSE = 120  # tokens before a verb in which its source is looked for
MAX_LOOSE = 12  # tokens of a source that no rule of grammar bounds


def find_source(layout: Layout, cue: Cue, quoted: frozenset[int] = frozenset()) -> Source | None:
    """Find the source phrase of a cue; `quoted` are tokens of its content, which cannot be it."""
    if cue.kind == "phrase":
        return _object_of_phrase(layout, cue)
    verb = cue.token
    own = _quoted_one(layout, cue) or _agent(layout, verb) or _subject(layout, verb, quoted)
    if own is not None and own.first > verb and cue.entry.lemma in NEEDS_HEARER:
        own = _left_phrase(layout, verb) or own
    if own is not None:
        return _outer_subject(layout, verb, own) or own
    if layout.tag[verb] == "VBG":
        above = _preposed(layout, verb) or _inherited(layout, verb, quoted)
        if above is not None:
            return above
    return (
        _inverted(layout, cue)
        or _left_phrase(layout, verb)
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
        found = _subject(layout, above, frozenset()) if layout.tag[above][:1] == "V" else None
        if found is not None and found.head != own.head:
            return found
        index = above
    return None


def _preposed(layout: Layout, verb: int) -> Source | None:
    """`Bemoaning the system, Orr …`: the subject of the clause that the sentence goes on with."""
    first = layout.sentence_start[verb]
    while first < verb and layout.tag[first] in ("IN", "RB", "CC", "``", "''", "_SP"):
        first += 1
    if first != verb:
        return None
    for index in range(verb + 1, layout.sentence_end[verb]):
        if layout.head[index] == index:
            return _subject(layout, index, frozenset())
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


def _agent(layout: Layout, verb: int) -> Source | None:
    """The "by" phrase of a passive; a passive without one has an unknown source."""
    if layout.child(verb, PASSIVE_SUBJECTS) is None:
        by = layout.tag[verb] == "VBN" and layout.lower[verb + 1 : verb + 2] == ["by"]
        passive = by and _is_passive(layout, verb) and verb + 2 < layout.length
        return phrase_from(layout, verb + 2, "agent") if passive else None
    for child in layout.children[verb]:
        dep = layout.dep[child]
        if dep == "agent":
            objects = [c for c in layout.children[child] if layout.dep[c] == "pobj"]
            if objects:
                return subtree(layout, objects[0], "agent")
        if dep in ("obl", "obl:agent") and child > verb:
            case = [c for c in layout.children[child] if layout.dep[c] == "case"]
            if case and layout.lower[case[0]] == "by":
                return subtree(layout, child, "agent")
    return None


def _is_passive(layout: Layout, verb: int) -> bool:
    before = layout.lower[max(0, verb - 3) : verb]
    opens = verb == layout.sentence_start[verb]  # Asked by Orr whether …
    return opens or any(word in ("was", "were", "been", "is", "are", "being") for word in before)


def _is_told(layout: Layout, verb: int) -> bool:
    """Whether a passive makes its subject the hearer: "was asked", not "is said to have added"."""
    raising = layout.lower[verb + 1 : verb + 2] == ["to"]
    return layout.tag[verb] == "VBN" and _is_passive(layout, verb) and not raising


def _subject(layout: Layout, verb: int, quoted: frozenset[int]) -> Source | None:
    """The subject in the tree, the nearest if there are several; behind "who", what that means."""
    subjects = [
        child
        for child in layout.children[verb]
        if layout.dep[child] in SUBJECTS
        and child not in quoted
        and is_free(layout, child)
        and not is_time(layout, child)
    ]
    if not subjects or any(layout.dep[child] in PASSIVE_SUBJECTS for child in subjects):
        return None
    child = min(subjects, key=lambda index: abs(verb - index))
    if layout.lower[child] in RELATIVES and layout.dep[verb] in RELATIVE_CLAUSES:
        antecedent = layout.head[verb]
        meant = subtree(layout, antecedent, "relative")
        if antecedent < child and meant.first < child:
            meaning = (meant.first, min(meant.stop, child))
            return Source(child, child + 1, child, "relative", meaning)
    if is_nominal(layout, child) or layout.tag[child] in ("DT", "JJ", "WP"):
        return subtree(layout, child, "subject")
    return None


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


def _left_phrase(layout: Layout, verb: int) -> Source | None:
    """`Orr said`: the noun phrase that ends right before the verb and its auxiliaries."""
    if _is_told(layout, verb):
        return None
    start = _clause_start(layout, verb)
    last = _before_adverbs(layout, verb, start)
    if last >= start and layout.lower[last] == ")":
        last = _before_bracket(layout, last, start)
    if last < start or not is_free(layout, last):
        return None
    if layout.lower[last] in _PAIRED:
        return _before_apposition(layout, last, start)
    phrase = phrase_to(layout, last, start, "left")
    return phrase and (_before_preposition(layout, phrase, start) or phrase)


def _before_adverbs(layout: Layout, verb: int, start: int) -> int:
    """The token before a verb and what may stand before it: "also", "on Friday", "has"."""
    last = verb - 1
    while last >= start and is_free(layout, last):
        on_day = layout.lower[last] == "on" and is_time(layout, last + 1)
        if not (on_day or is_time(layout, last) or _may_stand_between(layout, last)):
            break
        last -= 1
    return last


def _before_preposition(layout: Layout, phrase: Source, start: int) -> Source | None:
    """`Orr in a statement credited`: what stands before a phrase that is no subject."""
    last = phrase.first - 2
    if last < start or layout.lower[last + 1] not in _PREPOSITIONS:
        return None
    if layout.lower[last] == ",":
        last -= 1
    if last < start or not is_free(layout, last):
        return None
    return phrase_to(layout, last, start, "left")


def _clause_start(layout: Layout, verb: int) -> int:
    """The sentence's start, or the end of the last quotation before the verb, if that is later."""
    position = verb
    start = max(layout.sentence_start[verb], verb - MAX_CLAUSE)
    while position > start and is_free(layout, position - 1) and not layout.space[position - 1]:
        position -= 1
    return position


def _before_bracket(layout: Layout, closing: int, start: int) -> int:
    for position in range(closing - 1, max(start, closing - 10), -1):
        if layout.lower[position] == "(":
            return position - 1
    return closing


def _reporter_above(layout: Layout, verb: int) -> Source | None:
    """`Orr said Hall would come, adding that …`: the one whose saying the clause is."""
    above = layout.head[verb]
    if layout.dep[verb] != "ccomp" or layout.lower[above] not in verb_forms():
        return None
    return _subject(layout, above, frozenset())


def _opening_phrase(layout: Layout, verb: int) -> Source | None:
    """The noun phrase that opens the clause: the last resort before a far verb."""
    start = _clause_start(layout, verb)
    while start < verb and layout.lower[start] in (",", "but", "and", "yet", "–", "—", "-", "*"):
        start += 1
    if verb - start > MAX_PHRASE or start >= verb:
        return None
    if _is_told(layout, verb):
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


def _may_stand_between(layout: Layout, index: int) -> bool:
    return layout.tag[index] in ("RB", "MD", "VBZ", "VBD", "VBP") and layout.lower[index] in (
        "has", "had", "have", "also", "later", "then", "once", "now", "still", "just", "even",
        "will", "was", "is", "previously", "recently", "earlier", "finally", "again", "further",
    )  # fmt: skip


def _before_apposition(layout: Layout, comma: int, start: int) -> Source | None:
    """`Orr, the minister since 2016, said`: go back over what stands between the commas."""
    mark = layout.lower[comma]
    position = comma - 1
    while position > start and layout.lower[position] != mark and is_free(layout, position):
        position -= 1
    if position <= start or layout.lower[position] != mark:
        return None
    if layout.lower[position + 1] in ("and", "but", "so", "or"):
        return None
    phrase = phrase_to(layout, position - 1, start, "left_apposition")
    if phrase is None or not is_free(layout, phrase.head):
        return None
    return Source(phrase.first, comma, phrase.head, phrase.method)


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
        found = _agent(layout, above) or _subject(layout, above, quoted)
        if found is not None:
            himself = layout.tag[found.head] == "PRP" and layout.tag[verb] in FINITE
            nested = layout.tag[verb] == "VBG" or himself
            outer = _reporter_above(layout, above) if nested else None
            return outer or (found if found.stop <= verb or dep != "ccomp" else None)
        index = above
    return None


def _issuer(layout: Layout, noun: int) -> Source | None:
    """`Orr issued a statement saying …`: whoever gives out the document that speaks."""
    known = find_noun(layout.lower[noun])
    if known is None or known.kind != "document" or layout.dep[noun] not in OBJECTS:
        return None
    return _subject(layout, layout.head[noun], frozenset())


def _previous(layout: Layout, index: int) -> int | None:
    index -= 1
    while index >= 0 and layout.space[index]:
        index -= 1
    return index if index >= 0 else None


__all__ = ["Source", "find_source"]
