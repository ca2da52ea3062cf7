"""Take secrets out of addresses before these are written anywhere: tables, logs, the summary.

The request itself, and the ids that follow from an address, use it as it is.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote_plus, urlsplit, urlunsplit

REDACTED = "REDACTED"
TABLES = frozenset({"articles", "fetches", "failures", "runs"})  # whose rows hold addresses
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>\\^`{|}]+", re.IGNORECASE)
_LOOSE_USER = re.compile(r"(?<=://)[^/?#@]*@")


@dataclass(frozen=True)
class _Rules:
    parameters: frozenset[str]
    prose: frozenset[str]


@cache
def _rules() -> _Rules:
    data = tomllib.loads((files("transforms") / "data" / "secrets.toml").read_text("utf-8"))
    return _Rules(frozenset(data["parameters"]), frozenset(data["prose"]))


def redact_url(url: str) -> str:
    """Return an address without user, password and the values of secret parameters.

    Total and idempotent; an address without any of them comes back as it is.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return _LOOSE_USER.sub(f"{REDACTED}@", url)
    _, at, host = parts.netloc.rpartition("@")
    query, fragment = _redact_parameters(parts.query), _redact_parameters(parts.fragment)
    if not at and (query, fragment) == (parts.query, parts.fragment):
        return url
    netloc = f"{REDACTED}@{host}" if at else parts.netloc
    return urlunsplit((parts.scheme, netloc, parts.path, query, fragment))


def _redact_parameters(text: str) -> str:
    if "=" not in text:
        return text
    return "".join(
        piece if piece in "&;" else _redact_parameter(piece) for piece in re.split("([&;])", text)
    )


def _redact_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    plain = unquote_plus(name).lower().replace("-", "").replace("_", "")
    if not value or plain not in _rules().parameters:
        return parameter
    return f"{name}{equals}{REDACTED}"


def redact_text(text: str) -> str:
    """Redact every address that stands in a text, such as an error's message or JSON."""
    if "://" not in text:
        return text
    return _ADDRESS.sub(lambda found: redact_url(found[0]), text)


def redact_record(table: str, record: dict[str, Any]) -> dict[str, Any]:
    """Return a row of a table with all addresses redacted; prose stays as it is."""
    if table not in TABLES:
        return record
    prose = _rules().prose
    return {
        name: value if name in prose else _redact_value(value) for name, value in record.items()
    }


def _redact_value(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, list):
        return [_redact_value(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _redact_value(item) for name, item in value.items()}
    return value
