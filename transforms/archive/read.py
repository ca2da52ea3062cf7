"""Read pages from WARC files, newsbeam's own or others' (Common Crawl's news crawl), by ranges."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from schemas.errors import ParseError
from schemas.flow import ArticleRequest, Page
from transforms import storage
from transforms.archive.requests import foreign_request, request_from_json
from transforms.urls import is_http_url, normalize_url

RANGE_BYTES = 64 << 20  # what one worker reads in one go
MAX_BODY_BYTES = 10 << 20  # unpacked, as for fetched pages
_GZIP = b"\x1f\x8b\x08"
_WARC = b"WARC/"
_CHUNK = 1 << 20
_BROKEN = (ArchiveLoadFailed, zlib.error, EOFError, ValueError, OSError)


@dataclass(frozen=True)
class ArchiveRange:
    """A part of a file: the records that begin in it."""

    path: str
    start: int  # bytes
    end: int


@dataclass(frozen=True)
class PageRecord:
    """Where a page's record stands."""

    url: str  # that answered
    fetched_at: datetime  # UTC
    path: str
    offset: int  # of its first byte

    @property
    def key(self) -> str:
        """What two records of one page share."""
        return normalize_url(self.url)

    @property
    def age_key(self) -> tuple[datetime, str, int]:
        """Orders the records of one page by age."""
        return self.fetched_at, self.path, self.offset


def split_file(path: str, size: int, step: int = RANGE_BYTES) -> list[ArchiveRange]:
    """Cut a file of `size` bytes into ranges."""
    return [ArchiveRange(path, at, min(at + step, size)) for at in range(0, size, step)]


def list_pages(part: ArchiveRange) -> Iterator[PageRecord]:
    """Yield the HTML pages whose records begin in a range, without reading their bodies.

    Raises ParseError where the range holds what is no WARC.
    """
    with storage.open_stream(part.path) as stream:
        start = find_record(stream, part)
        if start is None:
            return
        try:
            for record, offset in _records(stream, start):
                if offset >= part.end:
                    return
                if (moment := page_date(record)) is not None:
                    url = record.rec_headers.get_header("WARC-Target-URI").strip("<>")
                    yield PageRecord(url, moment, part.path, offset)
        except _BROKEN as error:
            raise ParseError(f"broken near byte {start}: {error}", target=part.path) from error


def read_page(record: PageRecord, folder: str) -> Page:
    """Read one page; `folder` is the archive's, below which `raw_ref` is given.

    The request that led to it is taken from newsbeam's own records; for others' it is made of the
    address. Raises ParseError where the record is broken or too large.
    """
    with storage.open_stream(record.path) as stream:
        stream.seek(record.offset)
        try:
            records = _records(stream, record.offset)
            response, _ = next(records)
            identity = response.rec_headers.get_header("WARC-Record-ID")
            body = response.content_stream().read(MAX_BODY_BYTES + 1)
            if len(body) <= MAX_BODY_BYTES:
                _check_whole(response)
            content_type = response.http_headers.get_header("Content-Type")
            status = int(response.http_headers.get_statuscode())
            request = _own_request(records, identity)
        except (*_BROKEN, StopIteration) as error:
            raise ParseError(f"broken record: {error}", target=record.path) from error
    if len(body) > MAX_BODY_BYTES:
        raise ParseError(f"the body exceeds {MAX_BODY_BYTES} bytes", target=record.url)
    return Page(
        request=request or foreign_request(record.url),
        fetched_at=record.fetched_at,
        final_url=record.url,
        status=status,
        content_type=content_type,
        body=body,
        raw_ref=f"{record.path.removeprefix(folder).lstrip('/')}#{record.offset}",
    )


def page_date(record: Any) -> datetime | None:
    """When a page was fetched; None for a record that holds no HTML page that came well."""
    if record.rec_type != "response" or record.http_headers is None:
        return None
    media_type = (record.http_headers.get_header("Content-Type") or "").lower()
    is_page = record.http_headers.get_statuscode() == "200" and "html" in media_type
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    if not is_page or not is_http_url(url):
        return None
    try:
        moment = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def find_record(stream: IO[bytes], part: ArchiveRange) -> int | None:
    """The first byte of the first record that begins in a range; None where none does."""
    at = part.start
    stream.seek(at)
    before = b""
    while at < part.end:
        chunk = stream.read(_CHUNK)
        if not chunk:
            return None
        data = before + chunk
        base = at - len(before)
        for offset in _likely_starts(data):
            if part.start <= base + offset < part.end and _is_record(data[offset:]):
                return base + offset
        at += len(chunk)
        before = data[-512:]
    return None


def _likely_starts(data: bytes) -> Iterator[int]:
    offset = -1
    while True:
        found = [p for p in (data.find(_GZIP, offset + 1), data.find(_WARC, offset + 1)) if p >= 0]
        if not found:
            return
        offset = min(found)
        yield offset


def _is_record(data: bytes) -> bool:
    if data.startswith(_WARC):
        return data[len(_WARC) : len(_WARC) + 1].isdigit() and b"\nWARC-" in data[:400]
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data[:512], 16).startswith(_WARC)
    except zlib.error:
        return False


def _records(stream: IO[bytes], start: int) -> Iterator[tuple[Any, int]]:
    """Yield records and their first bytes; ArchiveLoadFailed where the file is cut off in one."""
    stream.seek(start)
    iterator = ArchiveIterator(stream)
    for record in iterator:
        yield record, iterator.offset  # of this record, until the next one is asked for
        iterator.read_to_end()
        _check_whole(record)
    end = iterator.offset
    stream.seek(0, os.SEEK_END)
    if end < stream.tell():
        raise ArchiveLoadFailed("the file is cut off in a record")


def _check_whole(record: Any) -> None:
    missing = getattr(record.raw_stream, "limit", 0)  # bytes that were announced and did not come
    if missing:
        raise ArchiveLoadFailed(f"the file is cut off, {missing} bytes are missing")


def _own_request(records: Iterator[tuple[Any, int]], identity: str | None) -> ArticleRequest | None:
    """The request in the record after a page's, where newsbeam wrote it."""
    following = next(records, None)
    if following is None or identity is None:
        return None
    record, _ = following
    is_own = record.rec_type == "metadata" and (
        record.rec_headers.get_header("WARC-Refers-To") == identity
    )
    if not is_own:
        return None
    try:
        return request_from_json(record.content_stream().read(MAX_BODY_BYTES))
    except ValueError:
        return None
