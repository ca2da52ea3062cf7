"""The news corpus becomes text with offsets."""

import pytest

from training.newscorpus_reader import is_dev_id, parse_articles, read_articles

XML = """<?xml version="1.0" encoding="UTF-8"?>
<corpus>
<article id="h1-005" outlet="The Post" region="Kenya" desk="courts">
<headline>Port deal ‘<q id="q1" speaker="p1" kind="mixed">a swamp</q>’, <cue q="q1">says</cue> <src q="q1"><per id="p1">Orr</per></src></headline>
<p>“<q id="q2" speaker="p1" kind="direct">We wait,</q>” <cue q="q2">said</cue> <src q="q2">Ms <per id="p1">Amina Orr</per></src> of
<org id="o1">Kisumu &amp; Sons</org>. “<q id="q2" speaker="p1" kind="direct">And wait.</q>”</p>
<p>“<q id="q3" speaker="x:a witness" kind="direct">Nobody came.</q>”</p>
</article>
</corpus>
""".encode()  # noqa: E501


@pytest.fixture
def article():
    return next(parse_articles(XML, "h1/01.xml"))


def test_text_is_headline_and_paragraphs_joined_by_line_breaks(article):
    assert article.text == (
        "Port deal ‘a swamp’, says Orr\n"
        "“We wait,” said Ms Amina Orr of Kisumu & Sons. “And wait.”\n"
        "“Nobody came.”"
    )
    assert [article.text[s:e][:4] for s, e in article.paragraphs] == ["Port", "“We ", "“Nob"]


def test_entities_point_at_their_words(article):
    assert [(e.kind, e.id, article.text[e.start : e.end]) for e in article.entities] == [
        ("per", "p1", "Orr"),
        ("per", "p1", "Amina Orr"),
        ("org", "o1", "Kisumu & Sons"),
    ]
    assert article.names_of("p1") == ("Orr", "Amina Orr")


def test_parts_of_one_utterance_are_one_quotation(article):
    quote = article.quotes[1]
    assert (quote.id, quote.kind, quote.speaker_id) == ("q2", "direct", "p1")
    assert [article.text[s:e] for s, e in quote.spans] == ["We wait,", "And wait."]
    assert [article.text[s:e] for s, e in quote.cue_spans] == ["said"]
    assert [article.text[s:e] for s, e in quote.source_spans] == ["Ms Amina Orr"]
    assert not quote.is_floating


def test_a_quotation_without_cue_and_source_floats(article):
    assert article.quotes[2].is_floating
    assert article.quotes[2].speaker_id == "x:a witness"


@pytest.mark.parametrize(
    ("article_id", "is_dev"),
    [("h1-005", True), ("k3-010", True), ("h1-001", False), ("k1-034", False)],
)
def test_numbers_divisible_by_five_are_dev(article_id, is_dev):
    assert is_dev_id(article_id) is is_dev


def test_a_folder_without_articles_is_named_in_the_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        next(read_articles(tmp_path))
