"""Which language a text is in: script and function words first, labels where these do not tell."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 3_000  # characters that are looked at
_MIN_WORDS = 12
_MIN_SHARE = 0.18  # of the words that have to be function words of the language
_MARGIN = 1.15  # by which the best language leads where it is clear
_ISO_639_3 = {"eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es"}
_RENAMED = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl"}
# Scripts by the ranges of their letters; `_LETTERS` tells languages of one script apart.
_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "bn": re.compile("[\u0980-\u09ff]"),
    "ta": re.compile("[\u0b80-\u0bff]"),
    "te": re.compile("[\u0c00-\u0c7f]"),
    "ka": re.compile("[\u10a0-\u10ff]"),
    "hy": re.compile("[\u0530-\u058f]"),
    "am": re.compile("[\u1200-\u137f]"),
}
_LETTERS = {
    "ru": (("uk", "[іїєґ]"), ("sr", "[јљњћђџ]"), ("mk", "[ѓќѕ]"), ("be", "[ў]")),
    "ar": (("ur", "[ٹڈڑےں]"), ("fa", "[پچژگ]")),
}


def find_language(text: str, labels: Iterable[str | None] = ()) -> str | None:
    """The ISO 639-1 code of a text's language; labels (html lang, the feed's) come second.

    A label decides between languages that the text shows about equally, and where it shows none.
    """
    codes = [code for code in map(language_code, labels) if code]
    shown = shown_languages(text)
    return next((code for code in codes if code in shown), None) or next(iter(shown or codes), None)


def language_code(label: str | None) -> str | None:
    """The two letters of a language tag such as "en-GB" or "eng"; None where it is none."""
    primary = re.split(r"[-_;,\s]", (label or "").strip().lower())[0]
    primary = _RENAMED.get(primary, _ISO_639_3.get(primary, primary))
    return primary if re.fullmatch("[a-z]{2}", primary) else None


def shown_languages(text: str) -> list[str]:
    """The languages that script and function words show, likeliest first, about equal ones only."""
    sample = text[:_SAMPLE].lower()
    words = _WORD.findall(sample)
    if not sample.isascii():
        by_script = _by_script(sample, sum(map(len, words)))
        if by_script:
            return [by_script]
    return _by_words(words)


def _by_script(sample: str, letters: int) -> str | None:
    for code, script in _SCRIPTS.items():
        share = 0.1 if code == "ja" else 0.4
        if letters and len(script.findall(sample)) > share * letters:
            for other, marks in _LETTERS.get(code, ()):
                if len(re.findall(marks, sample)) > letters / 200:
                    return other
            return code
    return None


def _by_words(words: list[str]) -> list[str]:
    if len(words) < _MIN_WORDS:
        return []
    known = _function_words()
    scores = Counter(code for word in words for code in known.get(word, ()))
    if not scores:
        return []
    enough = max(_MIN_SHARE * len(words), scores.most_common(1)[0][1] / _MARGIN)
    return [code for code, score in scores.most_common() if score >= enough]


@cache
def _function_words() -> dict[str, tuple[str, ...]]:
    """The languages that each function word belongs to."""
    text = (files("transforms") / "data" / "language_words.toml").read_text("utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for code, words in tomllib.loads(text).items():
        for word in dict.fromkeys(words.split()):
            found[word] = (*found.get(word, ()), code)
    return found
