"""Small conversions between plain text and HTML."""

from __future__ import annotations

import html
import re
import unicodedata

_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|del|div|em|font|h[1-6]|i|img|ins|mark|p|q|s|small|span|strike"
    r"|strong|sub|sup|tt|u|wbr)\b[^<>]*>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"<[^<>]+>")
_SPACE = re.compile(r"\s+")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Control characters but tab and line ends; also the invisible marks that only disturb offsets.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\u200b\u00ad]")


def clean_text(text: str) -> str:
    """Drop control characters, soft hyphens and lone surrogates; compose accents (NFC)."""
    return unicodedata.normalize("NFC", _CONTROL.sub("", _SURROGATE.sub("\ufffd", text)))


def one_line(text: str | None) -> str:
    """Clean a text and write every run of white space as one space."""
    return _SPACE.sub(" ", clean_text(text or "")).strip()


def strip_markup(text: str | None, *, all_tags: bool = False) -> str:
    """The plain text of a headline or name that may hold inline HTML and entities.

    Only tags that HTML knows go, so that "a <b but c>" survives; with `all_tags` all go.
    """
    text = text or ""
    for _ in range(2):  # entities are often escaped twice
        text = html.unescape((_ANY_TAG if all_tags else _TAG).sub("", text))
    return one_line((_ANY_TAG if all_tags else _TAG).sub("", text))


def html_from_text(text: str) -> str:
    """Plain text as HTML paragraphs: blank lines, else line ends, part them."""
    blocks = re.split(r"\n\s*\n", text.strip())
    if len(blocks) == 1:
        blocks = text.strip().splitlines()
    return "".join(
        f"<p>{html.escape(block.strip(), quote=False)}</p>" for block in blocks if block.strip()
    )
