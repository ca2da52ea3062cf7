"""From bytes to text, although charset labels lie.

The order of belief: a byte order mark; the bytes themselves where they are UTF-8, which text in
another charset practically never is by accident; the label of the HTTP header; the label inside
the document; a guess. Labels are read as browsers read them (WHATWG Encoding: iso-8859-1 is
windows-1252).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

import charset_normalizer

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BARE_UTF16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_ALIASES = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
}
_TEXT_CODECS = re.compile(
    r"^(x-)?(utf-?(8|16|32)|iso|windows|cp|koi|gb|big5|euc|shift|sjis|mac|tis|us-ascii|ascii|latin"
    r"|ks_c|hz)"
)
_STATEFUL = re.compile(r"^(iso[-_]?2022|hz)")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_HTML_META = re.compile(
    rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE
)
_XML_DECLARATION = re.compile(
    r"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["'][^>]{0,200}?\?>"""
)
_GUESS_BYTES = 64 * 1024
_OTHER_SCRIPT = 0.2  # share of bytes beyond ASCII from which a text is not in Latin script
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


def header_charset(content_type: str | None) -> str | None:
    """The charset that a Content-Type header names."""
    found = _CHARSET.search(content_type or "")
    return found[1] if found else None


def decode_html(data: bytes, content_type: str | None = None) -> str:
    """The text of an HTML page."""
    found = _HTML_META.search(data[: 256 * 1024])
    inside = found[1].decode("ascii") if found else None
    return decode_text(data, [header_charset(content_type), inside])


def decode_xml(data: bytes, content_type: str | None = None) -> str:
    """The text of an XML document, without its declaration."""
    found = _XML_DECLARATION.match(data[:500].decode("ascii", "ignore").lstrip("\ufeff"))
    text = decode_text(data, [header_charset(content_type), found[1] if found else None])
    return re.sub(r"^\s*<\?xml[^>]{0,500}\?>", "", text, count=1)


def decode_text(data: bytes, labels: Iterable[str | None]) -> str:
    """Decode bytes that somebody labelled; never fails."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data.decode(name, "replace")
    for start, name in _BARE_UTF16:
        if data.startswith(start):
            return data.decode(name, "replace")
    names = [name for name in map(codec_name, labels) if name]
    stateful = next((name for name in names if _STATEFUL.match(name)), None)
    if stateful and data.isascii():
        return data.decode(stateful, "replace")
    for name in dict.fromkeys(["utf-8", *names]):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return _decode_damaged(data, names)


def codec_name(label: str | None) -> str | None:
    """Python's codec for a charset label; None where it is unknown or no charset."""
    given = (label or "").strip().lower()
    name = _ALIASES.get(given, given)
    if not _TEXT_CODECS.match(name):
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _decode_damaged(data: bytes, names: list[str]) -> str:
    """Neither UTF-8 throughout nor what the labels say: take what damages least."""
    as_utf8 = data.decode("utf-8", "replace")
    if len(_MULTIBYTE.findall(data)) > as_utf8.count("\ufffd"):
        return as_utf8
    others = [name for name in names if name != "utf-8"]
    if others:
        return data.decode(others[0], "replace")
    sample = data[:_GUESS_BYTES]
    beyond_ascii = sum(byte > 0x7F for byte in sample)
    if beyond_ascii < _OTHER_SCRIPT * len(sample):  # accents in Latin script: as browsers do
        return data.decode("cp1252", "replace")
    best = charset_normalizer.from_bytes(sample).best()
    return data.decode(best.encoding if best else "cp1252", "replace")
