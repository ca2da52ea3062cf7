"""The bundled pipeline loads without newsbeam's code, and knows names, tags and trees."""

from pathlib import Path

import pytest
import spacy

from training.gazetteer import FEATURES, gazetteer, set_vectors

MODEL = Path(__file__).parents[2] / "transforms" / "nlp" / "en_newsbeam_sm"
TEXT = (
    "“We will not wait,” said Amina Orr, the harbour minister of Kenya, on Tuesday. "
    "She told Kisumu City Council that the deal with the World Bank had failed.\n"
    "Residents of London were not told."
)


@pytest.fixture(scope="module")
def nlp():
    return spacy.load(MODEL)


@pytest.fixture(scope="module")
def doc(nlp):
    return nlp(TEXT)


def test_it_has_the_pipes_and_says_what_it_is(nlp):
    assert {"tok2vec", "tagger", "morphologizer", "parser", "lemmatizer", "ner"} <= set(
        nlp.pipe_names
    )
    assert (nlp.meta["lang"], nlp.meta["name"]) == ("en", "newsbeam_sm")
    assert nlp.meta["license"] == "CC BY-SA 4.0"
    assert set(nlp.get_pipe("ner").labels) == {
        "PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "label"),
    [("Amina Orr", "PERSON"), ("Kenya", "GPE"), ("World Bank", "ORG"), ("London", "GPE")],
)
def test_it_finds_names(doc, words, label):
    assert (words, label) in [(e.text.removeprefix("the "), e.label_) for e in doc.ents]


def test_it_parses_a_quotation_under_its_cue(doc):
    said = next(token for token in doc if token.text == "said")
    assert {child.text for child in said.children if child.dep_ == "nsubj"} == {"Amina"}
    assert [child.text for child in said.children if child.dep_ == "ccomp"] == ["wait"]


def test_a_line_break_ends_a_sentence(doc):
    assert [sentence.text.strip()[:9] for sentence in doc.sents] == [
        "“We will ",
        "She told ",
        "Residents",
    ]


def test_tags_and_lemmas_are_set(doc):
    told = next(token for token in doc if token.text == "told")
    assert (told.pos_, told.tag_, told.lemma_) == ("VERB", "VBD", "tell")


def test_it_is_small_enough_to_live_in_the_repository():
    assert sum(path.stat().st_size for path in MODEL.rglob("*") if path.is_file()) < 30_000_000


def test_the_gazetteer_says_which_lists_a_word_stands_in():
    features = gazetteer({"minister": 9, "Nairobi": 1, "the": 50})
    row = dict(zip(FEATURES, features["Nairobi"], strict=True))
    assert row["town"] > 0.5
    assert row["country"] == 0
    assert dict(zip(FEATURES, features["Kenya"], strict=True))["country"] == 1
    assert "Xqztl" not in features


def test_a_share_of_the_gazetteer_can_be_held_back():
    whole, part = (sum(any(row[:2]) for row in gazetteer({}, share).values()) for share in (0, 0.4))
    assert 0.5 < part / whole < 0.75


def test_words_with_equal_features_share_a_row():
    vocab = spacy.blank("en").vocab
    set_vectors(vocab, {"Orr": (1.0, 0.0), "Kay": (1.0, 0.0), "Nairobi": (0.0, 1.0)})
    assert vocab.vectors.shape == (2, 2)
    assert vocab["Orr"].vector.tolist() == vocab["Kay"].vector.tolist() == [1.0, 0.0]
