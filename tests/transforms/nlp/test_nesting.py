import pytest

from tests.transforms.nlp.bundled import annotate


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Amina Orr said she hoped for “a dry week”.", "Amina Orr"),
        ("Amina Orr said that the council had begun “to unmask the truth”.", "Amina Orr"),
        ("Amina Orr said her campaign would continue “to break barriers”.", "Amina Orr"),
        ("Amina Orr said Ben Hall was right to urge drivers “to stay at home”.", "Amina Orr"),
        ("Amina Orr acknowledged that Ben Hall had called it “safe”.", "Ben Hall"),
        ("Amina Orr said Ben Hall told her it was “safe”.", "Ben Hall"),
    ],
)
def test_beneath_a_report_only_another_report_has_a_speaker_of_its_own(text: str, source: str):
    (quotation,) = annotate(text)._.quotations
    assert quotation.source is not None
    assert text[slice(*quotation.source)] == source


def utterances(text: str) -> list[tuple[str, str]]:
    found = annotate(text)._.quotations
    return [
        (" | ".join(text[s:e] for s, e in q.spans), text[slice(*q.cue)] if q.cue else "")
        for q in found
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "“The road is shut,” Orr said, adding that it would be “a long winter”.",
            [("The road is shut,", "said"), ("a long winter", "adding")],
        ),
        (
            "“We need change,” Amina Orr said, arguing for a “common-sense” plan.",
            [("We need change,", "said"), ("common-sense", "arguing")],
        ),
        (
            "“The road is shut,” said Orr, adding, “and so is the bridge.”",
            [("The road is shut, | and so is the bridge.", "said")],
        ),
    ],
)
def test_a_report_right_before_a_quotation_is_its_cue(text: str, found: list[tuple[str, str]]):
    assert utterances(text) == found


def test_a_title_between_does_not_part_an_utterance():
    text = (
        "“He deserved it,” Amina Orr told the programme “Inside Edition” after the trial. "
        "“Next time we might sue.”"
    )
    assert [spans for spans, _ in utterances(text)] == ["He deserved it, | Next time we might sue."]


def test_a_few_words_alone_in_other_marks_are_a_heading():
    text = (
        "Road stays shut\n“It is not safe,” Amina Orr said on Monday.\n"
        "‘All bets are off’\n“We will wait,” Amina Orr said.\n"
    )
    assert [spans for spans, _ in utterances(text)] == ["It is not safe,", "We will wait,"]
