import pytest

from tests.transforms.nlp.bundled import make_layout
from transforms.nlp.titles import is_title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She starred in the film “Glass Rain” last year.", True),
        ("His memoir, titled “The Long Road to Wick”, is out.", True),
        ("“Glass Rain” star Amina Orr opened the fair.", True),
        ("Speaking on Radio Orwell’s “Morning Call”, she was calm.", True),
        ("Critics praised “The Long Road Home” by Ana Diaz.", True),
        ("As a boss on “The Glass House,” she was calm.", True),
        ("An episode of “Salt” was shown.", True),
        ("She lived in “squalor” for years.", False),
        ("They called it “Madness” by the bay.", False),
        ("She called the plan “Mad and Bad”.", False),
        ("The film was “a dreary affair”.", False),
        ("“Glass Rain,” said Amina Orr.", False),
    ],
)
def test_a_title_is_capitalized_and_stands_beside_a_word_for_works(text: str, expected: bool):
    layout = make_layout(text)
    assert [is_title(layout, number) for number in range(len(layout.marked))] == [expected]
