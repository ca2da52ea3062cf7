"""Features of reported clauses: what the log-linear models of indirect speech look at."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.nlp.attribution_shapes import pattern
from transforms.nlp.cues import Cue
from transforms.nlp.indirect_candidates import FORWARD, NOUN_STARTS
from transforms.nlp.indirect_plain import PlainForms
from transforms.nlp.knowledge import word_groups
from transforms.nlp.layout import CLAUSES, FINITE
from transforms.nlp.logit import bucket
from transforms.nlp.sources import Source


class ClauseFeatures(PlainForms):
    """Describes cues, starts and ends of the reported clauses of one document."""

    def cue_features(
        self, cue: Cue, source: Source | None, direction: str, starts: Sequence[int]
    ) -> list[str]:
        """Describe a cue and what follows (or precedes) it: does it report a clause?"""
        layout = self.layout
        lemma, cls = cue.entry.lemma, cue.entry.classes[0]
        deps = {layout.dep[c] for c in layout.children[cue.token] if c > cue.token}
        clause = sorted(deps & CLAUSES)
        following = layout.lower[cue.stop] if cue.stop < layout.length else ""
        following_tag = layout.tag[cue.stop] if cue.stop < layout.length else ""
        limit = self.limit(starts[0])
        rest = range(starts[0], limit)
        has_that = any(layout.lower[i] == "that" for i in range(cue.stop, min(limit, cue.stop + 8)))
        finite = any(layout.tag[i] in FINITE for i in rest)
        to_verb = any(
            layout.lower[i] == "to" and layout.tag[i + 1].startswith("VB")
            for i in range(cue.stop, min(limit, cue.stop + 10))
            if i + 1 < layout.length
        )
        marked = any(
            layout.inside[i] in self.quoted for i in range(cue.stop, min(limit + 1, layout.length))
        )
        before = layout.lower[cue.token - 1] if cue.token else ""
        up = layout.dep[cue.token]
        d = direction
        frames = cue.entry.frames
        shape = f"that={has_that}&finite={finite}&to={to_verb}"
        comma = (
            starts[0] > 0 and layout.lower[cue.stop] == "," if cue.stop < layout.length else False
        )
        ends_here = cue.stop >= layout.length or layout.lower[cue.stop] in (".", ",", "?", ";")
        features = [
            f"{d}",
            f"{d}cls={cls}",
            f"{d}lemma={lemma}",
            f"{d}lemma={lemma}&clause={bool(clause)}",
            f"{d}lemma={lemma}&{shape}",
            f"{d}cls={cls}&{shape}",
            f"{d}cls={cls}&clause={bool(clause)}&{shape}",
            f"{d}{shape}",
            f"{d}clause={'+'.join(clause)}",
            f"{d}tag={layout.tag[cue.token]}",
            f"{d}up={up}",
            f"{d}next={following}",
            f"{d}nexttag={following_tag}",
            f"{d}cls={cls}&nexttag={following_tag}",
            f"{d}prev={before if before in _BEFORE else '-'}",
            f"{d}source={source.method if source else None}",
            f"{d}marked={marked}",
            f"{d}comma={comma}",
            f"{d}ends={ends_here}",
            f"{d}length={bucket(limit - starts[0])}",
            f"{d}headline={layout.is_headline(layout.paragraph[cue.token])}",
            f"{d}kind={cue.kind}&clause={bool(clause)}",
        ]
        features += [f"{d}frame={frame}&{shape}" for frame in sorted(frames)]
        if d == FORWARD:
            features += self._opening_features(cue, starts, limit)
        if source is not None:
            gap = cue.token - source.stop if source.head < cue.token else source.first - cue.stop
            side = "L" if source.head < cue.token else "R"
            features.append(f"{d}src{side}gap={bucket(max(gap, 0))}")
            features.append(f"{d}srctag={layout.tag[source.head]}")
            features.append(f"{d}src{side}&cls={cls}&ends={ends_here}")
        parenthesis = self.is_parenthesis(cue, source)
        features.append(f"{d}parenthesis={parenthesis}")
        if parenthesis:
            behind = min(self.behind(cue, source), layout.length - 1)
            edge = self.left_edge(cue, source)
            ahead = range(self.free_from(layout.sentence_start[cue.token], edge), edge)
            verb = any(layout.tag[i] in FINITE for i in ahead)
            tags = f"{_kind(layout.tag[ahead[0]]) if ahead else '^'}&{_kind(layout.tag[behind])}"
            features.append(f"{d}paren&verb={verb}&{tags}")
            features.append(f"{d}paren&verb={verb}&behind={_kind(layout.tag[behind])}")
            features.append(f"{d}paren&size={bucket(len(ahead))}&verb={verb}")
        if direction != FORWARD:
            span = range(starts[0], cue.token)
            features.append(f"{d}&before={any(layout.tag[i] in FINITE for i in span)}")
            features.append(f"{d}&cue_before={any(i in self.cue_tokens for i in span)}")
            features.append(f"{d}&size={bucket(len(span))}")
            above = layout.head[cue.token]
            features.append(
                f"{d}&below={above != cue.token and above < cue.token}&ends={ends_here}"
            )
        return features

    def _opening_features(self, cue: Cue, starts: Sequence[int], limit: int) -> list[str]:
        """Describe how what follows a cue begins: a noun phrase, then which kind of verb?"""
        layout = self.layout
        first = starts[0]
        verb, passed = "-", ""
        for index in range(first, min(limit, first + 25)):
            tag = layout.tag[index]
            if tag in FINITE or tag.startswith("V"):
                verb = "F" if tag in FINITE else tag
                break
            if layout.lower[index] in (",", ";", "that", "whether", "if", "who", "which"):
                passed += layout.lower[index][:2]
        cls, lemma = cue.entry.classes[0], cue.entry.lemma
        shape = pattern(layout, range(cue.stop, min(limit, cue.stop + 12)))
        deps = "+".join(
            sorted(
                {
                    layout.dep[c]
                    for c in layout.children[cue.token]
                    if c > cue.token and layout.dep[c] in _OPENING_DEPS
                }
            )
        )
        begins = layout.tag[first] if first < layout.length else "^"
        takes = "".join(frame[0] for frame in _FRAMES if frame in cue.entry.frames)
        return [
            f"Fopen={shape}",
            f"Fverb={verb}&passed={passed[:4]}",
            f"Fverb={verb}&cls={cls}",
            f"Fverb={verb}&lemma={lemma}",
            f"Fverb={verb}&deps={deps}",
            f"Fverb={verb}&takes={takes}",
            f"Fverb={verb}&takes={takes}&passed={passed[:2]}",
            f"Fdeps={deps}&takes={takes}",
            f"Fdeps={deps}&cls={cls}",
            f"Fdeps={deps}&lemma={lemma}",
            f"Fbegins={begins}&verb={verb}",
        ]

    def start_features(
        self, cue: Cue, direction: str, starts: Sequence[int], start: int
    ) -> list[str]:
        """Describe one start of a clause."""
        layout = self.layout
        rank = starts.index(start)
        before = layout.lower[start - 1] if start else ""
        d = direction
        lefts = {
            layout.edges(c)[0]
            for c in layout.children[cue.token]
            if layout.dep[c] in CLAUSES and c > cue.token
        }
        at_clause = start in lefts or (start - 1) in lefts
        that_before = any(layout.lower[i] == "that" for i in range(starts[0] - 1, start - 1))
        passed = range(starts[0], start)
        finite = any(layout.tag[i] in FINITE for i in passed)
        behind = [layout.tag[i] for i in range(start, min(start + 6, layout.length))]
        soon = any(tag in FINITE for tag in behind)
        cls = cue.entry.classes[0]
        kept = before if before in ("that", ",", ":", "to", "of", "and", "but", "for") else "-"
        word = layout.lower[start]
        opener = (
            word if word in ("to", "whether", "if", "how", "why", "what", "not", "when") else "-"
        )
        return [
            f"{d}rank={min(rank, 4)}",
            f"{d}before={kept}",
            f"{d}before={kept}&that={that_before}",
            f"{d}opener={opener}",
            f"{d}opener={opener}&cls={cls}",
            f"{d}opener={opener}&lemma={cue.entry.lemma}",
            f"{d}clause={at_clause}",
            f"{d}clause={at_clause}&rank={min(rank, 4)}",
            f"{d}that={that_before}",
            f"{d}finite={finite}",
            f"{d}soon={soon}",
            f"{d}soon={soon}&rank={min(rank, 2)}&cls={cls}",
            f"{d}lemma={cue.entry.lemma}&rank={min(rank, 2)}",
            f"{d}lemma={cue.entry.lemma}&before={kept}",
            f"{d}tag={layout.tag[start]}&rank={min(rank, 2)}",
            f"{d}passed={bucket(len(passed))}",
            f"{d}passedtag={layout.tag[start - 1] if rank and start else '^'}",
        ]

    def end_features(
        self, cue: Cue, direction: str, start: int, ends: Sequence[int], end: int
    ) -> list[str]:
        """Describe one end of a clause."""
        layout = self.layout
        last = end == ends[-1]
        word = layout.lower[end] if end < layout.length else "^"
        follower = layout.lower[end + 1] if end + 1 < layout.length else "^"
        follower_tag = layout.tag[end + 1] if end + 1 < layout.length else "^"
        if word not in (",", ";", "–", "—", "(", ":"):
            follower, follower_tag = word, layout.tag[end] if end < layout.length else "^"
        root = self.clause_root(cue, start)
        edge = None if root is None else layout.edges(root)[1] + 1
        edge_trimmed = None if edge is None else self.trim(start, edge)
        at_edge = edge_trimmed == end
        inside_edge = edge_trimmed is not None and end < edge_trimmed
        rest = range(end, ends[-1])
        finite_rest = any(layout.tag[i] in FINITE for i in rest)
        cue_rest = any(i in self.cue_tokens for i in range(end, min(end + 4, ends[-1])))
        and_cue = self._is_next_report(end, ends[-1])
        group = _follower_group(follower)
        behind = self._behind_coordinator(end)
        finite_in = any(layout.tag[i] in FINITE for i in range(start, end))
        attach = self._attachment(cue, start, end)
        marked = end < layout.length and layout.inside[end] in self.quoted
        d = direction
        mark = word if word in (",", ";", "–", "—", "(", ":") else "w" if not last else "$"
        keep = follower if follower in _WORDS["followers"] else "-"
        early = self._is_early_clause(cue)
        between = range(start, end)
        commas = sum(layout.lower[i] == "," for i in between)
        return [
            f"{d}mark={mark}",
            f"{d}mark={mark}&inside={inside_edge}",
            f"{d}early={early}&mark={mark}&nexttag={_kind(follower_tag)}",
            f"{d}early={early}&last={last}",
            f"{d}early={early}&mark={mark}&commas={min(commas, 2)}",
            f"{d}summary={self._is_summary(end)}",
            f"{d}group={group}&finite_rest={finite_rest}",
            f"{d}verb={self._next_verb(end)}&group={group}&mark={mark}",
            f"{d}verb={self._next_verb(end)}&behind={behind}",
            f"{d}last={last}",
            f"{d}edge={at_edge}&last={last}",
            f"{d}inside={inside_edge}&last={last}",
            f"{d}mark={mark}&next={keep}",
            f"{d}mark={mark}&nexttag={follower_tag}",
            f"{d}mark={mark}&nexttag={follower_tag}&edge={at_edge}&inside={inside_edge}",
            f"{d}attach={attach}&last={last}",
            f"{d}attach={attach}&mark={mark}&next={keep}",
            f"{d}finite_in={finite_in}&last={last}",
            f"{d}finite_rest={finite_rest}&mark={mark}&next={keep}",
            f"{d}cue_rest={cue_rest}&last={last}",
            f"{d}cue_rest={cue_rest}&next={keep}",
            f"{d}marked={marked}",
            f"{d}initial={cue.token == layout.sentence_start[cue.token]}&mark={mark}&group={group}",
            f"{d}apposition={self._is_apposition(end)}&last={last}",
            f"{d}mark={mark}&tags={self._tags(end + (mark == ','), 3)}",
            f"{d}mark={mark}&tags={self._tags(end + (mark == ','), 2)}",
            f"{d}and_cue={and_cue}&last={last}",
            f"{d}mark={mark}&group={group}",
            f"{d}mark={mark}&group={group}&attach={attach}",
            f"{d}mark={mark}&next={keep}&behind={behind}",
            f"{d}behind={behind}&attach={attach}",
            f"{d}length={bucket(end - start)}&last={last}",
            f"{d}opener={layout.lower[start] if layout.lower[start] in ('to', 'whether') else '-'}"
            f"&mark={mark}&next={keep}",
        ]

    def _behind_coordinator(self, end: int) -> str:
        """Kind of the word behind "and" or "but", which says whose verb is joined."""
        layout = self.layout
        index = end + 1 if layout.lower[end : end + 1] == [","] else end
        if index + 2 >= layout.length or layout.lower[index] not in ("and", "but", "or"):
            return "-"
        index += 1
        if layout.tag[index] == "RB":
            index += 1
        tag = layout.tag[index]
        name = "that" if layout.lower[index] == "that" else _kind(tag)
        return f"{name}{'*' if index in self.cue_tokens else ''}"

    def _is_early_clause(self, cue: Cue) -> bool:
        """Whether the cue stands in a clause before the main one: “When she said …, he left”."""
        layout = self.layout
        first = layout.sentence_start[cue.token]
        if cue.token - first > MAX_EARLY:
            return False
        words = layout.lower[first : first + 3]
        return self.is_early_question(cue) or any(word in _WORDS["early"] for word in words)

    def _is_summary(self, end: int) -> bool:
        """Whether words follow that sum up the clause: “…, an idea welcomed by the mayor”."""
        layout = self.layout
        if layout.lower[end : end + 1] not in ([","], ["–"], ["—"]):
            return False
        return any(word in _WORDS["summaries"] for word in layout.lower[end + 1 : end + 5])

    def _next_verb(self, end: int) -> str:
        """Tag of the next verb behind a boundary, and whether it is a cue."""
        layout = self.layout
        stop = layout.sentence_end[end - 1]
        for index in range(end, min(stop, end + 14)):
            tag = layout.tag[index]
            if tag in FINITE or tag.startswith("V"):
                return f"{tag}{'*' if index in self.cue_tokens else ''}"
        return "-"

    def _is_apposition(self, end: int) -> bool:
        """Whether a noun in apposition to the clause follows: “…, a phrase he had used before”."""
        layout = self.layout
        if layout.lower[end : end + 1] != [","] or layout.lower[end + 1 : end + 2] not in (
            ["a"],
            ["an"],
        ):
            return False
        for index in range(end + 2, min(end + 6, layout.length - 1)):
            if layout.tag[index] in ("NN", "NNS"):
                following = layout.tag[index + 1]
                return following in ("PRP", "VBN", "WDT", "WP", "TO", "IN", "VBD", "DT")
        return False

    def _tags(self, first: int, count: int) -> str:
        return " ".join(_kind(tag) for tag in self.layout.tag[first : first + count])

    def _is_next_report(self, end: int, limit: int) -> bool:
        """Whether another one's saying follows: “…, and the union warned that …”."""
        layout = self.layout
        first = end + 1 if layout.lower[end : end + 1] == [","] else end
        if layout.lower[first : first + 1] not in (["and"], ["but"], ["while"], ["though"]):
            return False
        return any(i in self.cue_tokens for i in range(first + 1, min(first + 9, limit)))

    def _attachment(self, cue: Cue, start: int, end: int) -> str:
        """Where the tree hangs what follows the boundary: into the clause, or above it."""
        layout = self.layout
        index = end
        limit = min(end + 40, layout.length, layout.sentence_end[start])
        while index < limit:
            head = layout.head[index]
            if head < end:
                if start <= head:
                    return "clause"
                return "cue" if head == cue.token else "above"
            if head == index:
                return "root"
            if head >= limit:
                return "ahead"
            index += 1
        return "none"


MAX_EARLY = 14  # tokens before a cue whose clause may open the sentence
_WORDS = word_groups("clause_words.tsv")
_GROUPS = ("concession", "relative", "reason", "time", "and", "but", "pronoun", "article")
_BEFORE = frozenset(
    ["to", "was", "is", "been", "be", "as", ",", "for", "by", "of", "after", "without", "who"]
)
_FRAMES = ("that", "bare", "whether", "inf", "obj")
_OPENING_DEPS = CLAUSES | frozenset(["obj", "obl", "iobj", "advcl", "conj", "dobj"])


def _follower_group(word: str) -> str:
    for name in _GROUPS:
        if word in _WORDS[name]:
            return name
    return "ing" if word.endswith("ing") else "-"


def _kind(tag: str) -> str:
    if tag in FINITE:
        return "F"
    if tag.startswith("V") or tag == "TO":
        return "V"
    return "N" if tag in NOUN_STARTS else tag[:2]
