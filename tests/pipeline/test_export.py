import csv
import io
import json

import pytest

from pipeline.cli import main
from pipeline.export import COLUMNS, as_csv, as_json, citation, export_record, safe_cell
from schemas.tables import to_record
from tests.pipeline.conftest import SampleRun
from tests.pipeline.running import query
from tests.rows import NOW, article, quote

TEXT = "“It rains.” said Orr."


def record(**fields: object) -> dict[str, object]:
    """The record of a quotation with a few fields of its own."""
    row = to_record(article(text_content=TEXT, title="Rain", date_published=NOW))
    return export_record(row | {"outlet": "Leith Post"}, to_record(quote(**fields)))


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1"),
        *("＝1", "＋1", "－1", "＠x", "\ufeff=1", '=HYPERLINK("https://attacker.example")'),
        *("-", "– and then", "- a list"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    is_formula = not text.startswith("–")
    assert safe_cell(text) == (f"'{text}" if is_formula else text)


@pytest.mark.parametrize("text", ["", " ", "It rains.", "a=b", "3-4", "“=1”", "'=1", "0.97"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_csv_gives_back_what_was_put_in() -> None:
    flags = ("negated", "hypothetical")
    given = record(quote_text='He said: "yes",\nand left', flags=flags, model_version="en-0.2.0")
    header, row = csv.reader(io.StringIO(as_csv([given]), newline=""))
    assert tuple(header) == COLUMNS
    cells = dict(zip(header, row, strict=True))
    assert cells["quotation"] == 'He said: "yes",\nand left'
    assert cells["flags"] == "negated; hypothetical"
    assert cells["spans"] == "1-10"
    assert cells["speaker"] == ""
    assert cells["model_version"] == "en-0.2.0"
    assert cells["confidence"] == "0.5"
    assert cells["published"] == "2026-11-24T08:30:00Z"


def test_json_keeps_numbers_lists_and_nulls() -> None:
    (line,) = json.loads(as_json([record()]))
    assert line["spans"] == [[1, 10]]
    assert line["speaker"] is None
    assert tuple(line) == COLUMNS


@pytest.mark.parametrize(
    ("fields", "begins"),
    [
        ({"speaker_canonical": "Amina Orr", "speaker_text": "she"}, "Amina Orr: “It rains.”"),
        ({"speaker_text": "a witness"}, "a witness: “It rains.”"),
        ({}, "unknown speaker: “It rains.”"),
    ],
)
def test_a_citation_names_speaker_words_source_and_place(
    fields: dict[str, str], begins: str
) -> None:
    line = citation(record(**fields))
    assert line.startswith(begins)
    assert "“Rain”, Leith Post, 2026-11-24" in line
    assert "characters 1 to 10 of revision 1" in line


def test_an_address_that_is_no_page_is_left_out() -> None:
    row = to_record(article(url="javascript:alert(1)")) | {"outlet": "x"}
    assert export_record(row, to_record(quote()))["url"] is None


def quote_id(run: SampleRun) -> str:
    ((found,),) = query(run.output, "select max(quote_id) from quotes")
    return str(found)


@pytest.mark.parametrize("digits", [8, 32])
def test_the_command_prints_quotations_by_their_ids(
    sample_run: SampleRun, capsys: pytest.CaptureFixture[str], digits: int
) -> None:
    wanted = quote_id(sample_run)
    assert main(["export", str(sample_run.output), wanted[:digits], wanted]) == 0
    assert [line["quote_id"] for line in json.loads(capsys.readouterr().out)] == [wanted] * 2


def test_a_csv_file_begins_with_a_byte_order_mark(
    sample_run: SampleRun, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("export") / "quotation.csv"
    wanted = quote_id(sample_run)
    assert main(["export", str(sample_run.output), wanted, "--format", "csv", "-o", str(path)]) == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbf" + b'"quote_id"')


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("ffffffffffffffff", "no quotation"),
        ("abc", "8 digits"),
        ("%______________", "no quotation"),
    ],
)
def test_an_id_that_leads_nowhere_is_wrong_usage(
    sample_run: SampleRun, capsys: pytest.CaptureFixture[str], given: str, told: str
) -> None:
    assert main(["export", str(sample_run.output), given]) == 2
    assert told in capsys.readouterr().err
