"""Reads `data/extract_rules.toml` once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Rules:
    """What newsbeam knows about pages; see the file."""

    furniture: re.Pattern[str]
    furniture_max_words: int
    furniture_headings: re.Pattern[str]
    furniture_follower_words: int
    truncated_endings: re.Pattern[str]
    announced_factor: float
    announced_words: int
    paywall_markers: re.Pattern[str]
    paywall_phrases: re.Pattern[str]
    paywall_short_words: int
    paywall_whole_words: int
    error_titles: re.Pattern[str]
    error_max_words: int
    author_prefixes: re.Pattern[str]
    author_suffixes: re.Pattern[str]
    author_titles: re.Pattern[str]
    houses: frozenset[str]
    nobodies: frozenset[str]
    meaningless_sections: frozenset[str]


@cache
def rules() -> Rules:
    """The rules of the data file."""
    text = (files("transforms") / "data" / "extract_rules.toml").read_text("utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    cut, wall, names = data["truncation"], data["paywall"], data["authors"]
    return Rules(
        furniture=_any_of(data["furniture"]["lines"], r"\W{0,3}(?:%s)"),
        furniture_max_words=data["furniture"]["max_words"],
        furniture_headings=_any_of(data["furniture"]["headings"], r"\W{0,3}(?:%s)\W{0,3}$"),
        furniture_follower_words=data["furniture"]["heading_follower_words"],
        truncated_endings=_any_of(cut["endings"]),
        announced_factor=cut["announced_factor"],
        announced_words=cut["announced_words"],
        paywall_markers=_any_of([re.escape(marker) for marker in wall["markers"]]),
        paywall_phrases=_any_of(wall["phrases"]),
        paywall_short_words=wall["short_words"],
        paywall_whole_words=wall["whole_words"],
        error_titles=_any_of(data["error_pages"]["titles"], r"\W*(?:%s)\W*$"),
        error_max_words=data["error_pages"]["max_words"],
        author_prefixes=_any_of(names["prefixes"], r"^\W*(?:%s)\b[\s:]+"),
        author_suffixes=_any_of(names["suffixes"], r"[\s,|/–—-]+\b(?:%s).*$"),
        author_titles=_any_of(names["titles"], r"^(?:%s)$"),
        houses=frozenset(names["houses"]),
        nobodies=frozenset(names["nobodies"]),
        meaningless_sections=frozenset(data["sections"]["meaningless"]),
    )


def _any_of(patterns: list[str], frame: str = "(?:%s)") -> re.Pattern[str]:
    return re.compile(frame % "|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
