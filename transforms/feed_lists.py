"""Feed lists: what a user names on the command line becomes feeds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from schemas.errors import FeedListError
from schemas.flow import Feed
from transforms.urls import feed_key, is_http_url

_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]+:")
_REMOTE_FILE = re.compile(r"^(gs|s3|hdfs|azfs)://")
_FEED_SCHEME = re.compile(r"^feed:(//(?!/)|(?=https?://))", re.IGNORECASE)
_MAX_LIST_BYTES = 100 * 1024 * 1024


def read_feed_lists(sources: Iterable[str]) -> tuple[Feed, ...]:
    """Read several sources; a feed that several name is kept once, in the order of mention."""
    return _without_repeats(feed for source in sources for feed in read_feed_list(source))


def read_feed_list(source: str) -> tuple[Feed, ...]:
    """Return the feeds that a source names: a feed's URL, an OPML file, or a file of URLs.

    A text file has a URL a line; blank lines and what follows "#" at a line's start or after a
    space are not read. Raises FeedListError, which says what to do.
    """
    source = source.strip()
    if is_http_url(_plain_scheme(source)):
        return (Feed(url=_plain_scheme(source)),)
    data = _read(source)
    text = data.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    is_markup = text.startswith(b"<") or source.lower().endswith(".opml")
    feeds = tuple(
        _without_repeats(_from_opml(data, source) if is_markup else _from_text(data, source))
    )
    if not feeds:
        raise FeedListError(_remedy_for_nothing(is_markup), target=source)
    return feeds


def _plain_scheme(url: str) -> str:
    """Write feed://host/path and feed:https://host/path as what they mean."""
    return _FEED_SCHEME.sub(lambda found: "http://" if found[1] else "", url.strip())


def _read(source: str) -> bytes:
    if _REMOTE_FILE.match(source):
        return _read_remote(source)
    if _SCHEME.match(source) and not Path(source).exists():
        raise FeedListError(
            "feeds are http or https addresses; OPML and text files are named by their path",
            target=source,
        )
    try:
        return Path(source).read_bytes()[:_MAX_LIST_BYTES]
    except FileNotFoundError as error:
        raise FeedListError(
            "there is no such file; give a feed's https:// address, an OPML file or a text file "
            "with a URL a line",
            target=source,
        ) from error
    except (OSError, ValueError) as error:
        reason = "it is a folder" if Path(source).is_dir() else str(error)
        raise FeedListError(
            f"cannot be read: {reason}; give an OPML file or a text file with a URL a line",
            target=source,
        ) from error


def _read_remote(source: str) -> bytes:
    from apache_beam.io.filesystems import FileSystems

    try:
        with FileSystems.open(source) as file:
            return bytes(file.read(_MAX_LIST_BYTES))
    except Exception as error:
        raise FeedListError(f"cannot be read: {error}", target=source) from error


def _from_opml(data: bytes, source: str) -> Iterator[Feed]:
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise FeedListError(
            f"is not well-formed XML ({error}); export the OPML file again, or list the feeds' "
            "URLs in a text file, one a line",
            target=source,
        ) from error
    if _local_name(root) != "opml":
        raise FeedListError(
            f"is XML but not OPML (its root is <{_local_name(root)}>); to read a feed give its "
            "https:// address",
            target=source,
        )
    for element in root.iter():
        if _local_name(element) == "outline":
            yield from _from_outline(element, source)


def _from_outline(element: Element, source: str) -> Iterator[Feed]:
    attributes = {name.lower(): value.strip() for name, value in element.attrib.items()}
    url = attributes.get("xmlurl", "")
    if not url and attributes.get("type", "").lower() in ("rss", "atom", "feed"):
        url = attributes.get("url", "")
    title = attributes.get("title") or attributes.get("text") or None
    if url:
        yield Feed(
            url=_checked(url, source, f"outline {title or url!r}"), title=title, listed_in=source
        )


def _local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _from_text(data: bytes, source: str) -> Iterator[Feed]:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FeedListError(
            "is neither OPML nor a text file in UTF-8; give a text file with a URL a line",
            target=source,
        ) from error
    for number, line in enumerate(text.splitlines(), start=1):
        url = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        if url:
            yield Feed(url=_checked(url, source, f"line {number}"), listed_in=source)


def _checked(url: str, source: str, where: str) -> str:
    plain = _plain_scheme(url)
    if not is_http_url(plain) or any(character.isspace() for character in plain):
        raise FeedListError(
            f"{where}: {url[:100]!r} is no http or https address; correct it or put # before it",
            target=source,
        )
    return plain


def _without_repeats(feeds: Iterable[Feed]) -> tuple[Feed, ...]:
    kept: dict[str, Feed] = {}
    for feed in feeds:
        kept.setdefault(feed_key(feed.url), feed)
    return tuple(kept.values())


def _remedy_for_nothing(is_markup: bool) -> str:
    if is_markup:
        return "the OPML file names no feed: no <outline> has an xmlUrl"
    return "the file names no feed: write one http or https address a line"
