"""The cookbook's answers are what the sample newsroom gives; see `tests/pipeline/cookbook.py`."""

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
