import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from tests.transforms.nlp.bundled import annotate
from transforms.nlp.lines import has_line_break
from transforms.nlp.load import readable_text

Row = tuple[str, list[str], str | None]


def quotations(text: str) -> list[Row]:
    doc = annotate(text)
    return [
        (q.quote_type, [text[s:e] for s, e in q.spans], speaker_of(doc, q.speaker))
        for q in doc._.quotations
    ]


def speaker_of(doc: Doc, speaker: int | None) -> str | None:
    return None if speaker is None else doc._.newsbeam_entities[speaker].canonical_name


INTRO = "Amina Orr, the harbour minister, opened the bridge.\n"


@pytest.mark.parametrize(
    "text",
    [
        "“It is safe,” said Amina Orr.",
        "“It is safe,” Amina Orr said.",
        "Amina Orr said: “It is safe.”",
        'Amina Orr said, "It is safe."',
        "“It is safe,” said Amina Orr, the minister since 2016.",
        "Amina Orr, the minister since 2016, said: “It is safe.”",
        "Amina Orr: “It is safe.”",
        "“It is safe.” – Amina Orr",
        "“It is safe.”\n– Amina Orr, harbour minister.",
        INTRO + "“It is safe,” Ms Orr told reporters.",
        INTRO + "“It is safe,” Orr wrote on X.",
        INTRO + "“It is safe,” Orr said in a statement.",
        INTRO + "Orr tweeted: “It is safe.” It was liked 500 times.",
        "”It is safe,” said Amina Orr.",
        "‘‘It is safe,’’ said Amina Orr.",
        "„It is safe“, said Amina Orr.",
        "— It is safe, said Amina Orr.\n— We shall see, said Ben Hall.",
        INTRO + "“It is safe,” she said.",
    ],
)
def test_every_order_of_cue_source_and_content_is_understood(text: str):
    found = [row for row in quotations(text) if row[1][0].startswith("It is safe")]
    assert [(kind, speaker) for kind, _, speaker in found] == [("direct", "Amina Orr")]


def test_an_utterance_cut_by_its_cue_is_one_row():
    text = "“Yes,” said Amina Orr, “it is safe.”"
    assert quotations(text) == [("direct", ["Yes,", "it is safe."], "Amina Orr")]


def test_an_utterance_goes_on_behind_the_sentence_of_its_cue():
    text = "“Yes,” said Amina Orr, who owns three boats. “It has been safe for a year now.”"
    assert quotations(text) == [
        ("direct", ["Yes,", "It has been safe for a year now."], "Amina Orr")
    ]


def test_what_somebody_else_answers_is_not_joined_with_what_was_said_before():
    text = INTRO + "“The road is safe,” said Amina Orr. “It is not,” was the reply of Ben Hall."
    assert [spans for _, spans, _ in quotations(text)] == [["The road is safe,"], ["It is not,"]]


def test_no_break_spaces_part_no_subject_from_its_verb():
    plain = INTRO + "Ms Orr said the bridge was “safe”. Orr called it “a good thing”."
    assert quotations(readable_text(plain.replace(" Orr ", "\u00a0Orr\u00a0"))) == quotations(plain)


def test_what_goes_on_behind_the_cue_belongs_to_it():
    text = "“It is safe,” said Amina Orr. “We have tested it.”"
    assert quotations(text) == [
        ("direct", ["It is safe,", "We have tested it."], "Amina Orr"),
    ]


def test_a_fragment_in_the_reporters_sentence_is_mixed_and_gives_no_indirect_row():
    text = "Amina Orr said the bridge was “a swamp with lamps”."
    assert quotations(text) == [("mixed", ["a swamp with lamps"], "Amina Orr")]


def test_paragraphs_left_open_are_one_utterance():
    text = "“It is safe,” said Amina Orr. “We tested it.\n“Nobody fell in.”"
    doc = annotate(text)
    (quotation,) = doc._.quotations
    assert len(quotation.spans) == 3
    assert quotation.is_multi_paragraph


