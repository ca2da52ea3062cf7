"""Write fetched pages to WARC files, one file a bundle, each record compressed by itself."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import IO

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from schemas.flow import ArticleRequest
from transforms import storage
from transforms.archive.requests import request_json
from transforms.retrieve import Retrieval

WARC_VERSION = "WARC/1.1"
_UNPACKED = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True)
class ArchiveOptions:
    """Where the pages of one run are kept."""

    folder: str  # local, gs://, s3:// …
    run_id: str
    day: date  # of the run's start, UTC
    software: str  # who writes: name and version


class PageArchive:
    """One WARC file under way; a file appears with the first page and under its name at the end."""

    def __init__(self, options: ArchiveOptions) -> None:
        self._options = options
        self.name = f"{options.day.isoformat()}/{options.run_id}-{uuid.uuid4().hex[:12]}.warc.gz"
        self._stream: _CountingStream | None = None

    def add(self, retrieval: Retrieval) -> str:
        """Write the page that was retrieved, and the entry that led to it.

        Returns `raw_ref`: the file below the archive's folder, "#", and the record's first byte.
        """
        stream = self._open()
        offset = stream.count
        writer = WARCWriter(stream, gzip=True, warc_version=WARC_VERSION)
        url = retrieval.final_url or retrieval.requested_url
        response = writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(retrieval.body or b""),
            warc_headers_dict={"WARC-Date": _moment(retrieval.started_at)},
            http_headers=_http_headers(retrieval),
        )
        writer.write_record(response)
        identity = response.rec_headers.get_header("WARC-Record-ID")
        self._write_request(writer, retrieval, url, identity)
        return f"{self.name}#{offset}"

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._stream is not None:
            self._stream.close()
            storage.rename(self._temporary, self._path)

    def abandon(self) -> None:
        """Drop the file."""
        if self._stream is not None:
            self._stream.close()
            storage.delete_folder(self._temporary)

    @property
    def _path(self) -> str:
        return f"{self._options.folder.rstrip('/')}/{self.name}"

    @property
    def _temporary(self) -> str:
        return self._path + storage.TEMPORARY

    def _open(self) -> _CountingStream:
        if self._stream is None:
            folder = self._temporary.rpartition("/")[0]
            storage.make_folder(folder)
            self._stream = _CountingStream(storage.create(self._temporary))
            writer = WARCWriter(self._stream, gzip=True, warc_version=WARC_VERSION)
            about = {
                "software": self._options.software,
                "format": "WARC File Format 1.1",
                "isPartOf": self._options.run_id,
            }
            writer.write_record(writer.create_warcinfo_record(self.name, about))
        return self._stream

    def _write_request(
        self, writer: WARCWriter, retrieval: Retrieval, url: str, identity: str
    ) -> None:
        request: ArticleRequest = retrieval.request.context
        record = writer.create_warc_record(
            url,
            "metadata",
            payload=io.BytesIO(request_json(request)),
            warc_content_type="application/json",
            warc_headers_dict={
                "WARC-Date": _moment(retrieval.started_at),
                "WARC-Refers-To": identity,
            },
        )
        writer.write_record(record)


@contextmanager
def open_archive(options: ArchiveOptions | None) -> Iterator[PageArchive | None]:
    """Give an archive to write to; without options, None. It is kept where the block succeeds."""
    if options is None:
        yield None
        return
    archive = PageArchive(options)
    try:
        yield archive
    except BaseException:
        archive.abandon()
        raise
    archive.close()


class _CountingStream:
    """A stream that knows how much was written: object stores' streams do not."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self.count += len(data)
        return len(data)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self._stream.close()


def _http_headers(retrieval: Retrieval) -> StatusAndHeaders:
    """The answer's headers; those of the encodings that were undone are kept under other names."""
    status = retrieval.status or HTTPStatus.OK
    headers = [
        (f"X-Archive-Orig-{name}" if name.lower() in _UNPACKED else name, _one_line(value))
        for name, value in _header_items(retrieval.headers)
    ]
    headers.append(("Content-Length", str(len(retrieval.body or b""))))
    return StatusAndHeaders(f"{status} {_phrase(status)}", headers, protocol="HTTP/1.1")


def _header_items(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name.strip()]


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
