from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.scaling.__main__ import ARTICLES, read_measured
from benchmarks.scaling.arithmetic import Measured, demand, markdown
from benchmarks.scaling.sizes import logical_bytes

SCALING = Path(__file__).parents[2] / "docs" / "scaling.md"
MEASURED = Measured(
    articles_per_core_s=10.0,
    memory_a_process_mb=500.0,
    page_bytes=100_000.0,
    archive_bytes=20_000.0,
    parquet_bytes={"articles": 2_000.0, "quotes": 1_000.0},
    bigquery_bytes={"articles": 5_000.0, "quotes": 3_000.0},
    feed_checks_per_core_s=100.0,
    entries_a_feed_day=10.0,
)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("cores", 2),  # 518,400 a core and day at 60 %
        ("workers", 1),
        ("memory_gb", 1.0),
        ("feeds", 100_000),
        ("feed_cores", 3),  # 14.4 million checks, 5.184 million a core
        ("hosts", 12),
        ("ingress_tb", 0.1),
        ("parquet_gb", 3.0),
        ("parquet_tb_year", 1.095),
        ("archive_tb_year", 7.3),
        ("bigquery_gb", 8.0),
        ("bigquery_tb_year", 2.92),
    ],
)
def test_a_million_articles_take(field, expected):
    assert getattr(demand(1e6, MEASURED), field) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, 0),
        (True, 1),
        (7, 8),
        (0.5, 8),
        (datetime(2026, 1, 1, tzinfo=UTC), 8),
        ("é", 4),
        (b"ab", 4),
        ([1, 2], 16),
        ({"a": 1, "b": "x"}, 11),
        ([{"a": None}], 0),
    ],
)
def test_logical_bytes_are_counted_as_bigquery_counts_them(value, expected):
    assert logical_bytes(value) == expected


def test_the_page_on_scaling_is_current():
    table = markdown([demand(articles, read_measured()) for articles in ARTICLES])
    assert table in SCALING.read_text()
