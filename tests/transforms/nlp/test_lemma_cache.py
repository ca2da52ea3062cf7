"""Lemmas of words that have been seen."""

import pytest
import spacy

from tests.transforms.nlp.bundled import plain_pipeline
from transforms.nlp.lemma_cache import LemmaCache, cache_lemmas
from transforms.nlp.load import load_pipeline

TEXTS = [
    "He was saying that the leaves had left, and she leaves.",
    "They met at the meeting; meetings were met with cries.",
    "",
    "The best of men saw better saws. Unzorbled zorbs zorbed.",
]


@pytest.fixture(scope="module")
def plain():
    return plain_pipeline()


@pytest.mark.parametrize("max_words", [50_000, 0])
def test_lemmas_are_those_of_the_lemmatizer(plain, max_words):
    cache = LemmaCache(plain.get_pipe("lemmatizer"), max_words)
    for text in TEXTS * 2:
        doc = plain(text)
        expected = [token.lemma_ for token in doc]
        for token in doc:
            token.lemma = 0
        assert [token.lemma_ for token in cache(doc)] == expected


def test_word_with_two_analyses_has_two_lemmas(plain):
    cache = LemmaCache(plain.get_pipe("lemmatizer"))
    lemmas = {token.lemma_ for token in cache(plain(TEXTS[0])) if token.text == "leaves"}
    assert lemmas == {"leaf", "leave"}


def test_lemmatizer_is_asked_once_a_word(plain, monkeypatch):
    lemmatizer, asked = plain.get_pipe("lemmatizer"), []
    cache = LemmaCache(lemmatizer)
    lemmatize = lemmatizer.lemmatize
    monkeypatch.setattr(
        lemmatizer, "lemmatize", lambda token: asked.append(token.text) or lemmatize(token)
    )
    doc = plain("The minister said so. The minister said so.")
    asked.clear()
    cache(doc)
    assert sorted(asked) == sorted({token.text for token in doc})


def test_cache_takes_the_lemmatizers_place():
    nlp = load_pipeline(caches=False)
    cache_lemmas(nlp)
    assert "lemmatizer" in nlp.disabled
    assert nlp.pipe_names.index("newsbeam_lemmas") < nlp.pipe_names.index("newsbeam_entities")


def test_pipeline_without_a_lemmatizer_is_left_alone():
    nlp = spacy.blank("en")
    cache_lemmas(nlp)
    assert nlp.pipe_names == []
