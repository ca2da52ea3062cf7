"""Content encodings (RFC 9110, 8.4.1), unpacked piece by piece so that no bomb can go off.

httpx unpacks each piece from the network whole, and one piece of 64 KB can hold gigabytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]

ACCEPT_ENCODING = "gzip, deflate, br"
_STEP = 256 * 1024  # bytes given out at once
_MAX_LAYERS = 3
_GZIP = zlib.MAX_WBITS + 16  # as zlib wants to be told
_RAW = -zlib.MAX_WBITS
_HEADER_BYTES = 2


class DecodingError(Exception):
    """The body is not encoded as its header says."""


class Decoder(Protocol):
    """Unpacks a stream; every piece it gives is small, whatever the input."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what this piece unpacks to."""

    def finish(self) -> None:
        """Say that the input has ended; DecodingError where it is cut."""


class PlainDecoder:
    """Gives what it gets."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the piece itself."""
        yield data

    def finish(self) -> None:
        """Nothing to check."""


class ZlibDecoder:
    """gzip (also several members in a row) and deflate (with or without zlib's header)."""

    def __init__(self, gzip: bool) -> None:
        self._gzip = gzip
        self._inner = zlib.decompressobj(_GZIP) if gzip else None
        self._head = b""  # of a deflate stream, until it is clear whether it has a header

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the piece unpacked, in steps."""
        data = self._head + data
        if self._inner is None and len(data) < _HEADER_BYTES:
            self._head = data
            return
        if self._inner is None:
            self._head = b""
            self._inner = zlib.decompressobj(zlib.MAX_WBITS if _has_header(data) else _RAW)
        while data:
            try:
                out = self._inner.decompress(data, _STEP)
            except zlib.error as error:
                raise DecodingError(str(error)) from error
            if out:
                yield out
            data = self._rest(self._inner)

    def _rest(self, inner: zlib._Decompress) -> bytes:
        if not inner.eof:
            return inner.unconsumed_tail
        rest = inner.unused_data
        if not self._gzip or not rest.startswith(b"\x1f\x8b"):
            return b""  # padding after the end is common, and ignored
        self._inner = zlib.decompressobj(_GZIP)
        return rest

    def finish(self) -> None:
        """Accept a cut stream as browsers do; what came is what there is."""


def _has_header(data: bytes) -> bool:
    """Whether a deflate stream begins as RFC 1950 says; many servers leave that out."""
    return data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0


class BrotliDecoder:
    """Brotli (RFC 7932)."""

    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the piece unpacked, in steps."""
        while True:
            try:
                out = self._inner.process(data, output_buffer_limit=_STEP)
            except brotli.error as error:
                raise DecodingError(str(error)) from error
            if out:
                yield out
            if self._inner.can_accept_more_data():
                return
            data = b""

    def finish(self) -> None:
        """DecodingError where the stream is cut."""
        if not self._inner.is_finished():
            raise DecodingError("the brotli stream is cut")


class ChainDecoder:
    """Several encodings, the last applied first."""

    def __init__(self, decoders: list[Decoder]) -> None:
        self._decoders = decoders

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Pass the piece through all of them."""
        return self._through(0, data)

    def _through(self, index: int, data: bytes) -> Iterator[bytes]:
        if index == len(self._decoders):
            yield data
            return
        for part in self._decoders[index].feed(data):
            yield from self._through(index + 1, part)

    def finish(self) -> None:
        """Finish all of them."""
        for decoder in self._decoders:
            decoder.finish()


def make_decoder(content_encoding: str | None) -> Decoder:
    """Choose the decoder for a Content-Encoding header; DecodingError where it is unknown."""
    names = [name.strip().lower() for name in (content_encoding or "").split(",")]
    decoders: list[Decoder] = []
    for name in reversed([name for name in names if name and name != "identity"]):
        if name in ("gzip", "x-gzip"):
            decoders.append(ZlibDecoder(gzip=True))
        elif name == "deflate":
            decoders.append(ZlibDecoder(gzip=False))
        elif name == "br":
            decoders.append(BrotliDecoder())
        else:
            raise DecodingError(f"unknown content encoding {name!r}")
    if len(decoders) > _MAX_LAYERS:
        raise DecodingError(f"{len(decoders)} content encodings on top of each other")
    return ChainDecoder(decoders) if decoders else PlainDecoder()
