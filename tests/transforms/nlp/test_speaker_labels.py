import pytest

from tests.transforms.nlp.helpers import annotated
from transforms.nlp.speaker_labels import labelled_speaker

TALK = (
    "The dancer who stopped: an interview with Ayumi Hazama\n"
    "Ayumi Hazama left Tokyo. Owen Mori went to find her.\n"
    "Q. Has Junpei Arakida been here?\nA. Who is Junpei Arakida?\nQ. Really?\nA. Really."
)
PEOPLE = ["Ayumi Hazama", "Owen Mori", "Junpei Arakida"]


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("A", "Ayumi Hazama"),
        ("AH", "Ayumi Hazama"),
        ("JA", "Junpei Arakida"),
        ("Q", None),
        ("XY", None),
        ("Aha", None),
    ],
)
def test_whom_a_label_means(label, name):
    doc = annotated(TALK, PERSON=PEOPLE)
    found = labelled_speaker(doc, label, TALK.rindex("A. Really"))
    entities = doc._.newsbeam_entities
    assert (None if found is None else entities[found.entity].canonical_name) == name


def test_without_a_name_before_the_first_answer_nobody_answers():
    text = "A talk\nQ. Who are you?\nA. Guess, says Ayumi Hazama.\nA. Yes."
    doc = annotated(text, PERSON=PEOPLE)
    assert labelled_speaker(doc, "A", text.rindex("A. Yes")) is None
