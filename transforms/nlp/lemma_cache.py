"""Keep the lemmas of words: spaCy's rules look at a word and its analysis, at no neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from spacy.language import Language
from spacy.pipeline import Lemmatizer
from spacy.tokens import Doc

from transforms.nlp.token_keys import token_keys

MAX_WORDS = 50_000  # lemmas kept: some 5 MB; then all are forgotten
_BY_WORD = {"rule", "lookup"}  # modes in which a lemma follows from word and analysis


class LemmaCache:
    """A component in a lemmatizer's place: asks it once for each word and analysis."""

    def __init__(self, lemmatizer: Lemmatizer, max_words: int = MAX_WORDS) -> None:
        self._lemmatizer = lemmatizer
        self._max_words = max_words
        self._lemmas: dict[int, int] = {}

    def __call__(self, doc: Doc) -> Doc:
        """Set the lemma of every token."""
        if len(self._lemmas) > self._max_words:
            self._lemmas = {}
            self._lemmatizer.cache.clear()
        known = self._lemmas
        keys = token_keys(doc, ("ORTH", "POS", "MORPH"))
        for token, key in zip(doc, keys, strict=True):
            if key not in known:
                lemma = self._lemmatizer.lemmatize(token)[0]
                known[key] = doc.vocab.strings.add(lemma)
        lemmas: Any = np.array([known[key] for key in keys], dtype=np.uint64)
        return doc.from_array(["LEMMA"], lemmas)


def cache_lemmas(nlp: Language) -> None:
    """Put a cache in the place of a pipeline's lemmatizer, where it has one that goes by word.

    The pipeline gives what it gave before; the lemmatizer itself stays in it, disabled.
    """
    for name in nlp.pipe_names:
        lemmatizer = nlp.get_pipe(name)
        if isinstance(lemmatizer, Lemmatizer) and lemmatizer.mode in _BY_WORD:
            nlp.add_pipe("newsbeam_lemmas", after=name, config={"lemmatizer": name})
            nlp.disable_pipe(name)


@Language.factory("newsbeam_lemmas", assigns=["token.lemma"], default_config={"lemmatizer": None})
def make_lemma_cache(nlp: Language, name: str, lemmatizer: str) -> LemmaCache:
    """Make the component that remembers what the lemmatizer named in its configuration gives."""
    found = nlp.get_pipe(lemmatizer)
    assert isinstance(found, Lemmatizer)
    return LemmaCache(found)
