from datetime import UTC, datetime

import pytest

from schemas.errors import UsageError
from transforms.archive.read import PageRecord
from transforms.read_archive import find_archive, fixed_folder, newest_record


def record(offset, moment=datetime(2026, 1, 1, tzinfo=UTC), path="/a/1.warc.gz"):
    return PageRecord("https://x.example/a", moment, path, offset)


def test_newest_record_of_a_page_counts_and_of_equals_the_last():
    later = record(0, datetime(2026, 1, 2, tzinfo=UTC))
    assert newest_record([record(5), later, record(9)]) == later
    assert newest_record([record(5), record(9)]) == record(9)
    assert newest_record([record(9), record(0, path="/a/2.warc.gz")]).path == "/a/2.warc.gz"


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [
        ("/a/**.warc.gz", "/a"),
        ("/a/2026-11-24/run-*.warc.gz", "/a/2026-11-24"),
        ("/a/one.warc.gz", "/a"),
        ("gs://b/c/[0-9]*/x.warc", "gs://b/c"),
        ("*.warc", ""),
    ],
)
def test_reference_is_given_below_the_fixed_part_of_the_pattern(pattern, folder):
    assert fixed_folder(pattern) == folder


def test_files_are_cut_into_ranges(tmp_path):
    for name in ("b.warc.gz", "a.warc.gz"):
        (tmp_path / name).write_bytes(b"x" * 10)
    archive = find_archive(f"{tmp_path}/*.warc.gz")
    assert [part.path.rsplit("/")[-1] for part in archive.ranges] == ["a.warc.gz", "b.warc.gz"]
    assert (archive.bytes, archive.folder) == (20, str(tmp_path))


def test_pattern_that_matches_nothing_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="no such WARC file"):
        find_archive(f"{tmp_path}/*.warc.gz")
