"""Turns treebank sentences into spaCy documents with paragraphs, as running text has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from spacy.tokens import Doc
from spacy.vocab import Vocab

from training.conllu import Sentence, Token

NEWLINE = Token("\n", "\n", "SPACE", "_SP", "_", 0, "dep", False, {})
MAX_WORDS = 250  # of one training document


def make_documents(
    sentences: Iterable[Sentence], vocab: Vocab, max_words: int = MAX_WORDS
) -> Iterator[Doc]:
    """Yield documents of up to `max_words`; paragraphs are parted by a line break token.

    A line break is a token of its own in spaCy; it hangs on the token before it and belongs to
    that token's sentence, as spaCy's own whitespace augmenter has it.
    """
    for piece in split_into_pieces(sentences, max_words):
        yield make_document(piece, vocab)


def split_into_pieces(
    sentences: Iterable[Sentence], max_words: int
) -> Iterator[tuple[Sentence, ...]]:
    """Cut a treebank into runs of whole sentences of one document."""
    piece: list[Sentence] = []
    words = 0
    for sentence in sentences:
        size = len(sentence.tokens)
        if piece and (sentence.doc_id != piece[-1].doc_id or words + size > max_words):
            yield tuple(piece)
            piece, words = [], 0
        piece.append(sentence)
        words += size
    if piece:
        yield tuple(piece)


def make_document(sentences: Sequence[Sentence], vocab: Vocab) -> Doc:
    """Join sentences into one document with tags, morphology, lemmas, heads and sentence starts."""
    words: list[Token] = []
    heads: list[int] = []
    starts: list[bool | int | None] = []
    for number, sentence in enumerate(sentences):
        if number and sentence.starts_paragraph:
            words[-1] = replace(words[-1], space_after=False)
            words.append(NEWLINE)
            heads.append(len(words) - 2)
            starts.append(False)
        first = len(words)
        for position, token in enumerate(sentence.tokens):
            words.append(token)
            heads.append(first + token.head - 1 if token.head else first + position)
            starts.append(position == 0)
    return Doc(
        vocab,
        words=[token.form for token in words],
        spaces=[token.space_after for token in words],
        tags=[token.xpos for token in words],
        pos=[token.upos for token in words],
        morphs=["" if token.feats == "_" else token.feats for token in words],
        lemmas=[token.lemma for token in words],
        heads=heads,
        deps=["ROOT" if token.dep == "root" else token.dep for token in words],
        sent_starts=starts,
    )
