import argparse

import pytest

from pipeline.argument_types import duration, positive, whole_days


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), (" 2h ", 7_200), ("1d", 86_400)]
)
def test_duration_is_read_in_seconds(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "-5m", "5 m", "5w", "1e3s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is not a duration"):
        duration(text)


@pytest.mark.parametrize(
    ("read", "what"), [(positive, "number above 0"), (whole_days, "number of days above 0")]
)
def test_whole_numbers_begin_at_one(read, what):
    assert read("1") == 1
    for text in ("0", "-1", "1.5", "", "one"):
        with pytest.raises(argparse.ArgumentTypeError, match=f"is not a whole {what}"):
            read(text)
