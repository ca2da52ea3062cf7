"""Articles are reprinted, and templates filled, without losing the places of names."""

from random import Random

import pytest

from training.name_pools import Namer
from training.names import LABELS, Name, NamedText
from training.news_print import reprint, title_case, with_dateline, with_headline
from training.news_templates import HOLE, UNLABELLED, Filler, made_up_news, read_templates

ARTICLE = NamedText(
    "Port deal angers Orr\n“It’s over,” said Amina Orr of Kisumu.",
    (Name(17, 20, "PERSON"), Name(39, 48, "PERSON"), Name(52, 58, "GPE")),
)


def found(named):
    return [(named.text[n.start : n.end], n.label) for n in named.names]


def test_the_articles_offsets_are_right():
    assert found(ARTICLE) == [("Orr", "PERSON"), ("Amina Orr", "PERSON"), ("Kisumu", "GPE")]


@pytest.mark.parametrize("seed", range(30))
def test_a_reprinted_article_keeps_its_names(seed):
    words = [word.lower() for word, _ in found(reprint(ARTICLE, Random(seed)))]
    assert words[0] == "orr"
    assert words[-2:] == ["amina orr", "kisumu"]


def test_headlines_are_printed_in_another_case():
    assert with_headline(ARTICLE, title_case).text.startswith("Port Deal Angers Orr\n")
    assert found(with_headline(ARTICLE, str.upper))[0] == ("ORR", "PERSON")


@pytest.mark.parametrize("seed", range(10))
def test_a_dateline_names_a_place_before_the_first_paragraph(seed):
    named = with_dateline(ARTICLE, Random(seed))
    names = found(named)
    assert named.text.startswith("Port deal angers Orr\n")
    assert names[1][1] == "GPE"
    assert named.text.partition("\n")[2].startswith(names[1][0])
    assert names[-2:] == [("Amina Orr", "PERSON"), ("Kisumu", "GPE")]


@pytest.mark.parametrize("template", read_templates())
def test_every_template_can_be_filled(template):
    random = Random(1)
    named = Filler(random, Namer(random, ["French", "Kenyan"])).fill(template)
    assert "{" not in named.text
    assert {label for _, label in found(named)} <= set(LABELS)
    assert all(word == word.strip() and word for word, _ in found(named))


def test_an_unknown_hole_is_named_in_the_error():
    random = Random(1)
    with pytest.raises(ValueError, match="nonesuch"):
        Filler(random, Namer(random, ["French"])).fill("{nonesuch} said.")


def test_each_template_is_used_as_often_as_asked():
    texts = list(made_up_news(Random(4), ["French"], copies=2))
    holes = [hole for template in read_templates() for hole in HOLE.findall(template)]
    labelled = [hole for hole in holes if hole not in UNLABELLED]
    assert sum(len(text.names) for text in texts) == 2 * len(labelled)
