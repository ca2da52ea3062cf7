import pytest

from tests.transforms.nlp.bundled import make_layout
from transforms.nlp.cues import find_cues
from transforms.nlp.sources import find_source


def sources(text: str) -> list[str]:
    layout = make_layout(text)
    found = [find_source(layout, cue) for cue in find_cues(layout)]
    return [text[slice(*layout.chars_of(s.first, s.stop))] if s else "" for s in found]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("“The road is shut,” said Amina Orr.", "Amina Orr"),
        ("“The road is shut,” Amina Orr said.", "Amina Orr"),
        ("“The road is shut,” she said.", "she"),
        ("Amina Orr said the road was shut.", "Amina Orr"),
        ("According to the police, the road was shut.", "the police"),
        ("The road is shut, according to Amina Orr.", "Amina Orr"),
        ("A spokesman for the council said the road was shut.", "A spokesman for the council"),
        ("The drivers, who said the road was shut, went home.", "who"),
        ("The road was shut, said Amina Orr.", "Amina Orr"),
    ],
)
def test_the_source_is_found_on_either_side_of_its_cue(text: str, source: str):
    assert sources(text)[0] == source


def test_a_participle_takes_the_subject_of_the_verb_above():
    assert sources("Amina Orr shook her head, adding that the road was shut.") == ["Amina Orr"]


def test_a_second_verb_takes_the_subject_of_the_first():
    assert sources("Amina Orr apologised and said the road was shut.")[-1] == "Amina Orr"


def test_what_is_inside_marks_is_no_source():
    assert "Orr" not in sources("“Orr knows,” said Ben Hall.")[0]


def test_a_relative_pronoun_stands_for_its_antecedent():
    layout = make_layout("The drivers, who said the road was shut, went home.")
    source = find_source(layout, find_cues(layout)[0])
    assert source is not None
    assert source.meaning is not None
    assert layout.lower[source.meaning[0] : source.meaning[1]][:2] == ["the", "drivers"]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Amina Orr said Wednesday that the road was shut.", "Amina Orr"),
        ("Amina Orr on Friday said the road was shut.", "Amina Orr"),
        ("Amina Orr later Thursday told reporters the road was shut.", "Amina Orr"),
        ("Amina Orr issued a statement saying the road was shut.", "Amina Orr"),
        ("Amina Orr said it was shut but insisted the bridge was safe.", "Amina Orr"),
    ],
)
def test_days_and_phrases_behind_prepositions_do_not_speak(text: str, source: str):
    assert sources(text)[-1] == source


@pytest.mark.parametrize(
    "text", ["Orr was asked about the “safe” road.", "The so-called “safe” road is shut."]
)
def test_the_subject_of_a_passive_is_no_source(text: str):
    assert not any(sources(text))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Ms. Sherry smiled and said, “I'm waiting.”", "Ms. Sherry"),
        ("Conceding that it was safe “down the line”, Amina Orr left.", "Amina Orr"),
        ("Amina Orr said the plan would fail and called it “a farce”.", "Amina Orr"),
        ("Ban condemned what he called a “brazen breach”.", "Ban"),
    ],
)
def test_the_subject_of_a_verb_further_up_is_the_source(text: str, source: str):
    assert sources(text)[-1] == source
