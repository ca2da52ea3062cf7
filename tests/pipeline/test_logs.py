import json
import logging

from pipeline.logs import JsonFormatter


def test_a_json_line_carries_its_fields() -> None:
    record = logging.LogRecord("newsbeam", logging.INFO, "f", 1, "pages %d", (3,), None)
    record.fields = {"pages": 3}
    line = json.loads(JsonFormatter().format(record))
    assert (line["message"], line["level"], line["pages"]) == ("pages 3", "info", 3)


def test_an_exception_stays_on_its_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("newsbeam", logging.ERROR, "f", 1, "failed", (), info)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    assert "ValueError" in json.loads(text)["exception"]
