"""Keep the embeddings of words: most words of a text have been seen before.

The first layer of spaCy's `Tok2Vec` sees one token at a time, without context: what it gives for a
token follows from the token's word, norm and trailing blank. In running news nine tokens of ten
come again within some articles, so their vectors are kept, up to a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Model, NumpyOps

from transforms.nlp.token_keys import token_keys

Embed = Model[list[Doc], list[NDArray[np.float32]]]

MAX_WORDS = 20_000  # vectors kept a layer: some 10 MB; then all are forgotten
_KEY = ("ORTH", "NORM", "SPACY")
LEXICAL = frozenset(  # attributes that follow from the key
    {*_KEY, "LOWER", "PREFIX", "SUFFIX", "SHAPE", "LENGTH", "IS_SPACE", "IS_ALPHA", "IS_ASCII"}
    | {"IS_DIGIT", "IS_LOWER", "IS_UPPER", "IS_TITLE", "IS_PUNCT", "LIKE_NUM", "LIKE_URL"}
)


def cache_embeddings(nlp: Language, max_words: int = MAX_WORDS) -> None:
    """Put a cache before each layer of a pipeline that embeds single tokens, on a CPU.

    Layers that look at more than the word are left alone. The pipeline gives what it gave before,
    but can no longer be trained or saved: not for pipelines that are to be either.
    """
    for _, component in nlp.pipeline:
        model = getattr(component, "model", None)
        for layer in list(model.walk()) if isinstance(model, Model) else []:
            if layer.has_ref("embed") and is_lexical(layer.get_ref("embed")):
                embed = layer.get_ref("embed")
                cached = EmbeddingCache(embed, max_words).as_layer()
                layer.layers[layer.layers.index(embed)] = cached
                layer.set_ref("embed", cached)


def is_lexical(embed: Embed) -> bool:
    """Say whether a layer embeds each token by its word alone, as NumPy arrays."""
    known = {"extract_features", "static_vectors"}
    readers = [layer for layer in embed.walk() if layer.name in known]
    columns = {name for layer in readers for name in layer.attrs.get("columns", ())}
    keys = {layer.attrs.get("key_attr", "ORTH") for layer in readers}
    return bool(readers) and columns | keys <= LEXICAL and isinstance(embed.ops, NumpyOps)


class EmbeddingCache:
    """The vectors of words that a layer has embedded, by word, norm and trailing blank."""

    def __init__(self, embed: Embed, max_words: int = MAX_WORDS) -> None:
        self._embed = embed
        self._max_words = max_words
        self._lock = Lock()  # threads of a worker share the model
        self._rows: dict[int, int] = {}
        self._table: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def as_layer(self) -> Embed:
        """Return the layer that takes the embedding layer's place."""

        def forward(
            _: Embed, docs: list[Doc], is_train: bool
        ) -> tuple[list[NDArray[np.float32]], Callable[[Any], Any]]:
            if is_train:
                raise ValueError("a pipeline with cached embeddings cannot be trained; load anew")
            return self.embed(docs), lambda _: []

        return Model("cached_embedding", forward, dims={"nO": self._embed.maybe_get_dim("nO")})

    def embed(self, docs: Sequence[Doc]) -> list[NDArray[np.float32]]:
        """Return the vectors of each text's tokens, as the layer gives them."""
        keys = [key for doc in docs for key in token_keys(doc, _KEY)]
        with self._lock:
            if len(self._rows) > self._max_words:
                self._rows = {}
            self._learn(docs, keys)
            found = self._table[[self._rows[key] for key in keys]]
        ends = np.cumsum([len(doc) for doc in docs])
        return np.split(found, ends[:-1])

    def _learn(self, docs: Sequence[Doc], keys: list[int]) -> None:
        new: dict[int, int] = {}
        for position, key in enumerate(keys):
            if key not in self._rows:
                new.setdefault(key, position)
        if not new:
            return
        vectors = self._embed.predict([pick_tokens(docs, list(new.values()))])[0]
        first = len(self._rows)
        self._make_room(first + len(new), vectors)
        self._table[first : first + len(new)] = vectors
        self._rows.update(zip(new, range(first, first + len(new)), strict=True))

    def _make_room(self, wanted: int, vectors: NDArray[np.float32]) -> None:
        if wanted > len(self._table):
            table = np.empty((max(1024, 2 * wanted), vectors.shape[1]), vectors.dtype)
            kept = self._table[: len(self._rows)]
            if len(kept):
                table[: len(kept)] = kept
            self._table = table


def pick_tokens(docs: Sequence[Doc], positions: Sequence[int]) -> Doc:
    """Make a text of the tokens at some positions of the texts' common count, norms included."""
    tokens = [token for doc in docs for token in doc]
    picked = [tokens[position] for position in positions]
    words = [token.text for token in picked]
    made = Doc(docs[0].vocab, words=words, spaces=[bool(token.whitespace_) for token in picked])
    for token, like in zip(made, picked, strict=True):
        if token.norm != like.norm:
            token.norm_ = like.norm_
    return made
