from pathlib import Path

import pytest

from transforms.extract.language import find_language, language_code, shown_languages

LINES = (Path(__file__).parent / "languages.tsv").read_text("utf-8").splitlines()
TEXTS = dict(line.split("\t") for line in LINES)


@pytest.mark.parametrize("code", TEXTS)
def test_text_shows_its_language_whatever_the_label(code):
    lying = "de" if code == "en" else "en-US"
    assert find_language(TEXTS[code], [lying]) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Watch live",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
        "Lakers Nets Bulls Heat Jazz Suns Kings Magic Hawks Knicks Bucks Pacers Spurs",
    ],
)
def test_text_that_does_not_tell_is_not_guessed(text):
    assert shown_languages(text) == []


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        (["en-GB"], "en"),
        ([None, "", "fr_FR"], "fr"),
        (["deu"], "de"),
        (["nb-NO"], "no"),
        (["english", "pt"], "pt"),
        ([], None),
    ],
)
def test_label_decides_where_the_text_does_not(labels, code):
    assert find_language("Watch live", labels) == code


@pytest.mark.parametrize("label", ["x-default", "", None, "123", "mul"])
def test_what_is_no_language_tag_is_none(label):
    assert language_code(label) is None


def test_speech_shows_its_language():
    quote = "“No,” he said. “We never had that ship here, and I do not know who told you so.”"
    assert shown_languages(quote) == ["en"]
