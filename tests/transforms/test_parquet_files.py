from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms import parquet_files
from transforms.parquet_files import RowFile, new_path, read_columns, read_records

SCHEMA = pa.schema([pa.field("n", pa.int64(), nullable=False), pa.field("s", pa.string())])


def write(path: Path, count: int) -> RowFile:
    file = RowFile(str(path), SCHEMA)
    for n in range(count):
        file.write({"n": n, "s": "x"})
    file.close()
    return file


@pytest.mark.parametrize("count", [0, 1, 5])
def test_rows_come_back_in_order(tmp_path: Path, count: int) -> None:
    file = write(tmp_path / "f.parquet", count)
    assert file.rows == count
    assert [row["n"] for row in read_records(file.path)] == list(range(count))


def test_rows_leave_memory_a_group_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_files, "ROWS_PER_GROUP", 4)
    write(tmp_path / "f.parquet", 10)
    assert pq.ParquetFile(tmp_path / "f.parquet").num_row_groups == 3


def test_large_rows_close_a_group_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_files, "BYTES_PER_GROUP", 100)
    file = RowFile(str(tmp_path / "f.parquet"), SCHEMA)
    for n in range(4):
        file.write({"n": n, "s": "x"}, size=60)
    file.close()
    assert pq.ParquetFile(tmp_path / "f.parquet").num_row_groups == 2


def test_files_are_compressed_with_zstd(tmp_path: Path) -> None:
    write(tmp_path / "f.parquet", 3)
    column = pq.ParquetFile(tmp_path / "f.parquet").metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"


def test_a_row_that_does_not_fit_the_schema_is_an_error(tmp_path: Path) -> None:
    file = RowFile(str(tmp_path / "f.parquet"), SCHEMA)
    file.write({"n": "no number", "s": "x"})
    with pytest.raises(pa.ArrowInvalid):
        file.close()


def test_some_columns_can_be_read_alone(tmp_path: Path) -> None:
    write(tmp_path / "f.parquet", 2)
    assert read_columns(str(tmp_path / "f.parquet"), ("n",)) == [{"n": 0}, {"n": 1}]


def test_no_two_writers_share_a_path() -> None:
    assert new_path("/s", "quotes") != new_path("/s", "quotes")
