import pytest

from schemas.errors import ExtractError
from transforms.failures import MESSAGE_LENGTH, failure_row


@pytest.mark.parametrize(
    ("error", "error_class", "message"),
    [
        (ExtractError("no text", "https://e.org"), "extract_error", "no text"),
        (ValueError("bad"), "ValueError", "ValueError: bad"),
    ],
)
def test_an_error_becomes_a_row_with_a_stable_class(
    error: Exception, error_class: str, message: str
) -> None:
    row = failure_row("run", "extract", "https://e.org", error)
    assert (row.error_class, row.message) == (error_class, message)


def test_a_long_message_is_cut() -> None:
    assert len(failure_row("run", "s", "k", ValueError("x" * 9_999)).message) == MESSAGE_LENGTH


def test_the_id_follows_from_run_stage_and_key() -> None:
    ids = {failure_row(r, s, k, ValueError()).failure_id for r in "ab" for s in "cd" for k in "ef"}
    assert len(ids) == 8
