from datetime import date

import pytest

from schemas.layout import Layout, RunId

RUN = RunId("20261124T083000000000Z", date(2026, 11, 24))


@pytest.mark.parametrize("root", ["/data/wh", "/data/wh/", "gs://bucket/wh"])
def test_parts_lie_in_hive_partitions(root: str) -> None:
    path = Layout(root).part("quotes", RUN, 3)
    expected = f"/quotes/ingest_date=2026-11-24/part-{RUN.value}-00003.parquet"
    assert path == root.rstrip("/") + expected


@pytest.mark.parametrize(
    "path",
    [
        Layout("/w").staging("r"),
        Layout("/w").record("r"),
        Layout("/w").state("r", "a"),
        Layout("/w").lock(),
        Layout("/w").claim(),
        Layout("/w").summary("r"),
    ],
)
def test_what_is_no_table_starts_with_an_underscore(path: str) -> None:
    assert path.removeprefix("/w/").startswith("_")
