"""What a million and a hundred million articles a day take in workers, storage and BigQuery bytes.

    python -m benchmarks.scaling                    the tables of docs/scaling.md
    python -m benchmarks.scaling --measure FOLDER   bytes an article in a warehouse

The figures that were measured stand in `measured.toml`; everything else is arithmetic.
"""

import argparse
import tomllib
from pathlib import Path

from benchmarks.scaling.arithmetic import Measured, demand, markdown
from benchmarks.scaling.sizes import table_sizes
from benchmarks.table import print_table
from schemas.tables import TABLES

MEASURED = Path(__file__).with_name("measured.toml")
ARTICLES = (1e6, 100e6)  # a day


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", type=Path, metavar="FOLDER", help="a warehouse")
    arguments = parser.parse_args()
    if arguments.measure:
        print_sizes(arguments.measure)
    else:
        print(markdown([demand(articles, read_measured()) for articles in ARTICLES]))


def read_measured() -> Measured:
    """Return the figures of `measured.toml`."""
    return Measured(**tomllib.loads(MEASURED.read_text()))


def print_sizes(warehouse: Path) -> None:
    """Print rows and bytes an article of every table."""
    sizes = {name: table_sizes(warehouse, name) for name in TABLES}
    articles = sizes["articles"][0]
    rows = [
        [name, str(count), f"{disk / articles:.0f}", f"{logical / articles:.0f}"]
        for name, (count, disk, logical) in sizes.items()
    ]
    print_table(["table", "rows", "Parquet_bytes_an_article", "BigQuery_bytes_an_article"], rows)


if __name__ == "__main__":
    main()
