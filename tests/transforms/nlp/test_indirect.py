import pytest

from tests.transforms.nlp.bundled import annotate


def indirect(text: str) -> list[list[str]]:
    return [
        [text[start:end] for start, end in q.spans]
        for q in annotate(text)._.quotations
        if q.quote_type == "indirect"
    ]


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Amina Orr said that the road was shut.", "the road was shut"),
        ("Amina Orr said the road was shut.", "the road was shut"),
        ("Amina Orr told reporters that the road was shut.", "the road was shut"),
        ("According to Amina Orr, the road was shut.", "the road was shut"),
        ("The road was shut, according to Amina Orr.", "The road was shut"),
        ("The road was shut on Monday, Amina Orr said.", "The road was shut on Monday"),
        ("The road was shut on Monday, said Amina Orr.", "The road was shut on Monday"),
        ("Amina Orr urged drivers to stay at home.", "to stay at home"),
        ("The road was shut, Minister Amina Orr told reporters on Monday.", "The road was shut"),
        ("The road is shut, Amina Orr recently revealed.", "The road is shut"),
        ("Amina Orr confirmed the road was shut and promised a new one.", "the road was shut"),
        ("While Amina Orr said the road was shut, drivers went on.", "the road was shut"),
        ("The road closed because, Amina Orr said, it leaked.", "it leaked"),
        ("As Amina Orr reported, the road was shut.", "the road was shut"),
        ("It was claimed by Amina Orr that the road was shut.", "the road was shut"),
        ("The mayor was told by Amina Orr that the road was shut.", "the road was shut"),
        ("Amina Orr was quoted as saying that the road was shut.", "the road was shut"),
        ("Amina Orr said the toll of Rs. 500 would rise.", "the toll of Rs. 500 would rise"),
        ("The club reckons that the road is shut.", "the road is shut"),
        ("Amina Orr wrote on X that the road was shut.", "the road was shut"),
        ("The player, who is 6'2\" tall, said he would stay.", "he would stay"),
    ],
)
def test_the_reported_clause_is_found_without_cue_and_source(text: str, clause: str):
    assert indirect(text) == [[clause]]


def test_a_clause_that_its_cue_cuts_has_two_spans():
    assert indirect("The road, Amina Orr said, was shut.") == [["The road", "was shut"]]


def test_a_question_ends_before_its_answer():
    found = indirect("Asked by Ben Hall whether the road was shut, Amina Orr said it was.")
    assert found == [["whether the road was shut"], ["it was"]]


@pytest.mark.parametrize("opening", ["Asked", "When asked"])
def test_a_question_of_nobody_is_not_put_into_the_mouth_of_who_answers(opening: str):
    found = indirect(f"{opening} whether the road was shut, Amina Orr said it was.")
    assert found == [["it was"]]


def test_of_nested_reports_the_outer_one_is_given():
    found = indirect("Amina Orr said that Ben Hall had claimed that the road was shut.")
    assert found == [["Ben Hall had claimed that the road was shut"]]


@pytest.mark.parametrize(
    "text",
    [
        "The road was shut on Monday.",
        "Amina Orr spoke to reporters.",
        "He laughed and went home.",
        "The talk.\nQ: When did you start?\nA: In 2016.\nQ: Why?\nA: Nobody else wanted to.",
        "“He isn’t aggressive,” Amina Orr told deputies, according to the report.",
        "It is up to the states that vote in March.",
        "Among the guests was Mr Omar Said Shaibu of the regional board.",
    ],
)
def test_where_nothing_is_reported_nothing_is_found(text: str):
    assert indirect(text) == []


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Amina Orr would not say whether the road was shut.", "negated"),
        ("If Amina Orr says the road is shut, drivers will leave.", "hypothetical"),
    ],
)
def test_what_was_not_said_is_flagged(text: str, flag: str):
    (quotation,) = annotate(text)._.quotations
    assert flag in quotation.flags


def test_denied_speech_gives_a_row_with_a_flag():
    (quotation,) = annotate("Amina Orr did not say that the road was shut.")._.quotations
    assert quotation.flags[0] == "negated"


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        (
            "He says he respects Amina Orr and calls her “a woman of skill”.",
            "he respects Amina Orr",
        ),
        ("Amina Orr said it was too early, and added, “I have an idea.”", "it was too early"),
    ],
)
def test_a_clause_ends_before_the_report_of_a_quotation(text: str, clause: str):
    assert indirect(text) == [[clause]]


def test_a_clause_ends_before_the_next_report():
    text = "One in three said the party did not care, and one in four said it was hostile."
    assert indirect(text) == [["the party did not care"], ["it was hostile"]]
