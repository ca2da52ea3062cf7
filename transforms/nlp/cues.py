"""Cues: the words of saying, found outside of quotation marks by lexicon and tag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from transforms.nlp.knowledge import read_table, word_groups
from transforms.nlp.layout import OUTSIDE, Layout
from transforms.nlp.quotations_types import HYPOTHETICAL, NEGATED

_DOUBLING = re.compile(r"[^aeiou][aeiou][bdgklmnprt]$")
_BEHIND_VERBS = frozenset(["DT", "PRP", "PRP$", "IN", ".", "WDT", "EX"])
_BEHIND_APPOSITIONS = frozenset(["DT", "PRP", "PRP$", "CD", "EX", "NNP"])
_WORDS = word_groups("cue_words.tsv")


@dataclass(frozen=True)
class VerbEntry:
    """What the lexicon says of a verb."""

    lemma: str
    classes: tuple[str, ...]
    frames: frozenset[str]


@dataclass(frozen=True)
class Cue:
    """A word or phrase of saying."""

    token: int  # the verb, or the first word of a phrase
    stop: int  # one past the last token of the cue's words
    entry: VerbEntry
    kind: str  # verb, phrase, noun
    flags: tuple[str, ...] = ()


PHRASE = VerbEntry("according to", ("phrase",), frozenset(["that", "bare", "quote"]))


@lru_cache(maxsize=1)
def verb_forms() -> dict[str, tuple[tuple[tuple[str, ...], VerbEntry], ...]]:
    """Map the first word of every verb form to the particles behind it and the verb's entry."""
    found: dict[str, list[tuple[tuple[str, ...], VerbEntry]]] = {}
    for row in read_table("verbs.tsv"):
        lemma, classes, frames = row[:3]
        entry = VerbEntry(lemma, tuple(classes.split(",")), frozenset(frames.split(",")))
        irregular = row[3].split(",") if len(row) > 3 else []
        verb, *rest = lemma.split()
        forms = set(inflect(verb, bool(irregular)))
        forms.update(form.split()[0] for form in irregular)
        for form in forms:
            found.setdefault(form, []).append((tuple(rest), entry))
    return {
        form: tuple(sorted(entries, key=lambda item: -len(item[0])))
        for form, entries in found.items()
    }


def inflect(verb: str, has_irregular: bool = False) -> Iterator[str]:
    """Yield base, third person, participles and past of a verb, made by rule.

    Where the rule is in doubt (visit, admit), both spellings are given.
    """
    yield verb
    doubled = verb + verb[-1] if _DOUBLING.search(verb) else ""
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        yield verb + "es"
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        yield verb[:-1] + "ies"
    else:
        yield verb + "s"
    yield (verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb) + "ing"
    if doubled:
        yield doubled + "ing"
    if has_irregular:
        return
    if verb.endswith("e"):
        yield verb + "d"
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        yield verb[:-1] + "ied"
    else:
        yield verb + "ed"
    if doubled:
        yield doubled + "ed"


def find_cues(layout: Layout) -> tuple[Cue, ...]:
    """Find all cues outside of marked spans, in the text's order."""
    cues: list[Cue] = []
    forms = verb_forms()
    phrases = _phrases()
    for index, word in enumerate(layout.lower):
        if layout.inside[index] != OUTSIDE:
            continue
        if word in phrases:
            stop = _phrase_stop(layout, index, phrases[word])
            if stop is not None:
                cues.append(Cue(index, stop, PHRASE, "phrase"))
                continue
        entries = forms.get(word)
        if entries is None or not _is_verb(layout, index):
            continue
        for particles, entry in entries:
            stop = _particles_stop(layout, index, particles)
            if stop is not None:
                cues.append(Cue(index, stop, entry, "verb", _flags_of(layout, index)))
                break
    return tuple(cues)


