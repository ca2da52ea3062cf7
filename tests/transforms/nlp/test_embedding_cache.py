"""Vectors of words that have been seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.nlp.bundled import plain_pipeline
from transforms.nlp.embedding_cache import EmbeddingCache, cache_embeddings, is_lexical, pick_tokens
from transforms.nlp.load import load_pipeline

TEXTS = [
    "“We can't open the harbour,” Amina Orr said.\nShe won't wait.",
    "The minister said the harbour can't open.  Amina Orr disagreed; Orr can wait.",
    "",
    "don't Don't DON'T gonna cannot O'Brien's 6'2\"",
]


@pytest.fixture(scope="module")
def plain():
    return plain_pipeline()


@pytest.fixture(scope="module")
def embed(plain):
    (tok2vec,) = (x for x in plain.get_pipe("ner").model.walk() if x.has_ref("embed"))
    return tok2vec.get_ref("embed")


def assert_same(found, expected):
    assert [len(rows) for rows in found] == [len(rows) for rows in expected]
    for rows, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(rows, other, atol=1e-5)


@pytest.mark.parametrize("max_words", [20_000, 0])
def test_vectors_are_those_of_the_layer(plain, embed, max_words):
    cache = EmbeddingCache(embed, max_words)
    docs = [plain.make_doc(text) for text in TEXTS]
    for _ in range(2):
        assert_same(cache.embed(docs), embed.predict(docs))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=4))
def test_any_text_has_the_vectors_of_the_layer(plain, embed, texts):
    docs = [plain.make_doc(text) for text in texts]
    assert_same(EmbeddingCache(embed).embed(docs), embed.predict(docs))


def test_word_is_embedded_once(plain, embed, monkeypatch):
    cache, asked = EmbeddingCache(embed), []
    docs = [plain.make_doc("Orr said that Orr said it.")]
    predict = type(embed).predict
    monkeypatch.setattr(
        type(embed),
        "predict",
        lambda self, docs: asked.extend(map(len, docs)) or predict(self, docs),
    )
    cache.embed(docs)
    cache.embed(docs)
    assert asked == [len({(token.text, token.whitespace_) for token in docs[0]})]


def test_norms_that_the_tokenizer_gave_are_kept(plain):
    doc = plain.make_doc("I can't, he cannot, they won't.")
    picked = pick_tokens([doc], range(len(doc)))
    assert [token.norm_ for token in picked] == [token.norm_ for token in doc]


def test_layers_of_the_bundled_pipeline_are_cached():
    nlp = load_pipeline()
    embeds = [
        layer.get_ref("embed").name
        for name in ("tok2vec", "ner")
        for layer in nlp.get_pipe(name).model.walk()
        if layer.has_ref("embed")
    ]
    assert embeds == ["cached_embedding", "cached_embedding"]


def test_layer_that_reads_what_a_component_said_is_left_alone(plain, embed):
    (reader,) = (layer for layer in embed.walk() if layer.name == "extract_features")
    before = reader.attrs["columns"]
    reader.attrs["columns"] = [*before, "POS"]
    try:
        assert not is_lexical(embed)
    finally:
        reader.attrs["columns"] = before
    assert is_lexical(embed)


def test_pipeline_with_a_cache_refuses_training():
    nlp = load_pipeline()
    with pytest.raises(ValueError, match="cannot be trained"):
        nlp.get_pipe("ner").model.begin_update([nlp.make_doc("Orr said so.")])


def test_results_are_those_of_the_plain_pipeline(plain):
    cached = load_pipeline(caches=False)
    cache_embeddings(cached)
    for text in TEXTS:
        one, other = plain(text), cached(text)
        assert [(t.tag_, t.dep_, t.head.i, t.ent_type_) for t in one] == [
            (t.tag_, t.dep_, t.head.i, t.ent_type_) for t in other
        ]
