"""The cookbook's questions, asked again: `python -m tests.pipeline.cookbook` writes the page anew.

Behind every block of SQL stands a block of text: what `newsbeam query` prints on the sample.
"""

import io
import re
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import duckdb

from pipeline.newsroom.server import SampleNewsroom
from pipeline.query_command import answer
from pipeline.views import open_tables
from tests.pipeline.running import run

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"
_QUESTION = re.compile(r"```sql\n(?P<sql>.*?)```\n\n```text\n(?P<output>.*?)```", re.DOTALL)


def questions(page: str) -> list[tuple[str, str]]:
    """The SQL of each question and the output that the page gives."""
    return [(found["sql"], found["output"]) for found in _QUESTION.finditer(page)]


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """What `newsbeam query` prints into a pipe."""
    with redirect_stdout(io.StringIO()) as printed:
        answer(connection, sql, "table")
    return printed.getvalue().rstrip("\n") + "\n"


def written_anew(page: str, connection: duckdb.DuckDBPyConnection) -> str:
    """The page with the output of each question as it is now."""

    def with_output(found: re.Match[str]) -> str:
        return f"```sql\n{found['sql']}```\n\n```text\n{ask(connection, found['sql'])}```"

    return _QUESTION.sub(with_output, page)


if __name__ == "__main__":
    with SampleNewsroom(port=0) as newsroom, tempfile.TemporaryDirectory() as folder:
        run(Path(folder), newsroom.feed_urls)
        with open_tables(folder) as opened:
            PAGE.write_text(written_anew(PAGE.read_text(), opened))
