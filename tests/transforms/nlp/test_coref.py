import pytest

from tests.transforms.nlp.helpers import annotated
from transforms.nlp.coref import resolve_speaker

MINISTER = (
    "Harbour row\n"
    "The harbour minister, Amina Orr, opened the pier on Monday with the engineer Peter Lee.\n"
    "“It works,” she said. “It does,” he said.\n"
    "The minister said more. A witness said less. Sources said nothing. Orr and Lee said no."
)
PEOPLE = ["Amina Orr", "Peter Lee", "Orr", "Lee"]


def resolve(phrase, text=MINISTER, names=PEOPLE, **options):
    doc = annotated(text, PERSON=names)
    start = text.index(phrase)
    resolution = resolve_speaker(doc, start, start + len(phrase), **options)
    entities = doc._.newsbeam_entities
    name = None if resolution.entity is None else entities[resolution.entity].canonical_name
    return name, resolution


@pytest.mark.parametrize(
    ("phrase", "name", "mention_type"),
    [
        ("Amina Orr", "Amina Orr", "name"),
        ("she", "Amina Orr", "pronoun"),
        ("he said", "Peter Lee", "pronoun"),
        ("The minister", "Amina Orr", "nominal"),
        ("A witness", None, "nominal"),
        ("Sources", None, "nominal"),
        ("Orr and Lee", None, "name"),
    ],
)
def test_who_is_meant(phrase, name, mention_type):
    found, resolution = resolve(phrase)
    assert found == name
    assert resolution.mention_type == mention_type


@pytest.mark.parametrize(
    ("phrase", "flags"),
    [("A witness", ("unnamed_speaker",)), ("Orr and Lee", ("several_speakers",))],
)
def test_flags_say_why_nobody_is_told(phrase, flags):
    assert resolve(phrase)[1].flags == flags


def test_an_excluded_entity_is_not_meant():
    doc = annotated(MINISTER, PERSON=PEOPLE)
    amina = next(e.index for e in doc._.newsbeam_entities if e.canonical_name == "Amina Orr")
    name, _ = resolve("she", exclude=frozenset((amina,)))
    assert name != "Amina Orr"


def test_candidates_add_up_to_at_most_one():
    for phrase in ("she", "The minister", "A witness", "Orr and Lee"):
        _, resolution = resolve(phrase)
        total = sum(c.probability for c in resolution.candidates)
        assert 0 < total <= 1.000001
        ranked = [c.probability for c in resolution.candidates]
        assert ranked == sorted(ranked, reverse=True)


def test_without_names_nobody_is_meant():
    name, resolution = resolve("she", "a gull on the pier, she said, and nobody heard", [])
    assert name is None
    assert resolution.flags


def test_pronouns_of_the_narrative_are_mentions():
    text = "Amina Orr left. She took the boat."
    doc = annotated(text, PERSON=["Amina Orr"])
    found = [text[m.start : m.end] for m in doc._.newsbeam_mentions if m.mention_type == "pronoun"]
    assert found == ["She"]


JUDGE = (
    "Ruling\nJudge Amina Orr heard the case against Ben Hall.\n"
    "Hall left. The judge was not moved.\n"
    "“He may go,” she said. His statement said he was glad."
)


def test_a_pronoun_goes_on_with_the_description_before():
    assert resolve("she", JUDGE, ["Amina Orr", "Ben Hall", "Hall"])[0] == "Amina Orr"


def test_who_gives_a_document_is_its_owner():
    name, resolution = resolve("His statement", JUDGE, ["Amina Orr", "Ben Hall", "Hall"])
    assert (name, resolution.mention_type) == ("Ben Hall", "pronoun")


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("The 22-year-old", "Zia Orr"),
        ("The 54-year-old", "Peter Lee"),
        ("the older rider", "Peter Lee"),
        ("The Finn", "Peter Lee"),
    ],
)
def test_ages_and_nations_describe_people(phrase, name):
    text = (
        "Race on the lake\nZia Orr, 22, won on Monday from Peter Lee, 54, of Finland.\n"
        f"“It was cold,” {phrase} said."
    )
    assert resolve(phrase, text, ["Zia Orr", "Peter Lee"])[0] == name
