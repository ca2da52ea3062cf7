import pytest

from tests.transforms.nlp.bundled import make_layout
from transforms.nlp.attribution_options import OptionFinder
from transforms.nlp.cues import find_cues


def sources(text: str) -> list[str]:
    layout = make_layout(text)
    finder = OptionFinder(layout, find_cues(layout))
    found = [finder.source_of(cue) for cue in finder.cues]
    return [text[slice(*layout.chars_of(s.first, s.stop))] if s else "" for s in found]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("“Go home,” said Hon. Amina Orr-Lee, the chair.", "Hon. Amina Orr-Lee"),
        ("“Go home,” said co-author Amina Orr-Lee.", "co-author Amina Orr-Lee"),
        ("Amina Orr-Lee, 83, whose uncle was shot, said she would go home.", "Amina Orr-Lee, 83"),
        ("Robert “Bob” Jones said the club was broke.", "Robert “Bob” Jones"),
    ],
)
def test_a_source_holds_the_whole_name(text: str, source: str):
    assert any(found.startswith(source) for found in sources(text))


def test_a_pronoun_stays_alone():
    assert sources("Amina Orr shook her head. She said the road was shut.")[-1] == "She"
