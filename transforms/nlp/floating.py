"""Speakers of quotations without a cue of their own: from the conversation so far.

The candidates are those who spoke before, the subject and the names of the sentences before, and
the person the article is most about; a log-linear model chooses (`training/quotations`). A
headline's quotation is judged last: its candidates are the article's speakers.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.nlp.discourse import Discourse
from transforms.nlp.layout import OUTSIDE, SUBJECTS, Layout
from transforms.nlp.logit import Models, bucket, score, softmax
from transforms.nlp.types import Candidate, DocEntity, DocMention
from transforms.nlp.utterances import Utterance

MODEL = "floating"
MAX_CANDIDATES = 8
SURE_LINK = 0.7
MIN_PROBABILITY = 0.5  # of a speaker who is told
_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True)
class Said:
    """An utterance whose speaker has been decided."""

    utterance: Utterance
    speaker: int | None


@dataclass(frozen=True)
class Scene:
    """A floating quotation and what is known when its speaker is asked for."""

    layout: Layout
    utterance: Utterance
    before: Sequence[Said]  # in the text's order; of a headline: all others
    hinted: int | None = None  # who speaks in the sentence before

    @property
    def is_headline(self) -> bool:
        """Whether the quotation stands in the text's first line."""
        return self.layout.is_headline(self.layout.marked[self.utterance.numbers[0]].paragraph)

    @property
    def content(self) -> str:
        """The quotation's words."""
        return " ".join(self.layout.text[s:e] for s, e in self.utterance.spans)


def choose_speaker(scene: Scene, models: Models) -> tuple[int | None, tuple[Candidate, ...]]:
    """Choose the speaker of a floating quotation; None where nobody is likely enough."""
    options = floating_candidates(scene)
    weights = models[MODEL]
    scores = [score(weights, f) for _, f in options]
    probabilities = softmax([*scores, score(weights, nobody_features(scene))])
    entities: Sequence[DocEntity] = scene.layout.doc._.newsbeam_entities
    ranked = sorted(
        (
            Candidate(entity, entities[entity].canonical_name, int(p * 10_000) / 10_000)
            for (entity, _), p in zip(options, probabilities[:-1], strict=True)
        ),
        key=lambda c: -c.probability,
    )
    best = ranked[0] if ranked else None
    if best is None or best.probability < max(probabilities[-1], MIN_PROBABILITY):
        return None, tuple(ranked)
    return best.entity, tuple(ranked)


def floating_candidates(scene: Scene) -> list[tuple[int, list[str]]]:
    """List the entities that may speak, each with the features that speak for it."""
    signs: dict[int, list[str]] = {}
    found = _headline_signs(scene) if scene.is_headline else _body_signs(scene)
    for name, entity in found:
        signs.setdefault(entity, []).append(name)
    place = _place(scene)
    discourse: Discourse = scene.layout.doc._.newsbeam_discourse
    result = []
    for entity, own in list(signs.items())[:MAX_CANDIDATES]:
        own = [*own, *_vocative_signs(scene, entity)]
        kind = scene.layout.doc._.newsbeam_entities[entity].entity_type
        crossed = [f"{name}&{where}" for name in own for where in place]
        person = discourse.people[entity]
        told = [f"speaks={bucket(len(person.speeches))}", f"author={person.is_byline}"]
        result.append((entity, [*own, *crossed, f"type={kind}", *told]))
    return result


def nobody_features(scene: Scene) -> list[str]:
    """Describe the option that the speaker cannot be told."""
    return ["nobody", *(f"nobody&{where}" for where in _place(scene))]


# ---- who may speak -----------------------------------------------------------------------------


def _body_signs(scene: Scene) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    if scene.hinted is not None:
        found.append(("hint", scene.hinted))
    found += _recent_speakers(scene.before)
    found += _linked(scene)
    found += _mentioned(scene)
    return [*found, *_main_people(scene)]


