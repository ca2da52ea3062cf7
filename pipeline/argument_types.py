"""How words of the command line become values; what does not fit is told in the parser's way."""

import argparse
import re


def positive(text: str) -> int:
    """Read a whole number above 0."""
    return _whole(text, "a whole number above 0")


def whole_days(text: str) -> int:
    """Read a number of days, at least 1."""
    return _whole(text, "a whole number of days above 0")


def duration(text: str) -> float:
    """Read a time such as 90s, 10m or 24h in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h|d|)", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration such as 90s, 10m or 24h")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]]


def _whole(text: str, what: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return int(text)
