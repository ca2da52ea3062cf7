import pytest

from tests.transforms.nlp.helpers import make_doc
from transforms.nlp.mentions import find_names, text_words


def found(text, **names):
    return [(text[s.start : s.end], s.label) for s in find_names(make_doc(text, **names), text)]


def test_words_leave_the_possessive_out():
    assert [w.text for w in text_words("Huxtable's Abbott-Reyes")] == ["Huxtable", "Abbott-Reyes"]


def test_a_missed_repetition_is_found():
    text = "Amina Orr spoke. Nobody heard Orr. So Amina Orr left."
    doc = make_doc(text)
    doc.ents = [doc.char_span(0, 9, "PERSON")]
    names = [text[s.start : s.end] for s in find_names(doc, text)]
    assert names == ["Amina Orr", "Orr", "Amina Orr"]


def test_a_full_name_decides_its_short_forms():
    text = "Amina Orr spoke. Orr said no. But Orr left."
    assert found(text, PERSON="Amina Orr", GPE=["Orr said", "But Orr"]) is not None
    labels = {label for _, label in found(text, PERSON="Amina Orr", GPE=["Orr"])}
    assert labels == {"PERSON"}


@pytest.mark.parametrize(
    ("text", "word", "wrong", "right"),
    [
        (
            "The fine fell on Kerala Karshaka Bank on Monday.",
            "Kerala Karshaka Bank",
            "PERSON",
            "ORG",
        ),
        ("Mr Ospanbekov left.", "Ospanbekov", "GPE", "PERSON"),
        ("It rained in Germany on Monday.", "Germany", "PERSON", "GPE"),
        ("The body is Forest Peoples (FPW) here.", "Forest Peoples", "PERSON", "ORG"),
        ("A shop in Ashram Road closed.", "Ashram Road", "ORG", "GPE"),
    ],
)
def test_company_and_words_correct_the_label(text, word, wrong, right):
    assert dict(found(text, **{wrong: word}))[word] == right


def test_common_words_are_not_found():
    text = "Mark Orr spoke. mark the date, and the orr."
    assert found(text, PERSON="Mark Orr") == [("Mark Orr", "PERSON")]
