import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.annotate_command import parse_line
from pipeline.cli import main

TEXT = (
    "The harbour of Leith will reopen on Monday.\n"
    "“We were lucky,” said Amina Orr, the harbour minister.\n"
)
PAGE = (
    "<html><head><title>Harbour reopens</title></head><body><nav>Home</nav><article>"
    "<h1>Harbour reopens</h1>"
    + "<p>The harbour of Leith will reopen on Monday after a week of heavy storms.</p>" * 3
    + "<p>“We were lucky,” said Amina Orr, the harbour minister.</p></article></body></html>"
)


def annotate(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    stdin: bytes,
    *options: str,
) -> list[dict[str, Any]]:
    """Give bytes to the command's standard input; return what it printed, a line each."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    main(["annotate", *options])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_quotation_is_attributed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = annotate(monkeypatch, capsys, TEXT.encode())
    (quote,) = line["quotes"]
    assert quote["speaker_canonical"] == "Amina Orr"
    assert quote["cue_text"] == "said"
    start, end = (quote["content_spans"][0][edge] for edge in ("start", "end"))
    assert TEXT[start:end].startswith("We were lucky")


@pytest.mark.parametrize(
    "text",
    ["", " ", "\r\n\r\n", "a\r\nb\rc\n", "\ufeffBOM", "e\u0301\U0001f600 “x”", TEXT, TEXT * 3],
)
def test_plain_text_goes_through_unchanged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (line,) = annotate(monkeypatch, capsys, text.encode())
    assert line["article"]["text_content"] == text


def test_json_lines_keep_their_order_and_ids(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = [json.dumps({"id": f"n{n}", "text": f"Text {n}.\r\n"}) for n in range(40)]
    lines = annotate(monkeypatch, capsys, "\n".join(inputs).encode(), "--jsonl")
    assert [line["id"] for line in lines] == [f"n{n}" for n in range(40)]
    assert [line["article"]["text_content"] for line in lines] == [
        f"Text {n}.\r\n" for n in range(40)
    ]


def test_a_bad_line_gives_its_id_and_error_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin = b'{"id": "a", "text": "One."}\nno json\n{"id": "c"}\n{"id": "d", "text": "Two."}\n'
    lines = annotate(monkeypatch, capsys, stdin, "--jsonl")
    assert [line["id"] for line in lines] == ["a", "line 2", "c", "d"]
    assert ["error" in line for line in lines] == [False, True, True, False]


def test_a_lone_surrogate_in_json_does_not_stop_the_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin = b'{"id": "a", "text": "x \\ud800 y"}\n{"id": "b", "text": "One."}\n'
    lines = annotate(monkeypatch, capsys, stdin, "--jsonl")
    assert [line["id"] for line in lines] == ["a", "b"]
    assert lines[0]["article"]["text_content"] == "x \ud800 y"


def test_html_is_stripped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = annotate(monkeypatch, capsys, PAGE.encode(), "--html")
    lines = line["article"]["text_content"].split("\n")
    assert lines[0] == "Harbour reopens"
    assert "Home" not in line["article"]["text_content"]
    assert [quote["speaker_canonical"] for quote in line["quotes"]] == ["Amina Orr"]


def test_the_same_id_gives_the_same_article_id_whatever_the_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin = b'{"id": "a", "text": "One."}\n{"id": "a", "text": "Two."}\n'
    one, two = annotate(monkeypatch, capsys, stdin, "--jsonl")
    assert one["article"]["article_id"] == two["article"]["article_id"]


@pytest.mark.parametrize(
    ("line", "given", "told"),
    [
        (b"{", "line 7", "not JSON"),
        (b"[1]", "line 7", "no object"),
        (b'{"id": 5, "text": 6}', "5", '"text"'),
        (b'{"id": "x"}', "x", '"text"'),
        (b"\xff\xfe", "line 7", "not JSON"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line: bytes, given: str, told: str) -> None:
    item = parse_line(line, 7)
    assert item.id == given
    assert told in (item.error or "")


def test_a_line_without_id_is_known_by_its_number() -> None:
    assert parse_line(b'{"text": "One."}', 3).id == "line 3"


def test_a_page_is_written_beside_the_same_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    (plain,) = annotate(monkeypatch, capsys, TEXT.encode())
    (line,) = annotate(monkeypatch, capsys, TEXT.encode(), "--html-out", str(page))
    for one in (plain, line):
        del one["article"]["ingested_at"]
    assert line == plain
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_is_told_before_anything_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "nowhere" / "page.html"
    assert annotate(monkeypatch, capsys, TEXT.encode(), "--html-out", str(page)) == []
