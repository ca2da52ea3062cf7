import pytest

from transforms.nlp.names import (
    fold,
    given_name_gender,
    is_acronym_of,
    is_initials_of,
    leading_titles,
    match_organization,
    match_person,
    name_words,
    titles_before,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Michał Ó Dálaigh", "michal o dalaigh"), ("N’Dour", "n'dour"), ("Sørensen", "sorensen")],
)
def test_fold_drops_case_and_diacritics(text, folded):
    assert fold(text) == folded


def test_name_words_leave_out_generations_and_honours():
    assert name_words("Ramón Peguero Jr.") == ("ramon", "peguero")
    assert name_words("Oonagh Devane-Clarke KC") == ("oonagh", "devane-clarke")


@pytest.mark.parametrize(
    ("short", "full", "fits"),
    [
        ("Orr", "Amina Orr", True),
        ("Amina", "Amina Orr", True),
        ("A. Orr", "Amina Orr", True),
        ("Le Goff", "Yann Le Goff", True),
        ("Mahfuzul Bari", "Khondaker Mahfuzul Bari", True),
        ("Sammy", "Sammy-Jo Prescott", True),
        ("ORR", "Amina Orr", True),
        ("Orr", "Amina Orrell", False),
        ("Peter Orr", "Amina Orr", False),
        ("A.", "Amina Orr", False),
        ("Le", "Yann Le Goff", False),
        ("", "Amina Orr", False),
    ],
)
def test_match_person(short, full, fits):
    assert (match_person(short, full) > 0) is fits


@pytest.mark.parametrize(
    ("short", "full", "fits"),
    [
        ("Stornoway", "Stornoway Pipelines Inc.", True),
        ("Hanbit Marine", "Hanbit Marine Co.", True),
        ("the Finance Ministry", "Ministry of Finance", True),
        ("Huxtable's", "Huxtable's of Smethwick", True),
        ("Boi Real", "Boi Real Alimentos", True),
        ("Bank", "Bank of Tanzania", False),
        ("National Assembly", "National Assembly Standing Committee on Communications", False),
        ("Ministry of Health", "Ministry of Finance", False),
    ],
)
def test_match_organization(short, full, fits):
    assert (match_organization(short, full) > 0) is fits


@pytest.mark.parametrize(
    ("short", "full", "fits"),
    [
        ("WHO", "World Health Organization", True),
        ("BoT", "Bank of Tanzania", True),
        ("U.N.", "United Nations", True),
        ("HSE", "Health and Safety Executive", True),
        ("WTO", "World Health Organization", False),
        ("Who", "World Health Organization", False),
    ],
)
def test_is_acronym_of(short, full, fits):
    assert is_acronym_of(short, full) is fits


def test_is_initials_of():
    assert is_initials_of("KNH", "Kaisu Nieminen-Hägg")
    assert not is_initials_of("KN", "Olli Nieminen")


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("Mr Orr", "Orr"),
        ("President Amina Orr", "Amina Orr"),
        ("Prime Minister Sir Amina Orr", "Amina Orr"),
        ("Detective Chief Inspector Orr", "Orr"),
        ("Amina Orr", "Amina Orr"),
        ("President", "President"),
        ("Me Lachapelle", "Lachapelle"),
    ],
)
def test_leading_titles(name, rest):
    assert name[leading_titles(name) :] == rest


def test_titles_before_give_gender_and_role():
    text = "A letter to Ms Orr and Senator Rob Lee"
    start, titles = titles_before(text, text.index("Orr"))
    assert text[start:].startswith("Ms Orr")
    assert [t.gender for t in titles] == ["f"]
    _, titles = titles_before(text, text.index("Rob"))
    assert [t.role for t in titles] == ["senator"]


@pytest.mark.parametrize(
    ("name", "woman"), [("Fiona Byrne", True), ("Wojciech Orr", False), ("Ma. Santos Cruz", True)]
)
def test_given_names_tell_gender(name, woman):
    share = given_name_gender(name)
    assert share is not None
    assert (share > 0.5) is woman


def test_unknown_given_name_tells_nothing():
    assert given_name_gender("Zxqwv Orr") is None
