"""Documentation is tested: each command, option, table and outcome is documented, and current."""

import argparse
import re
from pathlib import Path

import pytest

from pipeline.cli import build_parser
from schemas.tables import TABLES, dictionary
from transforms.retrieve import FetchOutcome

ROOT = Path(__file__).parents[1]
COMMANDS = (ROOT / "docs" / "commands.md").read_text()
TABLES_PAGE = (ROOT / "docs" / "tables.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def leaves(parser: argparse.ArgumentParser, name: str = "") -> dict[str, argparse.ArgumentParser]:
    """The commands that do something, by name ("run", "feeds check")."""
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        return {name: parser}
    found = {}
    for part, choice in groups[0].choices.items():
        found |= leaves(choice, f"{name} {part}".strip())
    return found


def subcommands() -> dict[str, argparse.ArgumentParser]:
    return leaves(build_parser())


OPTIONS = [
    (name, option)
    for name, parser in subcommands().items()
    for action in parser._actions
    for option in action.option_strings
    if option.startswith("--") and option != "--help"
]


def section(name: str) -> str:
    """The part of the page that is about one command."""
    return COMMANDS.split(f"## newsbeam {name}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("name", sorted(subcommands()))
def test_every_command_has_its_section(name: str) -> None:
    assert f"## newsbeam {name}\n" in COMMANDS


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_is_documented(name: str, option: str) -> None:
    assert f"`{option}" in section(name)


@pytest.mark.parametrize("name", sorted(subcommands()))
def test_no_option_is_documented_that_does_not_exist(name: str) -> None:
    documented = set(re.findall(r"^\| `(--[a-z-]+)", section(name), flags=re.MULTILINE))
    assert documented == {option for command, option in OPTIONS if command == name}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_dictionary_is_current(table: str) -> None:
    assert dictionary(TABLES[table]) in TABLES_PAGE


@pytest.mark.parametrize("outcome", list(FetchOutcome))
def test_every_outcome_is_explained_to_the_operator(outcome: FetchOutcome) -> None:
    assert f"| `{outcome.value}` | {outcome.meaning} |" in OPERATIONS
