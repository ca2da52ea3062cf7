"""Runs on engines other than the local runner; not part of `make test`."""
