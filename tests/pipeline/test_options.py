import pytest

from pipeline.options import choose_workers, usable_cores


@pytest.mark.parametrize(
    ("wanted", "feeds", "last", "expected"),
    [
        (3, 1, None, 3),
        (1, 10_000, None, 1),
        (None, 3, None, 1),
        (None, 500, None, usable_cores()),
        (None, 500, 12, 1),
        (None, 1, 5_000, usable_cores()),
    ],
)
def test_processes_are_started_when_there_is_work_for_them(
    wanted: int | None, feeds: int, last: int | None, expected: int
) -> None:
    assert choose_workers(wanted, feeds, last) == expected
