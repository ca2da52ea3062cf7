import pytest

from tests.transforms.nlp.bundled import make_quotations


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Amina Orr said she hoped for “a dry week”.", "Amina Orr"),
        ("Amina Orr said that the council had begun “to unmask the truth”.", "Amina Orr"),
        ("Amina Orr said her campaign would continue “to break barriers”.", "Amina Orr"),
        ("Amina Orr said Ben Hall was right to urge drivers “to stay at home”.", "Amina Orr"),
        ("Amina Orr acknowledged that Ben Hall had called it “safe”.", "Ben Hall"),
        ("Amina Orr said Ben Hall told her it was “safe”.", "Ben Hall"),
    ],
)
def test_beneath_a_report_only_another_report_has_a_speaker_of_its_own(text: str, source: str):
    (quotation,) = make_quotations(text)
    assert quotation.source is not None
    assert text[slice(*quotation.source)] == source