def test_a_paragraph_without_a_cue_floats():
    text = INTRO + "“It is safe,” said Amina Orr.\n“We tested it with two buses full of sand.”"
    quotation = annotate(text)._.quotations[-1]
    assert quotation.is_floating
    assert quotation.cue is None
    assert quotation.source is None


def test_initials_before_a_turn_are_the_person_they_stand_for():
    text = (
        "Talk\nAmina Orr, the minister, met Ben Hall, the mayor, on the bridge on Monday.\n"
        "Amina Orr: I am glad.\nBen Hall: So am I.\nAO: It is late.\nBH: It is."
    )
    assert [speaker for _, _, speaker in quotations(text)] == ["Amina Orr", "Ben Hall"] * 2


def test_a_title_of_a_work_is_no_quotation():
    text = "Amina Orr plays Lear in the film “The Last Ferry”, which opens on Friday."
    assert quotations(text) == []


def test_the_title_of_a_programme_leaves_its_cue_to_the_reported_clause():
    text = "Speaking on Radio Orwell’s “Morning Call”, Amina Orr said the road was shut."
    assert quotations(text) == [("indirect", ["the road was shut"], "Amina Orr")]


def test_answers_of_an_interview_are_rows_and_its_questions_are_not():
    text = INTRO + "Q: When did you start?\nA: In 2016.\nQ: Why?\nA: Nobody else wanted to."
    assert [spans for _, spans, _ in quotations(text)] == [["In 2016."], ["Nobody else wanted to."]]


def test_a_quotation_in_a_headline_is_a_row_though_its_speaker_is_not_known():
    text = "Road ‘shut for ever’\nThe road along the harbour was shut on Monday after a storm."
    (quotation,) = annotate(text)._.quotations
    assert text[slice(*quotation.spans[0])] == "shut for ever"
    assert quotation.speaker is None
    assert quotation.flags == ("unknown_speaker",)


def test_a_paragraph_that_nobody_closed_does_not_swallow_the_next():
    text = "“It is safe.\nNobody knows why. It rained.\nBen Hall left.\n“We go on,” said Amina Orr."
    assert quotations(text)[-1] == ("direct", ["We go on,"], "Amina Orr")
    assert all("Hall" not in " ".join(spans) for _, spans, _ in quotations(text))


def test_a_scare_quote_has_a_flag_and_no_speaker():
    text = INTRO + "The minister, Amina Orr, said the so-called “surge” prices would end."
    scare = [q for q in annotate(text)._.quotations if "scare_quote" in q.flags]
    assert [(text[slice(*q.spans[0])], q.speaker, q.cue) for q in scare] == [("surge", None, None)]


def test_candidates_add_up_to_one_at_most_and_confidence_is_a_probability():
    text = INTRO + "“It is safe,” she said. Ben Hall disagreed. “It is a swamp,” he said."
    for quotation in annotate(text)._.quotations:
        assert sum(c.probability for c in quotation.candidates) <= 1.000001
        assert 0 <= quotation.confidence <= 1


WORDS = [
    *["“", "”", '"', "‘", "’", "said", "Orr", "she", ",", ".", "\n", "\u2028", " ", "the", "that"],
    *["according to", "told", "— ", "Q: ", "?", "bridge", "was", "not", ":", "é", "😀"],
]


@given(
    st.one_of(st.text(max_size=120), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
)
@settings(max_examples=120, deadline=None)
def test_any_text_gives_ordered_spans_without_line_breaks(text: str):
    text = readable_text(text)
    doc = annotate(text)
    assert doc.text == text
    starts = [q.spans[0] for q in doc._.quotations]
    assert starts == sorted(starts)
    taken = sorted(span for q in doc._.quotations for span in q.spans)
    last = 0
    for start, end in taken:
        assert last <= start < end <= len(text)
        assert not has_line_break(text[start:end])
        last = end
