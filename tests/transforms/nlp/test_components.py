import pytest
import spacy
from spacy.language import Language

from transforms.nlp.load import BUNDLED, load_pipeline

TEXT = "“We were lucky,” said Amina Orr, the harbour minister.\nShe left."


def blank(*pipes: str) -> Language:
    nlp = spacy.blank("en")
    for pipe in (*pipes, "quotations"):
        nlp.add_pipe(pipe)
    return nlp


@pytest.mark.parametrize(
    "pipes", [(), ("sentencizer",), ("newsbeam_entities",), ("sentencizer", "newsbeam_entities")]
)
@pytest.mark.parametrize("text", ["", " ", TEXT])
def test_quotations_work_in_anybodys_pipeline(pipes: tuple[str, ...], text: str) -> None:
    doc = blank(*pipes)(text)
    assert len(doc._.quotations) == (1 if text == TEXT else 0)


def test_quotations_alone_bring_names_together_too() -> None:
    nlp = load_pipeline(BUNDLED)
    alone = spacy.blank("en")
    doc = nlp(TEXT)
    copy = spacy.tokens.Doc(alone.vocab).from_bytes(doc.to_bytes(exclude=["user_data"]))
    alone.add_pipe("quotations")
    found = alone.get_pipe("quotations")(copy)  # type: ignore[operator]
    assert [entity.canonical_name for entity in found._.newsbeam_entities] == ["Amina Orr"]


@pytest.mark.parametrize("factory", ["quotations", "newsbeam_entities"])
def test_factories_are_registered_as_entry_points(factory: str) -> None:
    from importlib.metadata import entry_points

    points = {point.name: point for point in entry_points(group="spacy_factories")}
    if factory not in points:
        pytest.skip("newsbeam is not installed here (pip install -e .): no entry points")
    assert callable(points[factory].load())


def test_a_line_break_ends_a_sentence() -> None:
    doc = load_pipeline(BUNDLED)("Rain in Leith\nThe harbour was closed")
    assert [sentence.text.strip() for sentence in doc.sents] == [
        "Rain in Leith",
        "The harbour was closed",
    ]
