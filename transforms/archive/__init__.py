"""Fetched pages as WARC 1.1 files (ISO 28500:2017): written beside a run, read again later."""
