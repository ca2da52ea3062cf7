"""Imports run one way, rooms keep to themselves, and files stay short."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("schemas", "transforms", "pipeline")
LONGEST_FILE = 400
FILES = sorted(path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def forbidden(path: Path) -> tuple[str, ...]:
    """The packages that a file of this room must not import."""
    if path.parts[0] == "schemas":
        return ("transforms", "pipeline", "apache_beam", "spacy", "training", "benchmarks")
    if path.parts[:2] == ("transforms", "nlp"):
        beam_and_network = ("apache_beam", "httpx", "transforms.web", "transforms.retrieve")
        return ("pipeline", "training", "benchmarks", *beam_and_network)
    if path.parts[:2] == ("transforms", "web"):
        return ("pipeline", "training", "benchmarks", "apache_beam", "spacy")
    if path.parts[0] == "transforms":
        return ("pipeline", "training", "benchmarks")
    return ("training", "benchmarks", "tests")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_run_one_way(path: Path) -> None:
    wrong = [
        module
        for module in imported(path)
        if any(module == name or module.startswith(f"{name}.") for name in forbidden(path))
    ]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=str)
def test_files_stay_short(path: Path) -> None:
    assert len((ROOT / path).read_text().splitlines()) <= LONGEST_FILE
