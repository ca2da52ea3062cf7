from pathlib import Path

import pytest

from pipeline import exchange as exchange_module
from pipeline.exchange import ExchangeUnsupportedError, can_exchange, exchange


def test_two_folders_are_swapped(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text(name)
    exchange(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "a" / "b").read_text() == "b"
    assert (tmp_path / "b" / "a").read_text() == "a"


def test_a_missing_folder_is_an_error_and_the_other_stays(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(FileNotFoundError):
        exchange(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "a").is_dir()


def test_it_is_tried_out_without_a_trace(tmp_path: Path) -> None:
    assert can_exchange(str(tmp_path / "probe"))
    assert list((tmp_path / "probe").iterdir()) == []


def test_a_system_without_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        """A C library that knows no renameat2."""

        def __init__(self, *arguments: object, **options: object) -> None: ...

    monkeypatch.setattr(exchange_module.ctypes, "CDLL", Library)
    with pytest.raises(ExchangeUnsupportedError):
        exchange("a", "b")
    assert not can_exchange(str(tmp_path))
