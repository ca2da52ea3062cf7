import pytest

from tests.transforms.nlp.bundled import annotate

TALK = (
    "Council row\nAmina Orr, the harbour minister, met the mayor, Ben Hall, on Monday.\n"
    "“Did you read the letter?” asked Orr.\n“I read it twice,” said Hall.\n"
)


def speakers(text: str) -> list[str | None]:
    doc = annotate(text)
    return [
        None if q.speaker is None else doc._.newsbeam_entities[q.speaker].canonical_name
        for q in doc._.quotations
    ]


def test_turns_are_followed():
    found = speakers(TALK + "“And what did you think of it, Mr Hall?”\n“That it was long.”")
    assert found[-2:] == ["Amina Orr", "Ben Hall"]


def test_where_nobody_can_be_told_it_is_null_with_a_flag():
    (quotation,) = annotate("“It never stopped raining.”\nThe road was shut.")._.quotations
    assert quotation.speaker is None
    assert "unknown_speaker" in quotation.flags


@pytest.mark.parametrize("text", [TALK + "“It was long.”"])
def test_a_floating_quotation_has_no_cue(text: str):
    quotation = annotate(text)._.quotations[-1]
    assert quotation.is_floating
    assert quotation.cue is None
