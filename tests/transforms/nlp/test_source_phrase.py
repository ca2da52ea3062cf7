import pytest

from transforms.nlp.source_phrase import read_source
from transforms.nlp.types import DocMention


def read(text, **names):
    mentions = sorted(
        DocMention(text.index(word), text.index(word) + len(word), label, "name", 0)
        for label, words in names.items()
        for word in words
    )
    phrase = read_source(text, 0, len(text), mentions, 0)
    speakers = [text[mentions[p].start : mentions[p].end] for p in phrase.names]
    return phrase, speakers


@pytest.mark.parametrize(
    ("text", "people", "groups", "speakers"),
    [
        ("Ms Orr", ["Orr"], [], ["Orr"]),
        ("its secretary, Amina Orr, 71", ["Amina Orr"], [], ["Amina Orr"]),
        ("Amina Orr, whose uncle Patrick was shot", ["Amina Orr", "Patrick"], [], ["Amina Orr"]),
        ("Amina Orr of the opposition VVD", ["Amina Orr"], ["VVD"], ["Amina Orr"]),
        ("Minister of Health Dr. Walid Haddad", ["Walid Haddad"], [], ["Walid Haddad"]),
        ("Konya president Selim Orr", ["Selim Orr"], ["Konya"], ["Selim Orr"]),
        ("The union Verdi", [], ["Verdi"], ["Verdi"]),
        ("the developer, Enseada SA", [], ["Enseada SA"], ["Enseada SA"]),
        ("a survey by Yeouido Infomax", [], ["Yeouido Infomax"], ["Yeouido Infomax"]),
        ("Shipping lines MSC and Sea Lotus", [], ["MSC", "Sea Lotus"], ["MSC", "Sea Lotus"]),
        ("Umpires Neil Pratt and Ann Orr", ["Neil Pratt", "Ann Orr"], [],
         ["Neil Pratt", "Ann Orr"]),
        ("Justices Ann Orr, Ben Lee and Dr Tom Hall", ["Ann Orr", "Ben Lee", "Tom Hall"], [],
         ["Ann Orr", "Ben Lee", "Tom Hall"]),
        ("friends of Ann Orr and Ben Lee", ["Ann Orr", "Ben Lee"], [], []),
        ("A spokesman for Harbour East", [], ["Harbour East"], []),
        ("Mayor Einat Kalisch’s office", ["Einat Kalisch"], [], []),
        ("the panel, presided over by Ann Orr,", ["Ann Orr"], [], []),
        ("supporters of Amina Orr", ["Amina Orr"], [], []),
    ],
)  # fmt: skip
def test_whose_name_a_phrase_gives(text, people, groups, speakers):
    assert read(text, PERSON=people, ORG=groups)[1] == speakers


@pytest.mark.parametrize(
    ("text", "determiner", "head", "kind"),
    [
        ("the harbour minister", "the", "minister", "person"),
        ("A spokesman for the firm", "a", "spokesman", "spokes"),
        ("its chairman", "possessive", "chairman", "person"),
        ("two diplomats", "number", "diplomats", "crowd"),
        ("police", "none", "police", "crowd"),
        ("the company", "the", "company", "organization"),
        ("the report", "the", "report", "document"),
    ],
)
def test_descriptions(text, determiner, head, kind):
    phrase, _ = read(text)
    assert (phrase.mention_type, phrase.determiner, phrase.head, phrase.kind) == (
        "nominal",
        determiner,
        head,
        kind,
    )


def test_age_of_a_description():
    assert read("the 54-year-old")[0].age == 54


@pytest.mark.parametrize("word", ["she", "He", "they", "who"])
def test_pronouns(word):
    phrase, _ = read(word)
    assert phrase.mention_type == "pronoun"
    assert phrase.pronoun is not None


def test_an_acronym_is_no_pronoun():
    assert read("WHO", ORG=["WHO"])[1] == ["WHO"]


@pytest.mark.parametrize(
    ("text", "people", "groups", "speakers"),
    [
        ("Deputy Leader of Opposition Amina Orr, of the League", ["Amina Orr"], [], ["Amina Orr"]),
        ("League chair, retired Justice Amina Orr", ["Amina Orr"], [], ["Amina Orr"]),
        ("Orr’s answer", ["Orr"], [], ["Orr"]),
        ("a letter from Amina Orr", ["Amina Orr"], [], ["Amina Orr"]),
        ("Jamiat leader Amina Orr", ["Jamiat", "Amina Orr"], [], ["Amina Orr"]),
    ],
)
def test_names_in_long_phrases(text, people, groups, speakers):
    assert read(text, PERSON=people, ORG=groups)[1] == speakers


@pytest.mark.parametrize(
    ("text", "mention_type", "words"),
    [
        ("his caption", "pronoun", ("his",)),
        ("the committee’s statement", "nominal", ("the", "committee")),
        ("the council, whose solicitor was in court", "nominal", ("the", "council")),
    ],
)
def test_what_a_phrase_is_judged_by(text, mention_type, words):
    phrase, _ = read(text)
    assert (phrase.mention_type, phrase.words) == (mention_type, words)


def test_an_excellency_is_no_pronoun():
    phrase, _ = read("HE Director of the Department of Works")
    assert phrase.mention_type == "nominal"
    assert read("he himself")[0].mention_type == "pronoun"
