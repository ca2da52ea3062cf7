"""Outputs besides the Parquet files: what gets every committed run, and how.

`targets` reads what `--output` names; `publishing` brings committed runs to the others, in order;
`bigquery` is the one other output there is.
"""
