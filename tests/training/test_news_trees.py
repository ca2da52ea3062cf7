"""Where sentences of annotated news end is known from their stops and from who says what."""

import pytest
import spacy
from lxml import etree

from tests.training.test_tree_claims import RIGHT, tree
from training.news_trees import choose, facts_of, sentence_starts
from training.newscorpus_reader import parse_article
from training.tree_claims import Facts


@pytest.fixture(scope="module")
def nlp():
    return spacy.blank("en")


def article(body):
    return parse_article(
        etree.fromstring(f'<article id="a-1"><headline>H</headline>{body}</article>')
    )


SAID = '<cue q="1">said</cue> <src q="1">Orr</src>'


@pytest.mark.parametrize(
    ("body", "first_words"),
    [
        ("<p>It rains. Kay left.</p>", ["H", "It", "Kay"]),
        (f'<p>“<q id="1" speaker="x" kind="direct">Is it so?</q>” {SAID}. Kay left.</p>',
         ["H", "“", "Kay"]),
        (f'<p>"<q id="1" speaker="x" kind="direct">It is,</q>" {SAID}. "So be it."</p>',
         ["H", '"', '"']),
        ('<p><src q="1">Orr</src> <cue q="1">said</cue>: “<q id="1" speaker="x" kind="direct">It '
         "is. We go.</q>”</p>", ["H", "Orr", "We"]),
    ],
)  # fmt: skip
def test_sentences_start_after_stops_but_not_between_content_and_cue(nlp, body, first_words):
    doc = nlp(article(body).text)
    starts = sentence_starts(doc, article(body))
    assert [token.text for token, is_start in zip(doc, starts, strict=True) if is_start] == (
        first_words
    )


def test_facts_count_the_words_of_a_sentence(nlp):
    own = article(f'<p>“<q id="1" speaker="x" kind="direct">Go</q>,” {SAID}.</p>')
    doc = nlp(own.text)
    claim = facts_of(own, doc[2:]).claims[0]
    assert (claim.content, claim.cue, claim.source) == ({2}, {5}, {6})


def test_sentences_that_parsers_see_differently_are_left_out():
    other = tree(("it", 4, "obj"), ("rains", 3, "nsubj"), ("Orr", 0, "root"), ("said", 3, "acl"))
    assert choose([RIGHT, other], Facts((), ()), parsers=2) == (None, "parsers disagree")
    assert choose([RIGHT, RIGHT], Facts((), ()), parsers=2)[0] == RIGHT