@lru_cache(maxsize=1)
def _phrases() -> dict[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for row in read_table("cue_phrases.tsv"):
        words = tuple(row[0].split())
        found.setdefault(words[0], []).append(words)
    return {first: tuple(words) for first, words in found.items()}


def _phrase_stop(layout: Layout, index: int, phrases: tuple[tuple[str, ...], ...]) -> int | None:
    for words in phrases:
        if tuple(layout.lower[index : index + len(words)]) == words:
            return index + len(words)
    return None


def _particles_stop(layout: Layout, index: int, particles: tuple[str, ...]) -> int | None:
    if not particles:
        return index + 1
    stop = index + 1 + len(particles)
    return stop if tuple(layout.lower[index + 1 : stop]) == particles else None


def _is_verb(layout: Layout, index: int) -> bool:
    """Whether a form of the lexicon is a verb here: by its tag, or where a tag is doubtful."""
    word, tag = layout.lower[index], layout.tag[index]
    if index and layout.lower[index - 1] == "-" and not layout.space_before(index):
        return False  # "so-called"
    if word in _WORDS["always_verb"]:
        return tag != "NNP" or not layout.word(index)[:1].isupper() or _in_headline(layout, index)
    if tag.startswith("V"):
        return not (tag == "VBN" and layout.dep[index] == "amod")
    before = _word_before(layout, index)
    if before is None:
        return False
    following = layout.tag[index + 1] if index + 1 < layout.length else "."
    named = layout.word(before)[:1].isupper() and before > layout.sentence_start[index]
    if layout.tag[before] in _WORDS["tags_before_nouns"] and not named:
        return False
    if tag == "NNS" and before and layout.tag[before - 1] == "IN":
        return False  # of Republican claims
    beside_quotation = layout.inside[index - 1] != OUTSIDE or (
        index + 2 < layout.length and OUTSIDE not in layout.inside[index + 1 : index + 3]
    )
    subject = named or layout.tag[before] in ("NNP", "PRP", "NN", "NNS", ")", "-RRB-")
    announces = named and layout.lower[index + 1 : index + 2] == [":"]  # The Times reports:
    if beside_quotation or announces or (subject and following in _BEHIND_VERBS):
        return not layout.word(index)[:1].isupper()
    if layout.lower[before] == "," and word.endswith(("s", "ed")):
        return following in _BEHIND_APPOSITIONS or layout.lower[index + 1] == "that"
    return subject and word.endswith("ed") and tag in ("JJ", "NN", "VBN")


def _in_headline(layout: Layout, index: int) -> bool:
    """Whether a word stands where verbs have capitals: a short paragraph, mostly capitalized."""
    first, stop = layout.paragraph_tokens(layout.paragraph[index])
    words = [layout.word(i) for i in range(first, stop) if layout.lower[i][0].isalpha()]
    return sum(word[0].isupper() for word in words) > len(words) / 2


def _word_before(layout: Layout, index: int) -> int | None:
    before = index - 1
    if before < 0 or layout.space[before]:
        return None
    return before


def _flags_of(layout: Layout, index: int) -> tuple[str, ...]:
    """Tell whether the saying is denied or only thought of."""
    flags = []
    left = _auxiliaries_before(layout, index)
    words = {layout.lower[i] for i in left}
    before = layout.lower[left[-1] - 1] if left and left[-1] > 0 else ""
    to_verb = "to" in words
    if (
        words & _WORDS["negation"]
        or (to_verb and before in _WORDS["refusal"])
        or _has_negation(layout, index)
    ):
        flags.append(NEGATED)
    if layout.tag[index] in ("VBN", "VBD"):
        words -= _WORDS["short_had"]  # she'd told
    only = "only" in words or layout.lower[index + 1 : index + 2] == ["only"]  # would say only
    if (
        (words & _WORDS["hypothetical"] and not only)
        or (to_verb and before in _WORDS["intention"])
        or _in_condition(layout, index)
    ):
        flags.append(HYPOTHETICAL)
    return tuple(flags)


def _auxiliaries_before(layout: Layout, index: int) -> list[int]:
    """Positions of auxiliaries, negations and adverbs directly before a verb, nearest first."""
    found = []
    for position in range(index - 1, max(-1, index - 7), -1):
        word = layout.lower[position]
        known = word in _WORDS["auxiliary"] or word in _WORDS["negation"]
        name = layout.word(position)[:1].isupper() and position > layout.sentence_start[index]
        if name or not (known or layout.tag[position] in ("RB", "MD")):
            break
        found.append(position)
    return found


def _has_negation(layout: Layout, index: int) -> bool:
    return any(
        layout.dep[child] == "neg"
        or (layout.dep[child] == "advmod" and layout.lower[child] in ("not", "n't", "n’t", "never"))
        for child in layout.children[index]
        if child < index and layout.inside[child] == OUTSIDE
    ) or any(
        layout.dep[child] in ("nsubj", "nsubj:pass", "nsubjpass")
        and layout.lower[child] in _WORDS["negated_subject"]
        for child in layout.children[index]
    )


def _in_condition(layout: Layout, index: int) -> bool:
    return any(
        layout.dep[child] == "mark"
        and layout.lower[child] in _WORDS["condition"]
        and "," not in layout.lower[child:index]
        for child in layout.children[index]
        if child < index
    )
