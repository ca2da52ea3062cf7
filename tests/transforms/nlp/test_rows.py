import pytest

from schemas.flow import AnnotatedArticle
from tests.rows import LINEAGE, article
from tests.transforms.nlp.bundled import annotate
from transforms.nlp.rows import annotate_rows, canonical_hash

TEXT = (
    "Bridge opens\n“It is safe,” said Amina Orr, the harbour minister. “We tested it.”\n"
    "Ms Orr said that the road would open on Friday."
)


def rows(text: str = TEXT) -> AnnotatedArticle:
    return annotate_rows(annotate(text), article(text_content=text), LINEAGE)


def test_offsets_give_the_words_of_every_row():
    found = rows()
    for quote in found.quotes:
        words = " ".join(TEXT[s.start : s.end] for s in quote.content_spans)
        assert quote.quote_text == words
        if quote.cue_start is not None:
            assert TEXT[quote.cue_start : quote.cue_end] == quote.cue_text
        if quote.speaker_start is not None:
            assert TEXT[quote.speaker_start : quote.speaker_end] == quote.speaker_text
    for mention in found.mentions:
        assert TEXT[mention.char_start : mention.char_end] == mention.text


def test_ids_are_unique_refer_to_rows_and_are_stable():
    found = rows()
    ids = [e.entity_id for e in found.entities]
    assert len(set(ids)) == len(ids)
    assert {m.entity_id for m in found.mentions} <= set(ids)
    assert {q.speaker_entity_id for q in found.quotes} <= {None, *ids}
    assert rows() == found


def test_a_mention_inside_a_quotation_knows_it():
    text = "“Ben Hall is late,” said Amina Orr."
    found = rows(text)
    (quote,) = found.quotes
    by_text = {m.text: m.quote_id for m in found.mentions}
    assert by_text["Ben Hall"] == quote.quote_id
    assert by_text["Amina Orr"] is None


def test_context_is_a_hundred_characters_at_most():
    text = "x" * 10 + " word" * 60 + " “It is safe,” said Amina Orr." + " word" * 60
    (quote,) = rows(text).quotes
    assert quote.pre == text[quote.content_spans[0].start - 100 : quote.content_spans[0].start]
    assert len(quote.post) == 100


@pytest.mark.parametrize(
    ("one", "other"),
    [("It’s safe, now!", "its safe now"), ("A  b\nc", "a b c"), ("“Straße”", "strasse")],
)
def test_the_hash_is_the_same_whatever_case_and_punctuation(one: str, other: str):
    assert canonical_hash(one.replace("’", "")) == canonical_hash(other)
