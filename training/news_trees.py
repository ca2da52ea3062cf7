"""Parses the news corpus's training articles and keeps the trees that its annotation bears out.

Self-training on one's own parses teaches little; here a second source decides. The annotation says
who is the subject of which cue, which words are the content, which words are one name, and where a
sentence cannot end. Of several parsers' trees of a sentence the first that agrees with all that
is kept, if need be after a sure repair (`tree_claims.py`); a sentence without any is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.tokens import Token as SpacyToken

from training.conllu import Sentence, Token
from training.newscorpus_reader import GoldQuote, NewsArticle
from training.tree_claims import Claim, Facts, settle
from transforms.nlp.lines import has_line_break
from transforms.nlp.load import readable_text

NEWSCORPUS = Path(__file__).with_name("newscorpus")
PIPES = ("tok2vec", "tagger", "morphologizer", "parser")
STOPS = frozenset((".", "!", "?", "…"))
CLOSING = frozenset("\"”’»')]")
NO_END = frozenset(("v", "vs", "No", "Nos", "St", "Mt", "Gen", "Sen", "Rep", "Cllr"))
AGREED = 0.85  # share of the words whose head two parsers must agree on, in plain sentences
AGREED_IN_SPEECH = 0.7  # the same where the annotation has borne out the tree


@dataclass(frozen=True)
class Kept:
    """The sentences of an article that are kept, and what became of all of them."""

    sentences: tuple[Sentence, ...]
    outcomes: Counter[str]


def read_news_trees(parsers: Sequence[Language], articles: Iterable[NewsArticle]) -> Iterator[Kept]:
    """Yield the trusted trees of each article that is not held out."""
    for article in articles:
        if not article.is_dev:
            yield keep_sentences(article, [parse(nlp, article) for nlp in parsers])


def parse(nlp: Language, article: NewsArticle) -> Doc:
    """Parse an article with its sentence ends given as far as they are sure."""
    doc = nlp.make_doc(readable_text(article.text))
    for token, starts in zip(doc, sentence_starts(doc, article), strict=True):
        if starts is not None:
            token.is_sent_start = starts
    for pipe in PIPES:
        doc = nlp.get_pipe(pipe)(doc)
    return doc


def sentence_starts(doc: Doc, article: NewsArticle) -> list[bool | None]:
    """Say for each token whether a sentence starts with it; None where it is not sure.

    Edited news ends its sentences with a stop; one utterance with its cue is one sentence.
    """
    joined = {i for quote in article.quotes for i in _joined(doc, quote)}
    starts: list[bool | None] = []
    for token in doc:
        before = doc[token.i - 1] if token.i else None
        if before is None or (has_line_break(before.text) and not token.is_space):
            starts.append(True)
        elif token.is_space or token.i in joined or _closes(doc, token.i):
            starts.append(False)
        else:
            starts.append(_starts_after_stop(doc, token.i))
    return starts


def _closes(doc: Doc, index: int) -> bool:
    """Whether a mark or bracket closes: a straight one before what it encloses does not."""
    opens = doc[index].text in ('"', "'") and bool(index and doc[index - 1].whitespace_)
    return doc[index].text in CLOSING and not opens


def _starts_after_stop(doc: Doc, index: int) -> bool | None:
    """Whether a sentence starts at a token, by what is printed before and in it."""
    last = index - 1
    while last > 0 and doc[last].text in CLOSING:
        last -= 1
    text = doc[index].text
    if doc[last].text in STOPS:
        if last and doc[last - 1].text in NO_END:
            return None
        opens = text[0].isupper() or not text[0].isalnum()
        return bool(doc[index - 1].whitespace_) and opens and text not in (",", "–", "—", "-")
    if doc[last].text[-1] == "." and doc[last].is_alpha is False:
        return None  # an abbreviation may end a sentence
    return None if doc[last].text in ("–", "—", "-", "•", "·", ")", "/") else False


def _joined(doc: Doc, quote: GoldQuote) -> Iterator[int]:
    """Yield the tokens that continue a sentence, since an utterance and its cue are one."""
    beside = (*quote.cue_spans, *quote.source_spans)
    if not quote.cue_spans:
        return
    start, end = min(s for s, _ in beside), max(e for _, e in beside)
    nearest = min(quote.spans, key=lambda span: max(start - span[1], span[0] - end))
    if nearest[1] <= start:
        edge = max(nearest[1] - 1, 0), end
    elif nearest[0] >= end:
        edge = start, nearest[0] + 1
    else:
        edge = start, end
    between = doc.text[edge[0] + 1 : edge[1]]
    if "\n" in between or ". " in between:
        edge = start, end
    yield from (t.i for t in doc if edge[0] < t.idx < edge[1])


def keep_sentences(article: NewsArticle, docs: Sequence[Doc]) -> Kept:
    """Keep the sentences of an article whose tree the annotation bears out."""
    outcomes: Counter[str] = Counter()
    kept: list[Sentence] = []
    gap, new_paragraph = 0, True
    for span in docs[0].sents:
        facts = facts_of(article, span)
        trees = [rows for doc in docs if (rows := words_of(doc, span))]
        chosen, outcome = choose(trees, facts, len(docs))
        outcomes[outcome] += 1
        if chosen is None:
            gap += 1
        else:
            doc_id = f"{article.id}/{gap}"  # runs across a gap are no running text
            kept.append(Sentence(doc_id, chosen, new_paragraph))
        new_paragraph = has_line_break(span[-1].text)
    return Kept(tuple(kept), outcomes)


def choose(
    trees: Sequence[tuple[Token, ...]], facts: Facts, parsers: int
) -> tuple[tuple[Token, ...] | None, str]:
    """Choose the first of the trees of a sentence that agrees with the facts, and say how."""
    if not trees or len(trees[0]) < 3:
        return None, "short" if trees else "no tree"
    if parsers > 1:
        least = AGREED_IN_SPEECH if facts.claims else AGREED
        if len(trees) < 2 or agreement(trees[0], trees[1]) < least:
            return None, "parsers disagree"
    reason = ""
    for repair in (False, True):
        for number, tree in enumerate(trees):
            settled, why = settle(tree, facts, repair)
            if settled is not None:
                return settled, f"kept: {'repaired' if repair else 'as parsed'}, parser {number}"
            reason = why
    return None, reason


def agreement(one: Sequence[Token], other: Sequence[Token]) -> float:
    """Give the share of words, without marks, that have the same head in two trees."""
    pairs = [(a.head, b.head) for a, b in zip(one, other, strict=True) if a.upos != "PUNCT"]
    return sum(a == b for a, b in pairs) / max(1, len(pairs))


def words_of(doc: Doc, span: Span) -> tuple[Token, ...]:
    """Give a sentence's words as rows, without white space; none if it is no sentence there."""
    start, words = span.start, [t for t in doc[span.start : span.end] if not t.is_space]
    if not words or doc[start].sent.start != start or doc[start].sent.end != span.end:
        return ()
    numbers = {token.i: number for number, token in enumerate(words, 1)}
    if any(token.head.i not in numbers for token in words):
        return ()
    return tuple(
        Token(
            form=token.text,
            lemma=token.text,
            upos=token.pos_,
            xpos=token.tag_,
            feats=str(token.morph) or "_",
            head=0 if token.head.i == token.i else numbers[token.head.i],
            dep="root" if token.head.i == token.i else token.dep_,
            space_after=_space_follows(token),
            misc={},
        )
        for token in words
    )


