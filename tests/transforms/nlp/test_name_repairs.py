"""Certain words are what they are, whatever the recognizer says."""

import pytest

from transforms.nlp.name_repairs import is_fixed_place, mend
from transforms.nlp.name_spans import NameSpan


def mended(text, words, label):
    start = text.index(words)
    spans = mend(text, NameSpan(start, start + len(words), label))
    return [(text[s.start : s.end], s.label) for s in spans]


@pytest.mark.parametrize("words", ["COVID-19", "GDP", "MW", "CEO", "Eid al-Adha", "Crown Prince"])
def test_units_diseases_offices_and_feasts_are_no_names(words):
    assert mended(f"They spoke of {words} at noon.", words, "ORG") == []


@pytest.mark.parametrize(
    ("text", "words", "label", "expected"),
    [
        ("firms in the UAE grew", "UAE", "ORG", [("UAE", "GPE")]),
        ("the Islamic Republic of Iran said", "Islamic Republic of Iran", "ORG",
         [("Islamic Republic of Iran", "GPE")]),
        ("State of Play is on", "State of Play", "ORG", [("State of Play", "ORG")]),
        ("the Commander of the Royal Navy spoke", "Commander of the Royal Navy", "ORG",
         [("Royal Navy", "ORG")]),
        ("the Accountant General of Police", "Accountant General of Police", "ORG",
         [("Accountant General of Police", "ORG")]),
        ("Minister of Mines Ada Orr", "Minister of Mines", "ORG", []),
        ("kilns by Corvo Forni S.p.A. of Lecco", "Corvo Forni", "PERSON",
         [("Corvo Forni S.p.A.", "ORG")]),
        ("supplied by Halden Kestrel AG in May", "Halden Kestrel", "PERSON",
         [("Halden Kestrel AG", "ORG")]),
        ("the Stour Ramblers and two others", "Stour Ramblers and", "ORG",
         [("Stour Ramblers", "ORG")]),
        ("taught at the School of Law. Tso, who", "School of Law. Tso", "ORG",
         [("School of Law", "ORG")]),
        ("Travis Ledbetter, R-Roswell, asked", "R-Roswell", "PERSON", [("Roswell", "GPE")]),
        ("the Punjab CM said", "Punjab CM", "ORG", [("Punjab", "GPE")]),
        ("the ANC MP said", "ANC MP", "ORG", [("ANC", "ORG")]),
        ("fans of Zamalek SC sang", "Zamalek SC", "ORG", [("Zamalek SC", "ORG")]),
        ("Amina Orr said", "Amina Orr", "PERSON", [("Amina Orr", "PERSON")]),
    ],
)  # fmt: skip
def test_a_name_is_cut_widened_or_given_its_label(text, words, label, expected):
    assert mended(text, words, label) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Sahel", True), ("Republic of Kenya", True), ("Republic of Letters", False), ("Orr", False)],
)
def test_regions_and_states_are_places_by_their_words(name, expected):
    assert is_fixed_place(name) is expected