def _linked(scene: Scene) -> list[tuple[str, int]]:
    """Whom the last "she" or "the minister" of the narrative stands for, in this line or the last.

    And who the first subject of these lines is.
    """
    layout = scene.layout
    discourse: Discourse = layout.doc._.newsbeam_discourse
    first = layout.marked[scene.utterance.numbers[0]].outer_start
    here = discourse.paragraph(first)
    found: list[tuple[str, int]] = []
    at = bisect_left(discourse.links, first, key=lambda link: link.start) - 1
    if at >= 0 and here - discourse.links[at].paragraph <= 1:
        link = discourse.links[at]
        kind = "pronoun" if link.is_pronoun else "description"
        sure = "sure" if link.probability > SURE_LINK else "doubtful"
        if link.entity is not None:
            found.append((f"link_{kind}_{sure}", link.entity))
            if discourse.sentence(first) - link.sentence <= 1:
                found.append((f"link_near_{sure}", link.entity))
    for distance in (0, 1):
        topic = discourse.topics.get(here - distance)
        if topic is not None and discourse.people[topic].starts[0] < first:
            found.append((f"topic{distance}", topic))
    return found


def _headline_signs(scene: Scene) -> list[tuple[str, int]]:
    """The article's speakers: by order, by number of quotations, by words shared."""
    words = set(_WORD.findall(scene.content.lower()))
    counts: Counter[int] = Counter()
    shared: Counter[int] = Counter()
    order: list[int] = []
    for said in scene.before:
        if said.speaker is None:
            continue
        counts[said.speaker] += 1
        order.append(said.speaker)
        text = " ".join(scene.layout.text[s:e] for s, e in said.utterance.spans)
        common = len(words & set(_WORD.findall(text.lower())))
        shared[said.speaker] = max(shared[said.speaker], common)
    found: list[tuple[str, int]] = []
    for rank, speaker in enumerate(dict.fromkeys(order)):
        found.append((f"h_order{min(rank, 2)}", speaker))
        if counts[speaker] == max(counts.values()):
            found.append(("h_most", speaker))
        share = shared[speaker] / max(1, len(words))
        found.append(
            ("h_shared_" + ("all" if share > 0.7 else "some" if share > 0.3 else "no"), speaker)
        )
    found += [
        ("h_named", m.entity) for m in _named_between(scene, 0, scene.layout.paragraphs[0][1])
    ]
    return list(dict.fromkeys(found))


