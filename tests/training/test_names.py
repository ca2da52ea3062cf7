"""Named-entity corpora come to one form, and names are swapped without losing their places."""

from random import Random

import pytest
import spacy

from training.conllu import parse_sentences
from training.gum_names import sentence_names
from training.name_sources import convert, group, parse_columns, parse_iob2
from training.names import Name, NamedText, detokenize, from_words, join, to_document
from training.places import place_label
from training.swap import Swapper

UNER = """\
# sent_id = 1
# text = French Mr. Orr flew to Nairobi.
1\tFrench\tB-OTH\t-\tx
2\tMr.\tO
3\tOrr\tB-PER\t-\tx
4\tflew\tO
5\tto\tO
6\tNairobi\tB-LOC\t-\tx
7\t.\tO
"""


def found(named):
    return [(named.text[n.start : n.end], n.label) for n in named.names]


def test_uner_places_are_told_apart_and_what_it_does_not_mark_is_unknown():
    (named,) = convert(parse_iob2(UNER), "uner-english-ewt")
    assert named.text == "French Mr. Orr flew to Nairobi."
    assert found(named) == [("French", "?"), ("Orr", "PERSON"), ("Nairobi", "GPE")]


@pytest.mark.parametrize(
    ("source", "columns", "expected"),
    [
        ("crossner", "Angela B-politician\nMerkel I-politician", [("Angela Merkel", "PERSON")]),
        ("crossner", "1934 B-election\nelection I-election", [("1934 election", "EVENT")]),
        ("wnut17", "Apple B-corporation\niPad B-product", [("Apple", "ORG")]),
        ("multiner-cc0", "Galle B-LOC\nRoad I-LOC", [("Galle Road", "LOC")]),
        ("wikigold", "the B-ORG\nGuild I-ORG", [("the Guild", "ORG")]),
        ("wikigold", "Ulysses I-MISC", [("Ulysses", "?")]),
    ],
)
def test_finer_types_become_the_models_labels(source, columns, expected):
    (named,) = convert(parse_columns(columns), source)
    assert found(named) == [(w.removeprefix("the "), label) for w, label in expected]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["He", "did", "n't", "go", ",", "she", "said", "."], "He didn't go, she said."),
        (['"', "No", ",", '"', "he", "said", "."], '"No," he said.'),
        (["(", "AP", ")", "$", "5"], "(AP) $5"),
    ],
)
def test_words_are_joined_as_print_has_them(words, text):
    joined, spans = detokenize(words)
    assert joined == text
    assert [joined[s:e] for s, e in spans] == words


def test_tags_without_b_start_a_name_where_the_label_changes():
    named = from_words(["Orr", "BBC", "News"], ["I-PER", "I-ORG", "I-ORG"])
    assert found(named) == [("Orr", "PER"), ("BBC News", "ORG")]


def test_joined_texts_keep_their_names():
    part = NamedText("Orr spoke.", (Name(0, 3, "PERSON"),))
    assert found(join([part, part], "\n")) == [("Orr", "PERSON")] * 2


def test_grouping_loses_no_name():
    parts = [NamedText(f"N{i} spoke.", (Name(0, 2, "PERSON"),)) for i in range(9)]
    grouped = list(group(parts, Random(3)))
    assert [w for g in grouped for w, _ in found(g)] == [f"N{i}" for i in range(9)]


def test_unknown_and_misaligned_names_are_missing_values():
    named = NamedText(
        "Orr met Unesco-ish Kay", (Name(0, 3, "PERSON"), Name(8, 14, "?"), Name(19, 21, "ORG"))
    )
    doc = to_document(named, spacy.blank("en"))
    assert [(e.text, e.label_) for e in doc.ents] == [("Orr", "PERSON")]
    assert [t.text for t in doc if t.ent_iob_ == ""] == ["Unesco", "Kay"]


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ("Kenya", "GPE"),
        ("Nairobi", "GPE"),
        ("the United States", "GPE"),
        ("River Nile", "LOC"),
        ("Lake Victoria", "LOC"),
        ("West Africa", "LOC"),
        ("Heathrow Airport", "FAC"),
        ("Xqzt", None),
    ],
)
def test_places_are_told_by_gazetteer_and_last_word(place, label):
    assert place_label(place) == label


GUM = """\
1\tEnglish\tEnglish\tADJ\tJJ\t_\t2\tamod\t_\tEntity=(1-person-new-x(2-place-new-x-England)
2\tcaptain\tcaptain\tNOUN\tNN\t_\t3\tnmod:desc\t_\t_
3\tHarry\tHarry\tPROPN\tNNP\t_\t5\tnsubj\t_\t_
4\tKane\tKane\tPROPN\tNNP\t_\t3\tflat\t_\tEntity=1)
5\tleft\tleave\tVERB\tVBD\t_\t0\troot\t_\t_
6\tthe\tthe\tDET\tDT\t_\t7\tdet\t_\tEntity=(3-organization-new-x-UN
7\tUnited\tUnited\tPROPN\tNNP\t_\t5\tobj\t_\t_
8\tNations\tNation\tPROPN\tNNP\t_\t7\tflat\t_\tEntity=3)|SpaceAfter=No
9\t.\t.\tPUNCT\t.\t_\t5\tpunct\t_\t_
"""


def test_gum_names_are_cut_out_of_their_noun_phrases():
    (sentence,) = parse_sentences(GUM.splitlines())
    assert found(sentence_names(sentence)) == [
        ("English", "?"),
        ("Harry Kane", "PERSON"),
        ("United Nations", "ORG"),
    ]


ARTICLE = NamedText(
    "Ms Amina Orr of Kirklees Council met Bo Lee in Kenya. Orr left. SMITHSON stayed.",
    (
        Name(3, 12, "PERSON"),
        Name(16, 32, "ORG"),
        Name(37, 43, "PERSON"),
        Name(47, 52, "GPE"),
        Name(54, 57, "PERSON"),
        Name(64, 72, "PERSON"),
    ),
)


@pytest.mark.parametrize("seed", range(10))
def test_swapped_names_keep_labels_and_the_text_around_them(seed):
    swapper = Swapper(Random(seed), frozenset({"council"}), ["French", "Kenyan"], share=1.0)
    swapped = swapper.swap(ARTICLE)
    assert [n.label for n in swapped.names] == [n.label for n in ARTICLE.names]
    around = [
        swapped.text[a.end : b.start]
        for a, b in zip(swapped.names, swapped.names[1:], strict=False)
    ]
    assert around == [" of ", " met ", " in ", ". ", " left. "]
    words = [word for word, _ in found(swapped)]
    assert words[0].endswith(words[4]), "a surname goes with its full name"
    assert words[5].isupper()
    assert words[0] != "Amina Orr"


def test_swaps_are_the_same_for_the_same_seed():
    first, second = (Swapper(Random(5), frozenset(), ["French"]).swap(ARTICLE) for _ in range(2))
    assert first == second
