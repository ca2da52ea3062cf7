"""Put the page together: one file with its data, style and scripts, and a policy that allows no
more.

The scripts and the style are files in `assets/`, joined here in the order given. The content
security policy names them by their hash, so nothing else in the page can run, and allows no
connection, so nothing in it can call out.
"""

import base64
import hashlib
import html
import os
import re
import uuid
from collections.abc import Iterable
from contextlib import suppress
from importlib.resources import files
from typing import TextIO

from pipeline.report.payload import Part
from schemas.errors import OutputError

ASSETS = files("pipeline.report") / "assets"
STYLES = ("base.css", "overview.css", "lists.css", "reader.css")
SCRIPTS = (
    *("dom.js", "words.js", "store.js", "filter.js", "window.js", "context.js", "export.js"),
    *("quotes.js", "lists.js", "charts.js", "overview.js", "health.js"),
    *("marks.js", "reader.js", "main.js"),
)
PLACE = re.compile(r"\{\{(\w+)\}\}")


def write_page(path: str, title: str, parts: Iterable[Part], library: str | None = None) -> int:
    """Write the page; return its size in bytes. `library` is the script that draws charts.

    Parts are written as they come; the file appears when it is whole. Raises OutputError.
    """
    temporary = f"{path}.{uuid.uuid4().hex}.tmp"
    try:
        try:
            with open(temporary, "w", encoding="utf-8", newline="\n") as stream:
                _write(stream, title, parts, library)
            os.replace(temporary, path)
        finally:
            with suppress(FileNotFoundError):
                os.remove(temporary)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", path) from error
    return os.path.getsize(path)


def _write(stream: TextIO, title: str, parts: Iterable[Part], library: str | None) -> None:
    style = "\n".join(_asset("style", name) for name in STYLES)
    code = "\n".join(_asset("app", name) for name in SCRIPTS)
    scripts = [_inert(library)] if library else []
    scripts.append(_inert(f'(function () {{\n"use strict";\n{code}\n}})();'))
    filled = {
        "title": html.escape(title),
        "policy": html.escape(_policy(scripts, style)),
        "style": style,
        "scripts": "\n".join(f"<script>{script}</script>" for script in scripts),
    }
    template = (ASSETS / "template.html").read_text(encoding="utf-8")
    before, after = template.split("{{data}}")
    stream.write(_fill(before, filled))
    for part in parts:
        stream.write(
            f'<script type="application/octet-stream" data-kind="{part.kind}" '
            f'data-number="{part.number}">{part.packed()}</script>\n'
        )
    stream.write(_fill(after, filled))


def _asset(folder: str, name: str) -> str:
    return (ASSETS / folder / name).read_text(encoding="utf-8")


def _fill(text: str, values: dict[str, str]) -> str:
    """Put values into `{{places}}`; values are not looked into."""
    return PLACE.sub(lambda place: values[place[1]], text)


def _inert(script: str) -> str:
    """Write a script so that none of its strings can end its element."""
    script = re.sub(r"</(script)", r"<\\/\1", script, flags=re.IGNORECASE)
    return script.replace("<!--", "<\\!--").replace("\r\n", "\n").replace("\r", "\n")


def _policy(scripts: list[str], style: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(_hash(script) for script in scripts)}",
            f"style-src {_hash(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
