"""Read the rules of alerts from a TOML file, and say what is wrong with it."""

import dataclasses
import tomllib
from importlib.resources import files
from typing import Any

from pipeline.alerts import RULES, Rule
from schemas.errors import UsageError

DEFAULT = "default"


def read_rules(path: str) -> dict[str, Rule]:
    """Return the rules of a file, or newsbeam's own for `default`; raises UsageError."""
    try:
        if path == DEFAULT:
            text = (files("pipeline") / "alerts.toml").read_text(encoding="utf-8")
        else:
            with open(path, encoding="utf-8") as stream:
                text = stream.read()
        return parse_rules(text)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", path) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"is not TOML: {error}", path) from error
    except UsageError as error:
        raise UsageError(error.message, path) from error


def parse_rules(text: str) -> dict[str, Rule]:
    """Return the rules by name; limits that are left out have their default."""
    return {name: _rule(name, limits) for name, limits in tomllib.loads(text).items()}


def _rule(name: str, limits: Any) -> Rule:
    if name not in RULES or not isinstance(limits, dict):
        raise UsageError(f"there is no rule {name!r}; there are {', '.join(RULES)}")
    known = {field.name: field for field in dataclasses.fields(RULES[name])}
    for key in limits:
        if key not in known:
            raise UsageError(f"[{name}] knows no {key!r}; it knows {', '.join(known)}")
    return RULES[name](**{key: _limit(name, key, limits[key], known[key]) for key in limits})


def _limit(name: str, key: str, value: Any, field: "dataclasses.Field[Any]") -> Any:
    if isinstance(field.default, tuple):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise UsageError(f'[{name}] {key} is a list of strings, as in {key} = ["…"]')
    kinds = (int,) if isinstance(field.default, int) else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or value < 0:
        what = "a whole number" if kinds == (int,) else "a number"
        raise UsageError(f"[{name}] {key} is {what} from 0, not {value!r}")
    return value