def _recent_speakers(before: Sequence[Said]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    seen: list[int] = []
    for said in reversed(before[-8:]):
        if said.speaker is not None and said.speaker not in seen:
            found.append((f"speaker{len(seen)}", said.speaker))
            seen.append(said.speaker)
        if len(seen) == 3:
            break
    if len(before) >= 2 and before[-2].speaker is not None and before[-1].speaker is not None:
        turns = before[-2].speaker != before[-1].speaker
        found.append((f"before_last&turns={turns}", before[-2].speaker))
    return found


def _mentioned(scene: Scene) -> list[tuple[str, int]]:
    """People and organizations named in the sentence and the paragraph before."""
    layout = scene.layout
    first = layout.marked[scene.utterance.numbers[0]]
    opens = first.outer_start == layout.paragraphs[first.paragraph][0]
    where = first.paragraph - 1 if opens else first.paragraph
    if where < 0:
        return []
    start, end = layout.paragraphs[where][0], first.outer_start
    sentence = _last_sentence(layout, end)
    near = _named_between(scene, start, end)
    last = scene.before[-1].utterance.spans[-1][1] if scene.before else start
    entities: Sequence[DocEntity] = layout.doc._.newsbeam_entities
    found: list[tuple[str, int]] = []
    for mention in near:
        kind = "p" if entities[mention.entity].entity_type == "person" else "o"
        if mention.start >= last:
            found.append((f"since_last_{kind}", mention.entity))
            if _is_subject(layout, mention):
                found.append((f"subject_since_last_{kind}", mention.entity))
        if mention.start >= sentence:
            order = "first" if not any(n.startswith(f"sent_{kind}") for n, _ in found) else "later"
            found.append((f"sent_{kind}_{order}", mention.entity))
            if _is_subject(layout, mention):
                found.append((f"subject_{kind}", mention.entity))
        else:
            found.append((f"par_{kind}", mention.entity))
    if near:
        found.append(("nearest", near[-1].entity))
    return list(dict.fromkeys(found))


def _named_between(scene: Scene, start: int, end: int) -> list[DocMention]:
    """Mentions of people and organizations outside of quotations, by name, in a range."""
    layout = scene.layout
    entities: Sequence[DocEntity] = layout.doc._.newsbeam_entities
    return [
        m
        for m in layout.doc._.newsbeam_mentions
        if start <= m.start
        and m.end <= end
        and entities[m.entity].entity_type in ("person", "organization")
        and not _is_quoted(layout, m)
    ]


def _main_people(scene: Scene) -> list[tuple[str, int]]:
    """The person named first, and the one mentioned most, in the text."""
    entities: Sequence[DocEntity] = scene.layout.doc._.newsbeam_entities
    people = [
        e
        for e in entities
        if e.entity_type == "person" and e.mentions and not _is_author(scene, e.index)
    ]
    if not people:
        return []
    most = max(people, key=lambda e: len(e.mentions))
    first = min(people, key=lambda e: e.mentions[0])
    return [("most_mentioned", most.index), ("first_named", first.index)]


def _is_author(scene: Scene, entity: int) -> bool:
    discourse: Discourse = scene.layout.doc._.newsbeam_discourse
    return discourse.people[entity].is_byline


def _vocative_signs(scene: Scene, entity: int) -> list[str]:
    """Whether the quotation, or the one before, addresses or names somebody."""
    layout = scene.layout
    mentions: Sequence[DocMention] = layout.doc._.newsbeam_mentions
    own = [mentions[m] for m in layout.doc._.newsbeam_entities[entity].mentions]
    found = []
    if _named_in(own, scene.utterance):
        found.append("named_inside")
    if scene.before and not scene.is_headline and _named_in(own, scene.before[-1].utterance):
        found.append("addressed")
    return found


def _named_in(mentions: Sequence[DocMention], utterance: Utterance) -> bool:
    return any(
        start <= m.start and m.end <= end and m.mention_type == "name"
        for m in mentions
        for start, end in utterance.spans
    )


def _is_subject(layout: Layout, mention: DocMention) -> bool:
    first, stop = layout.tokens_of(mention.start, mention.end)
    return any(layout.dep[i] in SUBJECTS for i in range(first, min(stop, layout.length)))


def _is_quoted(layout: Layout, mention: DocMention) -> bool:
    first, stop = layout.tokens_of(mention.start, mention.end)
    return first < stop and layout.inside[first] != OUTSIDE


# ---- where it stands ---------------------------------------------------------------------------


def _place(scene: Scene) -> list[str]:
    """Where the quotation stands with regard to the one before."""
    if scene.is_headline:
        return ["headline"]
    layout = scene.layout
    first = layout.marked[scene.utterance.numbers[0]]
    opens = first.outer_start == layout.paragraphs[first.paragraph][0]
    family = "turn" if first.family in ("turn", "dash") else "mark"
    if not scene.before:
        return ["start", f"start&opens={opens}", f"start&{family}"]
    last = scene.before[-1].utterance
    end = last.spans[-1][1]
    last_paragraph = _paragraph_at(layout, end)
    gap = min(first.paragraph - last_paragraph, 3)
    tail = layout.text[end : layout.paragraphs[last_paragraph][1]]
    bare = not any(map(str.isalnum, tail))
    question = layout.text[end - 1 : end] == "?"
    asks = scene.content.rstrip().endswith("?")
    kind = "floating" if last.is_floating else last.quote_type
    own, other = bucket(len(scene.content.split())), _size(layout, last)
    return [
        f"gap={gap}&opens={opens}",
        f"gap={gap}&last={kind}&bare={bare}",
        f"gap={gap}&question={question}&asks={asks}",
        f"gap={gap}&question={question}&last={kind}",
        f"gap={gap}&own={own}",
        f"gap={gap}&other={other}",
        f"gap={gap}&{family}",
    ]


def _size(layout: Layout, utterance: Utterance) -> str:
    return bucket(sum(len(layout.text[s:e].split()) for s, e in utterance.spans))


def _paragraph_at(layout: Layout, char: int) -> int:
    starts = [start for start, _ in layout.paragraphs]
    return max(0, bisect_right(starts, char) - 1)


def _last_sentence(layout: Layout, char: int) -> int:
    """First character of the reporter's last sentence before a position."""
    index, _ = layout.tokens_of(char, char + 1)
    index -= 1
    while index > 0 and (layout.space[index] or layout.inside[index] != OUTSIDE):
        index -= 1
    return layout.start[layout.sentence_start[index]] if index >= 0 else 0
