"""Log lines on standard error: for people, or as JSON for a scheduler."""

import argparse
import json
import logging
import os
from datetime import UTC, datetime

from transforms.redact import redact_text

NOISY = ("apache_beam", "trafilatura", "httpx", "httpcore", "hpack", "courlan", "htmldate", "spacy")


class Redacted(logging.Formatter):
    """Another formatter's lines without the secrets of the addresses in them."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return redact_text(self._inner.format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the `fields` of `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def add_log_format(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare --log-format; `what` says what is JSON then."""
    parser.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help=f"json: {what} (default: %(default)s)",
    )


def set_up_logging(log_format: str, *, verbose: bool = False) -> None:
    """Send newsbeam's own lines to standard error; libraries only from warnings or errors on."""
    own = os.fdopen(os.dup(2), "w", buffering=1)  # see worker_output
    handler = logging.StreamHandler(own)
    plain = logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S")
    handler.setFormatter(Redacted(JsonFormatter() if log_format == "json" else plain))
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    logging.getLogger("newsbeam").setLevel(logging.INFO)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING if verbose else logging.ERROR)
