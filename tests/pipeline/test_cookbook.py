"""The cookbook's answers are what the sample newsroom gives; see `tests/pipeline/cookbook.py`."""

import re

import pytest

from pipeline.views import open_tables
from tests.pipeline.conftest import SampleRun
from tests.pipeline.cookbook import PAGE, ask, questions

TEXT = PAGE.read_text()
QUESTIONS = questions(TEXT)


def test_there_are_fifteen_questions_and_each_has_an_answer() -> None:
    assert len(QUESTIONS) == 15
    assert TEXT.count("\n## ") == 15
    assert TEXT.count("```sql") == 15


@pytest.mark.parametrize(("sql", "output"), QUESTIONS, ids=range(1, len(QUESTIONS) + 1))
def test_the_answer_is_current(sample_run: SampleRun, sql: str, output: str) -> None:
    """Where this fails after a change that is meant: python -m tests.pipeline.cookbook."""
    with open_tables(str(sample_run.output)) as connection:
        assert ask(connection, sql) == output


ATTRIBUTION = (PAGE.parent / "attribution.md").read_text()
STATEMENTS = [
    sql for sql in re.findall(r"```sql\n(.*?)```", ATTRIBUTION, re.DOTALL) if "from" in sql
]


@pytest.mark.parametrize("sql", STATEMENTS, ids=range(1, len(STATEMENTS) + 1))
def test_the_statements_of_the_page_on_attribution_run(sample_run: SampleRun, sql: str) -> None:
    with open_tables(str(sample_run.output)) as connection:
        assert ask(connection, sql).startswith("┌")
