import pytest

from tests.transforms.nlp.bundled import annotate

BODY = (
    "\nThe court in Adana heard the case against the contractor Necati Gurbulak on Monday."
    "\n“I am as much a victim as anyone,” Gurbulak said. “It is hard to say more.”"
    "\n“It was a quiet day,” said his lawyer, Hatice Done."
)


def headline_speaker(headline: str) -> str | None:
    doc = annotate(headline + BODY)
    first = min(doc._.quotations, key=lambda q: q.spans[0])
    assert first.spans[0][0] < len(headline)
    return None if first.speaker is None else doc._.newsbeam_entities[first.speaker].canonical_name


@pytest.mark.parametrize(
    ("headline", "name"),
    [
        ("Builder of block was ‘as much a victim as anyone’, court hears", "Necati Gurbulak"),
        ("‘It was a quiet day’", "Hatice Done"),
        ("Ministers were ‘as much a victim as anyone’, they say", None),  # several: not he
    ],
)
def test_who_is_quoted_again_with_the_same_words_is_the_speaker(headline: str, name: str | None):
    assert headline_speaker(headline) == name
