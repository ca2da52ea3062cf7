"""What local worker processes write to standard error, sorted into the log.

Beam's workers inherit standard error and greet it with several lines each before they read any
option. While a run goes on, the descriptor is a pipe: lines below a warning are dropped, the others
go to the log, so that `--log-format json` holds for them too.
"""

import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.worker_watch import watched_workers

STDERR = 2
_LEVELLED = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL):([\w.]+):(.*)")
_EXPECTED = ("apitools not found", "No semi_persistent_directory", "Discarding unparseable args")

log = logging.getLogger("newsbeam.worker")


def classify_line(line: str) -> tuple[int, str] | None:
    """Return level and text of a line worth logging; None for greetings and chatter."""
    if not line.strip():
        return None
    found = _LEVELLED.fullmatch(line)
    if found is None:
        return logging.WARNING, line
    level = logging.getLevelNamesMapping()[found[1]]
    if level < logging.WARNING or any(text in line for text in _EXPECTED):
        return None
    return level, f"{found[2]}: {found[3]}"


@contextmanager
def sorted_worker_output() -> Iterator[None]:
    """Keep this process's own standard error as it is, and sort what its children write to it.

    Raises WorkerDiedError where one of them dies.
    """
    own = os.dup(STDERR)
    reading, writing = os.pipe()
    os.dup2(writing, STDERR)
    os.close(writing)
    reader = threading.Thread(target=_forward, args=(reading,), daemon=True)
    reader.start()
    python_stderr = sys.stderr
    sys.stderr = os.fdopen(own, "w", buffering=1, closefd=False)
    try:
        with watched_workers():
            yield
    finally:
        sys.stderr.flush()
        sys.stderr = python_stderr
        os.dup2(own, STDERR)
        os.close(own)
        reader.join(timeout=5)


def _forward(descriptor: int) -> None:
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            classified = classify_line(line.rstrip("\n"))
            if classified is not None:
                log.log(*classified)
