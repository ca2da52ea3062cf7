"""The options that say where the rows go, for every command that makes passes."""

import argparse

from pipeline.outputs.targets import FILE_LOADS, METHODS, BigQueryOptions, Targets, choose_targets


def add_output_options(parser: argparse.ArgumentParser, default: str) -> None:
    """Declare the options."""
    parser.add_argument(
        "--output",
        metavar="PATH",
        action="append",
        default=[],
        help="folder or gs://BUCKET/DIR of the tables, or bq://PROJECT.DATASET; twice for both "
        f"(default for the sample newsroom: {default})",
    )
    parser.add_argument(
        "--state",
        metavar="PATH",
        help="folder or gs://BUCKET/DIR of state and staged files, where --output is bq:// alone",
    )
    parser.add_argument(
        "--bigquery-method",
        metavar="METHOD",
        choices=METHODS,
        default=FILE_LOADS,
        help=f"how rows reach BigQuery: {', '.join(METHODS)} (default: %(default)s)",
    )
    parser.add_argument(
        "--bigquery-location",
        metavar="LOCATION",
        help="where to make the dataset if it is missing, such as EU (default: it must be there)",
    )


def read_targets(arguments: argparse.Namespace, default: str) -> tuple[Targets, BigQueryOptions]:
    """Return where to write; UsageError where that cannot be."""
    targets = choose_targets(arguments.output or [default], arguments.state)
    method, location = arguments.bigquery_method, arguments.bigquery_location
    return targets, BigQueryOptions(targets.datasets, method, location)
