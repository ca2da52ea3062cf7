from pathlib import Path

import pytest

from transforms import storage


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = str(tmp_path / "deep" / "file.bin")
    storage.write_atomically(path, b"\x00news")
    assert storage.read(path) == b"\x00news"


def test_writing_atomically_leaves_no_other_file(tmp_path: Path) -> None:
    storage.write_atomically(str(tmp_path / "a"), b"1")
    storage.write_atomically(str(tmp_path / "a"), b"2")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert storage.read(str(tmp_path / "a")) == b"2"


def test_compressed_names_are_not_compressed_again(tmp_path: Path) -> None:
    path = str(tmp_path / "a.gz")
    storage.write_atomically(path, b"plain")
    assert Path(path).read_bytes() == b"plain"


def test_renaming_makes_the_folder(tmp_path: Path) -> None:
    storage.write_atomically(str(tmp_path / "a"), b"1")
    storage.rename(str(tmp_path / "a"), str(tmp_path / "x" / "y" / "b"))
    assert (tmp_path / "x" / "y" / "b").read_bytes() == b"1"


def test_files_are_listed_at_every_depth(tmp_path: Path) -> None:
    for name in ("a", "x/b", "x/y/c"):
        storage.write_atomically(str(tmp_path / name), b"")
    found = sorted(path.removeprefix(f"{tmp_path}/") for path in storage.list_files(str(tmp_path)))
    assert found == ["a", "x/b", "x/y/c"]


def test_a_missing_folder_has_no_files_and_deletes_in_peace(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    storage.delete_folder(missing)
    assert list(storage.list_files(missing)) == []


def test_a_folder_is_deleted_with_all_in_it(tmp_path: Path) -> None:
    storage.write_atomically(str(tmp_path / "x" / "y" / "c"), b"")
    storage.delete_folder(str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()


def test_reading_what_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        storage.read(str(tmp_path / "missing"))


@pytest.mark.parametrize(
    ("output", "expected"),
    [("warehouse", False), ("/data/w", False), ("gs://b/w", True), ("s3://b/w", True)],
)
def test_addresses_are_told_from_folders(output: str, expected: bool) -> None:
    assert storage.is_remote(output) is expected
