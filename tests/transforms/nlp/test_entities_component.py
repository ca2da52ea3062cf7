import time
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.nlp.helpers import NLP, annotated, entity_names
from transforms.nlp.coref import resolve_speaker
from transforms.nlp.entities_component import EntitiesComponent

LABELS = ["PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "DATE"]
WORDS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["Amina", "Orr", "Mr", "Mrs", "said", "she", "he", "the minister", "’s", "“", "”", "\n",
         "World Health Organization", "(WHO)", "WHO", "Bank", "-", ",", "54", "of", "the"]
    ),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=40), st.data())
def test_any_text_gives_sound_mentions(words, data):
    text = " ".join(words)
    doc = NLP(text)
    if len(doc):
        cuts = sorted(data.draw(st.sets(st.integers(0, len(doc) - 1), max_size=6)))
        spans = [doc[a:b] for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
        for span in spans:
            span.label_ = data.draw(st.sampled_from(LABELS))
        doc.ents = spans
    EntitiesComponent()(doc)
    mentions = doc._.newsbeam_mentions
    for mention in mentions:
        assert 0 <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end].strip() == text[mention.start : mention.end]
        assert "\n" not in text[mention.start : mention.end]
    names = [m for m in mentions if m.mention_type == "name"]
    assert all(a.end <= b.start for a, b in pairwise(names))
    for entity in doc._.newsbeam_entities:
        assert doc._.newsbeam_entities[entity.index] is entity
        assert all(mentions[m].entity == entity.index for m in entity.mentions)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    resolution = resolve_speaker(doc, start, end)
    assert sum(c.probability for c in resolution.candidates) <= 1.000001


def test_entities_carry_names_types_roles_and_aliases():
    doc = annotated(
        "The harbour minister, Amina Orr, met the World Health Organization (WHO). Ms Orr left.",
        PERSON=["Amina Orr"],
        ORG=["World Health Organization", "WHO"],
    )
    assert entity_names(doc) == {
        "Amina Orr": "person",
        "World Health Organization": "organization",
    }
    orr = doc._.newsbeam_entities[0]
    assert orr.role == "The harbour minister"
    assert orr.aliases == ("Orr",)


def test_buildings_are_other():
    assert entity_names(annotated("At Wembley Stadium.", FAC="Wembley Stadium")) == {
        "Wembley Stadium": "other"
    }


def test_time_grows_with_the_length_only():
    def seconds(repeats):
        text = "Amina Orr said she liked it. “No,” said Peter Lee, the minister. " * repeats
        doc = NLP(text)
        doc.ents = [
            span
            for at in range(0, len(text), len(text) // repeats)
            if (span := doc.char_span(at, at + 9, "PERSON"))
        ]
        started = time.perf_counter()
        EntitiesComponent()(doc)
        return time.perf_counter() - started

    seconds(5)
    assert seconds(400) < 40 * (seconds(40) + 0.02)
