import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.extract.authors import clean_authors


@pytest.mark.parametrize(
    ("bylines", "authors"),
    [
        (["Amina Orr"], ("Amina Orr",)),
        (["By Amina Orr"], ("Amina Orr",)),
        (["By: Amina Orr and Tom Reed"], ("Amina Orr", "Tom Reed")),
        (["Amina Orr, Tom Reed & Li Wei"], ("Amina Orr", "Tom Reed", "Li Wei")),
        (["Amina Orr; Tom Reed"], ("Amina Orr", "Tom Reed")),
        (["amina orr", "Amina Orr"], ("amina orr",)),
        (["Amina Orr, Staff Writer"], ("Amina Orr",)),
        (["Amina Orr | Harbour Correspondent"], ("Amina Orr",)),
        (["Amina Orr (Reuters)"], ("Amina Orr",)),
        (["Amina Orr, Associated Press"], ("Amina Orr",)),
        (["Reuters"], ("Reuters",)),
        (["Amina Orr amina@example.org"], ("Amina Orr",)),
        (["desk@example.org (Amina Orr)"], ("Amina Orr",)),
        (["https://example.org/people/orr"], ()),
        (["@aminaorr"], ()),
        (["admin"], ()),
        (["Robert Downey, Jr"], ("Robert Downey, Jr",)),
        (["Dr. Amina Orr, MD"], ("Dr. Amina Orr",)),
        (["Von Jan Hinrichs und Eva Maier"], ("Jan Hinrichs", "Eva Maier")),
        (["Par Sophie Marchand et Luc Roy"], ("Sophie Marchand", "Luc Roy")),
        (["<a href='/orr'>Amina&nbsp;Orr</a>"], ("Amina Orr",)),
        (["Amina Orr November 18, 2019"], ("Amina Orr",)),
        (["x" * 200], ()),
        (["", " "], ()),
        ([], ()),
    ],
)
def test_byline_gives_one_name_a_person(bylines, authors):
    assert clean_authors(bylines) == authors


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_byline_gives_clean_names(bylines):
    for name in clean_authors(bylines):
        assert name == name.strip()
        assert "\n" not in name