def _space_follows(token: SpacyToken) -> bool:
    rest = token.doc[token.i + 1 : token.i + 2]
    return bool(token.whitespace_) or any(following.is_space for following in rest)


def facts_of(article: NewsArticle, span: Span) -> Facts:
    """Collect what the annotation says about a sentence."""
    words = [t for t in span if not t.is_space]

    def positions(spans: Iterable[tuple[int, int]]) -> frozenset[int]:
        return frozenset(
            number
            for number, t in enumerate(words, 1)
            for start, end in spans
            if start <= t.idx and t.idx + len(t) <= end
        )

    start, end = span.start_char, span.end_char
    claims = [
        Claim(
            kind=q.kind,
            cue=positions(q.cue_spans),
            source=positions(q.source_spans),
            content=positions(q.spans),
            is_verbal=bool(q.source_spans) and not _cue(article, q).startswith("according"),
        )
        for q in article.quotes
        if any(start <= s < end for s, _ in q.cue_spans)
    ]
    names = [(e.kind, positions([(e.start, e.end)])) for e in article.entities]
    return Facts(tuple(claims), tuple((kind, name) for kind, name in names if name))


def _cue(article: NewsArticle, quote: GoldQuote) -> str:
    return article.text[slice(*quote.cue_spans[0])].lower()
