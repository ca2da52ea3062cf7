import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import merge as merge_module
from pipeline.merge import merge_files

SCHEMA = pa.schema(
    [
        pa.field("key", pa.string()),
        pa.field("n", pa.int64(), nullable=False),
        pa.field("spans", pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64())]))),
    ]
)
KEYS = st.lists(st.lists(st.none() | st.text("abc", max_size=2), max_size=30), max_size=6)


def row(key: str | None, n: int) -> dict[str, Any]:
    return {"key": key, "n": n, "spans": [{"start": n, "end": n + 1}]}


def write(
    folder: Path, listed: list[list[dict[str, Any]]], schema: pa.Schema = SCHEMA
) -> list[str]:
    """Write one file a list of rows."""
    paths = [str(folder / f"{number}.parquet") for number in range(len(listed))]
    for path, rows in zip(paths, listed, strict=True):
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return paths


def read(files: list[merge_module.MergedFile]) -> list[dict[str, Any]]:
    return [row for file in files for row in pq.read_table(file.path).to_pylist()]


@pytest.mark.parametrize("rows_per_group", [3, 250_000], ids=["distributed", "in memory"])
@given(keys=KEYS)
def test_rows_come_out_sorted_stable_and_all(
    tmp_path_factory: pytest.TempPathFactory, rows_per_group: int, keys: list[list[str | None]]
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    rows = [[row(key, 100 * f + n) for n, key in enumerate(file)] for f, file in enumerate(keys)]
    paths = write(folder, rows)
    with pytest.MonkeyPatch.context() as limits:
        limits.setattr(merge_module, "GROUP_ROWS", rows_per_group)
        merged = merge_files(paths, str(folder), "part", SCHEMA, ("key",))
    flat = [item for file in rows for item in file]
    assert read(merged) == sorted(flat, key=lambda r: (r["key"] is None, r["key"] or "", r["n"]))
    assert sorted(path.suffix for path in folder.iterdir() if path.suffix != ".parquet") == []


def test_without_sort_columns_the_order_is_that_of_the_sources(tmp_path: Path) -> None:
    rows = [[row("b", 1), row("a", 2)], [row("c", 3)]]
    assert read(merge_files(write(tmp_path, rows), str(tmp_path), "part", SCHEMA)) == [
        *rows[0],
        *rows[1],
    ]


def test_a_row_group_and_a_file_have_their_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_module, "GROUP_ROWS", 10)
    monkeypatch.setattr(merge_module, "FILE_BYTES", 500)
    paths = write(tmp_path, [[row(str(n), n) for n in range(95)]])
    merged = merge_files(paths, str(tmp_path), "part", SCHEMA, ("key",))
    assert len(merged) > 1
    assert sum(file.rows for file in merged) == 95
    groups = [pq.read_metadata(f.path).row_group(0).num_rows for f in merged]
    assert max(groups) == 10


def test_a_column_that_an_old_file_lacks_is_null_and_one_of_the_future_is_kept(
    tmp_path: Path,
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    paths = write(old, [[{"n": 1}]], pa.schema([SCHEMA.field("n")]))
    future = SCHEMA.append(pa.field("later", pa.string(), nullable=False))
    paths += write(new, [[{**row("a", 2), "later": "x"}]], future)
    assert read(merge_files(paths, str(tmp_path), "part", SCHEMA, ("key",))) == [
        {**row("a", 2), "later": "x"},
        {"key": None, "n": 1, "spans": None, "later": None},
    ]


def test_no_rows_at_all_are_an_empty_file(tmp_path: Path) -> None:
    (merged,) = merge_files(write(tmp_path, [[], []]), str(tmp_path), "part", SCHEMA, ("key",))
    assert pq.read_table(merged.path).schema.equals(SCHEMA)
    assert merged.rows == 0


MEMORY = """
import resource, sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from pipeline import merge
folder, count = Path(sys.argv[1]), int(sys.argv[2])
merge.GROUP_BYTES = 4 << 20
texts = [f"{n:02d}" + "%x" % (7919 ** 5000 % 10 ** 3000) + str(n) for n in range(50)]
for number in range(count):
    table = pa.table({"key": [text[:2] for text in texts] * 40, "text": texts * 40})
    pq.write_table(table, folder / f"{number}.parquet", use_dictionary=False)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
paths = sorted(map(str, folder.glob("*.parquet")))
merge.merge_files(paths, str(folder), "part", table.schema, ("key",))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    used = {}
    for count in (8, 32):
        folder = tmp_path / str(count)
        folder.mkdir()
        command = [sys.executable, "-c", MEMORY, str(folder), str(count)]
        used[count] = int(
            subprocess.run(command, capture_output=True, text=True, check=True).stdout
        )
    assert used[32] < used[8] + 60, used  # MB; the rows of 24 files more are 120
