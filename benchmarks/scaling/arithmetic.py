"""What so many articles a day take: pure arithmetic over measured figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

DAY_S = 86_400
UTILIZATION = 0.6  # of the workers: news comes in waves, and a pass has a start and an end
CORES_A_WORKER = 4
MB, GB, TB = 1e6, 1e9, 1e12


@dataclass(frozen=True)
class Measured:
    """What was measured on one machine; see `measured.toml`."""

    articles_per_core_s: float  # whole run, one worker process
    memory_a_process_mb: float  # peak
    page_bytes: float  # of one fetched page, unpacked
    archive_bytes: float  # of one page in a WARC file, compressed
    parquet_bytes: dict[str, float]  # an article, by table
    bigquery_bytes: dict[str, float]  # an article, by table: logical bytes
    feed_checks_per_core_s: float  # unchanged feeds
    entries_a_feed_day: float  # new articles that one feed brings a day


@dataclass(frozen=True)
class Demand:
    """What a number of articles a day takes."""

    articles: float  # a day
    cores: int
    workers: int
    memory_gb: float
    feeds: int
    feed_cores: int  # to ask for all feeds every ten minutes
    hosts: int  # at least, with a pause of a second between two pages of one
    ingress_tb: float  # a day, unpacked
    parquet_gb: float  # a day
    parquet_tb_year: float
    archive_tb_year: float
    bigquery_gb: float  # a day, logical
    bigquery_tb_year: float


def demand(articles: float, measured: Measured, host_delay_s: float = 1.0) -> Demand:
    """Compute what `articles` a day take."""
    cores = math.ceil(articles / (measured.articles_per_core_s * UTILIZATION * DAY_S))
    feeds = math.ceil(articles / measured.entries_a_feed_day)
    checks = feeds * DAY_S / 600
    parquet, bigquery = sum(measured.parquet_bytes.values()), sum(measured.bigquery_bytes.values())
    return Demand(
        articles=articles,
        cores=cores,
        workers=math.ceil(cores / CORES_A_WORKER),
        memory_gb=cores * measured.memory_a_process_mb * MB / GB,
        feeds=feeds,
        feed_cores=math.ceil(checks / (measured.feed_checks_per_core_s * UTILIZATION * DAY_S)),
        hosts=math.ceil(articles * host_delay_s / DAY_S),
        ingress_tb=articles * measured.page_bytes / TB,
        parquet_gb=articles * parquet / GB,
        parquet_tb_year=365 * articles * parquet / TB,
        archive_tb_year=365 * articles * measured.archive_bytes / TB,
        bigquery_gb=articles * bigquery / GB,
        bigquery_tb_year=365 * articles * bigquery / TB,
    )


ROWS = (
    ("cores", "cores", "{:,.0f}"),
    ("workers of 4 cores", "workers", "{:,.0f}"),
    ("memory, GB", "memory_gb", "{:,.0f}"),
    ("feeds", "feeds", "{:,.0f}"),
    ("of the cores, for asking feeds every 10 minutes", "feed_cores", "{:,.0f}"),
    ("hosts, at least (a page a second each)", "hosts", "{:,.0f}"),
    ("pages fetched, TB a day", "ingress_tb", "{:,.2f}"),
    ("Parquet, GB a day", "parquet_gb", "{:,.1f}"),
    ("Parquet, TB a year", "parquet_tb_year", "{:,.1f}"),
    ("archive of pages (WARC), TB a year", "archive_tb_year", "{:,.1f}"),
    ("BigQuery, logical GB a day", "bigquery_gb", "{:,.1f}"),
    ("BigQuery, logical TB a year", "bigquery_tb_year", "{:,.1f}"),
)


def markdown(demands: list[Demand]) -> str:
    """Return a table, a column a demand."""
    heads = ["", *(f"{found.articles / 1e6:g} million articles a day" for found in demands)]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name, field, form in ROWS:
        cells = [form.format(getattr(found, field)) for found in demands]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
