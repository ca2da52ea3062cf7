import errno
import os

import pytest

from pipeline.remedies import describe


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free space"),
        (errno.EROFS, "mount it for writing"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EDQUOT, "quota"),
        (errno.EACCES, "owner and mode"),
        (errno.EPERM, "lsattr"),
        (errno.EIO, "dmesg"),
    ],
)
def test_an_error_of_the_system_comes_with_its_remedy(number: int, remedy: str) -> None:
    assert remedy in describe(OSError(number, os.strerror(number)))


def test_the_cause_of_an_error_is_looked_at_too() -> None:
    error = RuntimeError("the bundle failed")
    error.__cause__ = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert describe(error).startswith("the disk is full")


def test_of_a_long_text_the_last_line_is_told() -> None:
    assert describe(ValueError("Traceback:\n  x\nKeyError: 'y'\n")) == "ValueError: KeyError: 'y'"


def test_an_error_without_words_has_its_name() -> None:
    assert describe(MemoryError()) == "MemoryError"


def test_the_stack_of_an_engine_in_go_is_left_out() -> None:
    text = "panic in a goroutine: send on closed channel, stage\ngoroutine 7 [running]:\nx:1"
    told = describe(RuntimeError(text))
    assert told.startswith("a worker of Prism died")
    assert told.endswith("(RuntimeError: panic in a goroutine: send on closed channel, stage)")


def test_an_error_is_told_in_brief() -> None:
    assert len(describe(ValueError("x" * 9_000))) < 600
