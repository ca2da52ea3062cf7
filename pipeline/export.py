"""One quotation with its context, for citing: a flat record, as JSON or as CSV.

The page that `newsbeam report` makes writes the same record (`report/assets/app/export.js`); a test
holds the two together.
"""

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from transforms.urls import is_http_url

COLUMNS = (
    *("quote_id", "quotation", "quote_type", "speaker", "speaker_text", "cue", "confidence"),
    *("flags", "context_before", "context_after", "spans", "char_start", "char_end"),
    *("article_id", "revision", "title", "authors", "outlet", "published", "url"),
    *("content_hash", "model_version", "citation"),
)
# A cell that begins with one of these is a formula for a spreadsheet: full-width forms as well.
FORMULA_SIGNS = frozenset("=+-@＝＋－＠\t\r\n")
JOINED = "; "


def export_record(article: dict[str, Any], quote: dict[str, Any]) -> dict[str, Any]:
    """Return a quotation and where it stands, in the order of COLUMNS.

    `article` has the columns of `articles` and `outlet`; `quote` those of `quotes`. Offsets count
    characters of the article's `text_content`.
    """
    spans = [[span["start"], span["end"]] for span in quote["content_spans"]]
    published = article["date_published"]
    record = {
        "quote_id": quote["quote_id"],
        "quotation": quote["quote_text"],
        "quote_type": quote["quote_type"],
        "speaker": quote["speaker_canonical"],
        "speaker_text": quote["speaker_text"],
        "cue": quote["cue_text"],
        "confidence": quote["confidence"],
        "flags": list(quote["flags"]),
        "context_before": quote["pre"],
        "context_after": quote["post"],
        "spans": spans,
        "char_start": spans[0][0],
        "char_end": spans[-1][1],
        "article_id": article["article_id"],
        "revision": article["revision"],
        "title": article["title"],
        "authors": list(article["authors"]),
        "outlet": article["outlet"],
        "published": _iso(published),
        "url": web_address(article["url"] or article["original_url"]),
        "content_hash": article["content_hash"],
        "model_version": quote["model_version"],
    }
    record["citation"] = citation(record)
    return record


def citation(record: dict[str, Any]) -> str:
    """Return a line that names speaker, outlet, day, address and the exact place in the text."""
    speaker = record["speaker"] or record["speaker_text"] or "unknown speaker"
    title = f"“{record['title']}”" if record["title"] else None
    day = (record["published"] or "")[:10] or None
    where = ", ".join(filter(None, (title, record["outlet"], day, record["url"])))
    place = (
        f"newsbeam quotation {record['quote_id']}, characters {record['char_start']} to "
        f"{record['char_end']} of revision {record['revision']}"
    )
    return f"{speaker}: “{record['quotation']}” In: {where} ({place})."


def as_json(records: Iterable[dict[str, Any]]) -> str:
    """Return the records as JSON, one object a quotation, in a list."""
    return json.dumps(list(records), ensure_ascii=False, indent=2) + "\n"


def as_csv(records: Iterable[dict[str, Any]]) -> str:
    """Return the records as CSV (RFC 4180) that no spreadsheet takes for formulas."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for record in records:
        writer.writerow([safe_cell(_cell(record[column])) for column in COLUMNS])
    return stream.getvalue()


def safe_cell(text: str) -> str:
    """Return a cell's text with an apostrophe before what a spreadsheet would run.

    After OWASP's advice on CSV injection; blanks before the sign do not hide it.
    """
    begins = text.lstrip(" \u00a0\ufeff")[:1]
    return f"'{text}" if begins in FORMULA_SIGNS and begins else text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return JOINED.join("-".join(map(str, v)) if isinstance(v, list) else str(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def web_address(url: str | None) -> str | None:
    """Return an address that a link may lead to: http or https with a host; else None."""
    return url if url is not None and is_http_url(url) else None


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")
