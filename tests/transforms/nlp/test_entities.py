import pytest

from transforms.nlp.entities import acronym_after, cluster_names, read_name


def clusters(text, *names):
    """Cluster names given as (words, label), each at its next place in the text."""
    at = 0
    found = []
    for words, label in names:
        start = text.index(words, at)
        at = start + len(words)
        found.append(read_name(text, start, at, label))
    return {c.canonical_name: [n.text for n in c.names] for c in cluster_names(text, found)}


def test_short_forms_join_the_full_name():
    text = "Amina Orr spoke. Ms Orr left. Amina smiled, Orr said."
    people = [(w, "PERSON") for w in ("Amina Orr", "Orr", "Amina", "Orr")]
    assert clusters(text, *people) == {"Amina Orr": ["Amina Orr", "Orr", "Amina", "Orr"]}


def test_mr_and_mrs_are_two():
    text = "Mr Orr spoke first. Mrs Orr agreed. Mr Orr left."
    names = [read_name(text, start, start + 3, "PERSON") for start in (3, 24, 39)]
    assert [[n.start for n in c.names] for c in cluster_names(text, names)] == [[3, 39], [24]]


def test_a_title_contradicts_a_given_name():
    text = "Peter Orr spoke. Mrs Orr agreed."
    found = clusters(text, ("Peter Orr", "PERSON"), ("Orr", "PERSON"))
    assert found == {"Peter Orr": ["Peter Orr"], "Orr": ["Orr"]}


def test_two_people_of_one_surname_stay_apart():
    text = "Amina Orr and her cousin Tariq Orr spoke. Orr laughed."
    found = clusters(text, ("Amina Orr", "PERSON"), ("Tariq Orr", "PERSON"), ("Orr", "PERSON"))
    assert found == {"Amina Orr": ["Amina Orr", "Orr"], "Tariq Orr": ["Tariq Orr"]}


def test_a_person_and_a_place_of_one_name_stay_apart():
    text = "Jack London lives in London."
    found = clusters(text, ("Jack London", "PERSON"), ("London", "GPE"))
    assert found == {"Jack London": ["Jack London"], "London": ["London"]}


def test_a_surname_before_the_full_name_joins_it():
    text = "Orr wins vote\nAmina Orr won on Monday."
    found = clusters(text, ("Orr", "PERSON"), ("Amina Orr", "PERSON"))
    assert found == {"Amina Orr": ["Orr", "Amina Orr"]}


def test_acronyms_in_brackets_join_their_organization():
    text = "The Hazara Electric Supply Company (Haesco) said so. Haesco has no plan."
    company = "Hazara Electric Supply Company"
    found = clusters(text, (company, "ORG"), ("Haesco", "ORG"), ("Haesco", "ORG"))
    assert found == {company: [company, "Haesco", "Haesco"]}


def test_a_general_word_joins_the_only_organization_that_holds_it():
    text = "The Competition Bureau spoke. The Bureau declined."
    found = clusters(text, ("Competition Bureau", "ORG"), ("Bureau", "ORG"))
    assert found == {"Competition Bureau": ["Competition Bureau", "Bureau"]}


def test_names_in_capitals_are_not_canonical():
    text = "AMINA ORR LEAVES\nAmina Orr left."
    found = clusters(text, ("AMINA ORR", "PERSON"), ("Amina Orr", "PERSON"))
    assert list(found) == ["Amina Orr"]


@pytest.mark.parametrize(
    ("text", "acronym"),
    [(" (WHO) said", "WHO"), (" (the “Fund”) said", "Fund"), (" (2021)", None), (" said", None)],
)
def test_acronym_after(text, acronym):
    assert acronym_after(text, 0) == acronym


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("Amina Orr left.\nTariq Orr stayed. Orr laughed.", "Tariq Orr"),
        ("Amina Orr left. Tariq Orr stayed.\nOrr laughed.", "Amina Orr"),
        ("Amina Orr left. Tariq Orr stayed.\nThe younger Orr laughed.", "Tariq Orr"),
    ],
)
def test_a_surname_of_two_people_is_that_of_whom_the_line_names(text, owner):
    names = [("Amina Orr", "PERSON"), ("Tariq Orr", "PERSON"), ("Orr", "PERSON")]
    found = clusters(text, *names)
    assert found[owner] == [owner, "Orr"]
