import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.nlp.name_joins import (
    dateline_places,
    join_pieces,
    speaker_labels,
    titled_people,
    widen,
)
from transforms.nlp.name_spans import NameSpan


def spans_of(text, **names):
    return sorted(
        NameSpan(text.index(word), text.index(word) + len(word), label)
        for label, words in names.items()
        for word in words
    )


def texts(text, spans):
    return [text[s.start : s.end] for s in spans]


@pytest.mark.parametrize(
    ("text", "people", "groups", "whole"),
    [
        ("said Nasr Hamood Al Kiyumi.", ["Nasr Hamood", "Al Kiyumi"], [], "Nasr Hamood Al Kiyumi"),
        ("chair Ma. Luisa Tupas", ["Ma", "Luisa Tupas"], [], "Ma. Luisa Tupas"),
        ("Siti a/p Raman said", ["Siti", "Raman"], [], "Siti a/p Raman"),
        ("Leonilo “Boy” Tizon", ["Leonilo “Boy", "Tizon"], [], "Leonilo “Boy” Tizon"),
        ("the Jordan Food and Drug Administration", [], ["Jordan Food", "Drug Administration"],
         "Jordan Food and Drug Administration"),
        ("the Court of the Federal Union", [], ["Court", "Federal Union"],
         "Court of the Federal Union"),
    ],
)  # fmt: skip
def test_pieces_are_joined(text, people, groups, whole):
    assert texts(text, join_pieces(text, spans_of(text, PERSON=people, ORG=groups))) == [whole]


def test_people_in_a_list_stay_apart():
    text = "Amina Orr, Peter Lee and Ann Kim"
    spans = spans_of(text, PERSON=["Amina Orr", "Peter Lee", "Ann Kim"])
    assert join_pieces(text, spans) == spans


@pytest.mark.parametrize(
    ("text", "label", "word", "whole"),
    [
        ("the player D. Oyun beat", "PERSON", "Oyun", "D. Oyun"),
        ("and Harriet Okafor said", "PERSON", "Okafor", "Harriet Okafor"),
        ("the Retail and Warehouse Alliance", "ORG", "Warehouse Alliance",
         "Retail and Warehouse Alliance"),
        ("the Ministry of Works and Housing said", "ORG", "Ministry of Works",
         "Ministry of Works and Housing"),
        ("the Republican People’s Party won", "PERSON", "Republican People",
         "Republican People’s Party"),
        ("said Amina Orr’s Party", "PERSON", "Amina Orr", "Amina Orr"),
        ("chair, Ma. Luisa Tupas, said", "PERSON", "Luisa Tupas", "Ma. Luisa Tupas"),
        ("said Md. Rahim", "PERSON", "Rahim", "Md. Rahim"),
        ("lawyer Ravindran s/o Muthusamy said", "PERSON", "Ravindran", "Ravindran s/o Muthusamy"),
        ("Datuk Jornis Gimbang @ James", "PERSON", "Jornis Gimbang", "Jornis Gimbang @ James"),
        ("on Wednesday Femi Royle left", "PERSON", "Femi Royle", "Femi Royle"),
        ("asked Mama Tousi twice", "PERSON", "Tousi", "Mama Tousi"),
        ("asked Mama Ruth Tousi", "PERSON", "Ruth Tousi", "Ruth Tousi"),
        ("Beatrice Ojwang’ said so", "PERSON", "Beatrice Ojwang", "Beatrice Ojwang’"),
        ("Asked Amina Kang’s aunt", "PERSON", "Amina Kang", "Amina Kang"),
        ("called her ‘Ms Kang’ again", "PERSON", "Kang", "Kang"),
    ],
)  # fmt: skip
def test_widen(text, label, word, whole):
    assert texts(text, widen(text, spans_of(text, **{label: [word]}))) == [whole]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("asked Prof. Yoshiko Hatakeda of Tohoku", ["Yoshiko Hatakeda"]),
        ("Economist Nazneen Sultana said", ["Nazneen Sultana"]),
        ("the Prime Minister Office", []),
        ("General Hospital", []),
        ("the minister", []),
        ("I'm a Baptist, Bishop. We're about water", []),
    ],
)
def test_people_behind_titles(text, people):
    assert texts(text, titled_people(text, [])) == people


def test_datelines():
    text = "Headline\nKARAK, Oct. 6 (JNS) — It rained.\nIt RAINED — again."
    assert texts(text, dateline_places(text, [])) == ["KARAK"]


def test_initials_of_an_interview():
    text = "Kaisu Nieminen-Hägg talks\nKNH: Yes.\nQ: No?\nKNH: No."
    found = speaker_labels(text, spans_of(text, PERSON=["Kaisu Nieminen-Hägg"]))
    assert texts(text, found) == ["KNH", "KNH"]


@given(st.text(alphabet="AaBÉé .,’'&-\n“”()1Mr", max_size=60), st.data())
def test_any_text_gives_sound_spans(text, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = [
        NameSpan(a, b, data.draw(st.sampled_from(["PERSON", "ORG"])))
        for a, b in zip(cuts[::2], cuts[1::2], strict=False)
        if a < b and text[a:b].strip() and "\n" not in text[a:b]
    ]
    found = widen(text, join_pieces(text, spans))
    for span in [*found, *titled_people(text, spans), *dateline_places(text, spans)]:
        assert 0 <= span.start < span.end <= len(text)


def test_a_letter_s_salutation_is_no_dateline():
    text = "Letters\nSIR – I read with interest.\nTHETFORD — Found: one canoe."
    assert [text[s.start : s.end] for s in dateline_places(text, [])] == ["THETFORD"]
