import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.summary import choose_quotes, print_quotes, print_summary, summary_json, summary_lines
from tests.pipeline.conftest import SampleRun
from tests.pipeline.running import rows

FIVE = "Five words make a sentence."
README = Path(__file__).parents[2] / "README.md"


def printed(sample_run: SampleRun, most: int = 12) -> str:
    console = Console(file=io.StringIO(), width=100)
    print_quotes(sample_run.report.layout, sample_run.report.run.value, console, most)
    print_summary(sample_run.report, console)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def loosely(line: str) -> str:
    """A line without its numbers, addresses and paths."""
    line = re.sub(r"https?://\S+|/\S+|\./\S+", "PATH", line)
    return re.sub(r"\d+[\dTZ.,]*", "N", line).strip()


def test_the_summary_says_what_the_tables_hold(sample_run: SampleRun) -> None:
    text = "\n".join(summary_lines(sample_run.report))
    assert f"articles   {len(rows(sample_run.output, 'articles'))}" in text
    assert f"quotations {len(rows(sample_run.output, 'quotes'))}" in text
    assert str(sample_run.output) in text


def test_every_failed_feed_is_named_with_its_reason(sample_run: SampleRun) -> None:
    text = "\n".join(summary_lines(sample_run.report))
    failed = sample_run.report.facts.feeds_failed
    assert failed
    assert all(f"failed: {url} ({reason})" in text for url, reason in failed)


def test_the_quotations_shown_are_in_the_table(sample_run: SampleRun) -> None:
    shown = [line.split("│")[1].strip() for line in printed(sample_run).splitlines() if "│" in line]
    speakers = {row["speaker_canonical"] for row in rows(sample_run.output, "quotes")}
    assert len({name for name in shown if name in speakers}) >= 3


@pytest.mark.parametrize(
    ("quotes", "expected"),
    [
        ([("a", "mixed", "Orr", "bad", 0.99), ("a", "direct", "Orr", FIVE, 0.5)], [1, 0]),
        ([("a", "direct", None, FIVE, 0.9), ("a", "mixed", "Orr", "bad", 0.2)], [1, 0]),
        (
            [
                ("a", "direct", "Orr", FIVE, 0.9),
                ("a", "direct", "Orr", FIVE, 0.8),
                ("b", "direct", "Orr", FIVE, 0.7),
            ],
            [0, 2, 1],
        ),
    ],
)
def test_whole_sentences_of_named_people_come_first_an_article_a_line(
    quotes: list[tuple[str, str, str | None, str, float]], expected: list[int]
) -> None:
    names = ("article_id", "quote_type", "speaker_canonical", "quote_text", "confidence")
    rows_ = [
        dict(zip(names, quote, strict=True)) | {"quote_id": str(n)}
        for n, quote in enumerate(quotes)
    ]
    assert [int(quote["quote_id"]) for quote in choose_quotes(rows_)] == expected


def test_no_quotations_are_shown_when_none_are_wanted(sample_run: SampleRun) -> None:
    assert "Who said what" not in printed(sample_run, most=0)


def test_the_json_summary_is_one_line_with_the_same_numbers(sample_run: SampleRun) -> None:
    text = summary_json(sample_run.report)
    assert "\n" not in text
    assert json.loads(text)["rows"]["quotes"] == len(rows(sample_run.output, "quotes"))


def test_the_readme_shows_what_a_run_prints(sample_run: SampleRun) -> None:
    block = README.read_text().split("<!-- output: run -->\n```\n", 1)[1].split("```", 1)[0]
    documented = [loosely(line) for line in block.splitlines() if line and line[0] not in "┏┃┡│└"]
    actual = {loosely(line) for line in printed(sample_run).splitlines()}
    assert len(documented) > 10
    assert [line for line in documented if line not in actual] == []


def test_the_speakers_in_the_readme_are_those_of_the_run(sample_run: SampleRun) -> None:
    block = README.read_text().split("<!-- output: run -->\n```\n", 1)[1].split("```", 1)[0]
    cells = [line.split("│")[1].strip() for line in block.splitlines() if line.startswith("│")]
    speakers = {row["speaker_canonical"] for row in rows(sample_run.output, "quotes")}
    words = {word for name in speakers if name for word in name.split()}
    assert {word for cell in cells for word in cell.split()} <= words
