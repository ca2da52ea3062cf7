import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.web.decoding import DecodingError, make_decoder

TEXT = b"The harbour reopens on Monday. " * 5_000


def raw_deflate(data):
    squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeezer.compress(data) + squeezer.flush()


ENCODED = {
    None: TEXT,
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "X-GZIP": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "Deflate": raw_deflate(TEXT),
    "br": brotli.compress(TEXT, quality=4),
    "gzip, br": brotli.compress(gzip.compress(TEXT), quality=4),
}


def unpack(encoding, data, piece=4096):
    decoder = make_decoder(encoding)
    pieces = (data[i : i + piece] for i in range(0, len(data), piece))
    body = b"".join(part for raw in pieces for part in decoder.feed(raw))
    decoder.finish()
    return body


@pytest.mark.parametrize("piece", [1, 4096, 10**9], ids=str)
@pytest.mark.parametrize("encoding", ENCODED)
def test_encoding_is_unpacked_piece_by_piece(encoding, piece):
    assert unpack(encoding, ENCODED[encoding], piece) == TEXT


def test_gzip_members_follow_each_other_and_padding_is_ignored():
    data = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 50
    assert unpack("gzip", data) == b"one two"


def test_cut_gzip_gives_what_came():
    assert TEXT.startswith(unpack("gzip", gzip.compress(TEXT)[:-20]))


def test_cut_brotli_is_an_error():
    with pytest.raises(DecodingError, match="cut"):
        unpack("br", brotli.compress(TEXT, quality=4)[:-2])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_what_is_not_encoded_is_an_error(encoding):
    with pytest.raises(DecodingError):
        unpack(encoding, b"<html>plain</html>" * 100)


@pytest.mark.parametrize("encoding", ["zstd", "compress", "gzip, gzip, gzip, gzip"])
def test_encoding_that_was_not_asked_for_is_an_error(encoding):
    with pytest.raises(DecodingError):
        make_decoder(encoding)


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(b"\0" * 50_000_000, compresslevel=9, mtime=0)),
        ("br", brotli.compress(b"\0" * 50_000_000, quality=5)),
        ("deflate", zlib.compress(b"\0" * 50_000_000)),
    ],
    ids=["gzip", "br", "deflate"],
)
def test_bomb_comes_in_small_pieces(encoding, bomb):
    pieces = make_decoder(encoding).feed(bomb)
    assert max(len(next(pieces)) for _ in range(20)) <= 1024 * 1024


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "gzip, br"]))
def test_any_bytes_are_unpacked_or_an_error(data, encoding):
    try:
        body = unpack(encoding, data)
    except DecodingError:
        return
    assert isinstance(body, bytes)
