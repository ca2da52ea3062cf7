"""The page writes the record that the command writes."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.export import as_csv, as_json
from pipeline.export_command import find_quote
from pipeline.report.source import open_current
from tests.pipeline.conftest import SampleRun
from tests.pipeline.report.tab import Tab
from tests.pipeline.running import query

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize(
    "which",
    [
        "speaker_canonical is null and speaker_text is not null",
        "len(content_spans) > 1",
        "len(flags) > 0",
        "quote_type = 'indirect'",
    ],
)
def test_json_and_csv_are_those_of_the_command(
    browser: "Browser", sample_page: Path, sample_run: SampleRun, which: str
) -> None:
    ((wanted,),) = query(sample_run.output, f"select max(quote_id) from quotes where {which}")
    with open_current(str(sample_run.output)) as connection:
        record = find_quote(connection, wanted)
    with Tab.open(browser, sample_page, f"#quote={wanted[:16]}", accept_downloads=True) as tab:
        files = {}
        for label in ("JSON", "CSV"):
            with tab.page.expect_download() as download:
                tab.page.click(f".one.target button:has-text('{label}')")
            files[label] = Path(download.value.path()).read_bytes().decode("utf-8")
        tab.page.click(".one.target button:has-text('Cite')")
        tab.page.locator(".citation").wait_for()
        assert tab.texts(".citation") == [record["citation"]]
        assert tab.noted == []
    assert json.loads(files["JSON"]) == json.loads(as_json([record]))
    assert table(files["CSV"].removeprefix("\ufeff")) == table(as_csv([record]))


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))
