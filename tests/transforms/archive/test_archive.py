"""Writing and reading are tested together: what was written is what is read."""

import gzip
import io
from datetime import UTC, date, datetime

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from schemas.errors import ParseError
from schemas.flow import ArticleRequest, FeedEntry
from transforms.archive.read import ArchiveRange, list_pages, read_page, split_file
from transforms.archive.write import ArchiveOptions, PageArchive, open_archive
from transforms.retrieve import FetchOutcome, Retrieval, RetrieveRequest

NOW = datetime(2026, 11, 24, 8, 0, 0, 123000, tzinfo=UTC)
PAGE = "<html><p>Größe: “we were lucky”</p></html>".encode()


def retrieval(number=1, body=PAGE, moment=NOW, **fields):
    link = f"https://x.example/{number}"
    entry = FeedEntry("https://x.example/feed", str(number), link=link, title="Storm")
    request = ArticleRequest(f"key {number}", entry, (), "hash")
    values = {
        "outcome": FetchOutcome.OK,
        "final_url": link,
        "status": 200,
        "content_type": "text/html; charset=utf-8",
        "headers": {"content-type": "text/html; charset=utf-8", "content-encoding": "br"},
    }
    return Retrieval(
        request=RetrieveRequest(link, context=request),
        started_at=moment,
        body=body,
        **(values | fields),
    )


@pytest.fixture
def options(tmp_path):
    return ArchiveOptions(str(tmp_path), "run-1", date(2026, 11, 24), "newsbeam/test")


def write(options, retrievals):
    """Returns the file's path and the pages' references."""
    with open_archive(options) as archive:
        refs = [archive.add(item) for item in retrievals]
    return f"{options.folder}/{archive.name}", refs


def whole(path):
    with open(path, "rb") as file:
        return ArchiveRange(path, 0, len(file.read()))


def foreign(path, records, gzipped=True):
    """A file as others write it; records are (type, address, status, media type, body)."""
    with open(path, "wb") as file:
        writer = WARCWriter(file, gzip=gzipped)
        for kind, url, status, media_type, body in records:
            headers = StatusAndHeaders(status, [("Content-Type", media_type)], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(url, kind, payload=io.BytesIO(body), http_headers=headers)
            )
    return str(path)


def test_page_comes_back_with_the_request_that_led_to_it(options):
    original = retrieval()
    path, (ref,) = write(options, [original])
    (record,) = list_pages(whole(path))
    page = read_page(record, options.folder)
    assert (page.body, page.content_type, page.status) == (PAGE, original.content_type, 200)
    assert (page.request, page.fetched_at) == (original.request.context, NOW)
    assert (page.final_url, page.raw_ref) == ("https://x.example/1", ref)


def test_reference_names_the_byte_where_the_record_begins(options):
    path, refs = write(options, [retrieval(1), retrieval(2)])
    for number, ref in enumerate(refs, start=1):
        name, _, offset = ref.partition("#")
        assert path.endswith(name)
        with open(path, "rb") as file:
            file.seek(int(offset))
            record = next(iter(ArchiveIterator(file)))
        assert record.rec_headers.get_header("WARC-Target-URI") == f"https://x.example/{number}"


def test_file_is_warc_11_and_names_its_maker(options):
    path, _ = write(options, [retrieval()])
    with gzip.open(path) as file:
        text = file.read()
    assert text.startswith(b"WARC/1.1\r\n")
    assert b"software: newsbeam/test" in text
    assert b"WARC-Date: 2026-11-24T08:00:00.123000Z" in text


def test_headers_of_encodings_that_were_undone_are_kept_under_other_names(options):
    path, _ = write(options, [retrieval()])
    with open(path, "rb") as file:
        headers = next(r.http_headers for r in ArchiveIterator(file) if r.rec_type == "response")
    assert headers.get_header("X-Archive-Orig-content-encoding") == "br"
    assert headers.get_header("Content-Length") == str(len(PAGE))
    assert headers.get_header("content-encoding") is None


def test_archive_without_a_page_leaves_no_file(options, tmp_path):
    write(options, [])
    assert list(tmp_path.iterdir()) == []


def test_archive_of_a_bundle_that_failed_is_dropped(options, tmp_path):
    def fail():
        with open_archive(options) as archive:
            archive.add(retrieval())
            raise RuntimeError("the bundle")

    with pytest.raises(RuntimeError, match="the bundle"):
        fail()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_file_under_way_does_not_look_like_an_archive(options, tmp_path):
    archive = PageArchive(options)
    archive.add(retrieval())
    assert list(tmp_path.rglob("*.warc.gz")) == []
    archive.close()
    assert len(list(tmp_path.rglob("*.warc.gz"))) == 1


@pytest.mark.parametrize("step", [1, 37, 400, 1_000, 5_000, 1 << 20])
@pytest.mark.parametrize("gzipped", [True, False])
def test_every_record_is_read_once_wherever_a_file_is_cut(tmp_path, step, gzipped):
    records = [
        ("response", f"https://x.example/{n}", "200 OK", "text/html", PAGE * n) for n in range(9)
    ]
    path = foreign(tmp_path / "a.warc", records, gzipped)
    parts = split_file(path, whole(path).end, step)
    found = [record.url for part in parts for record in list_pages(part)]
    assert found == [f"https://x.example/{n}" for n in range(9)]


@pytest.mark.parametrize(
    ("kind", "url", "status", "media_type", "is_page"),
    [
        ("response", "https://x.example/a", "200 OK", "text/html", True),
        ("response", "https://x.example/a", "200 OK", "application/xhtml+xml", True),
        ("response", "https://x.example/a", "404 Not Found", "text/html", False),
        ("response", "https://x.example/a", "200 OK", "image/png", False),
        ("response", "dns:x.example", "200 OK", "text/html", False),
        ("request", "https://x.example/a", "200 OK", "text/html", False),
    ],
)
def test_pages_that_came_well_are_listed(tmp_path, kind, url, status, media_type, is_page):
    path = foreign(tmp_path / "a.warc.gz", [(kind, url, status, media_type, PAGE)])
    assert bool(list(list_pages(whole(path)))) is is_page


def test_page_of_somebody_elses_archive_goes_by_its_address(tmp_path):
    path = foreign(
        tmp_path / "a.warc.gz", [("response", "https://x.example/a", "200 OK", "text/html", PAGE)]
    )
    (record,) = list_pages(whole(path))
    page = read_page(record, str(tmp_path))
    assert (page.request.entry.link, page.request.feed_refs) == ("https://x.example/a", ())
    assert page.raw_ref == "a.warc.gz#0"


def test_body_above_the_limit_is_an_error(tmp_path):
    path = foreign(
        tmp_path / "a.warc.gz",
        [("response", "https://x.example/a", "200 OK", "text/html", bytes(11 << 20))],
    )
    (record,) = list_pages(whole(path))
    with pytest.raises(ParseError, match="exceeds"):
        read_page(record, str(tmp_path))


@pytest.mark.parametrize("damage", ["cut", "noise"])
def test_damaged_file_gives_the_records_before_the_damage_and_an_error(options, damage):
    path, _ = write(options, [retrieval(n) for n in range(1, 4)])
    with open(path, "rb") as file:
        data = file.read()
    middle = len(data) // 2
    broken = data[:middle] if damage == "cut" else data[:middle] + b"\0" * 50 + data[middle + 50 :]
    with open(path, "wb") as file:
        file.write(broken)
    found = []
    with pytest.raises(ParseError):
        found.extend(list_pages(whole(path)))
    assert found == [] or found[0].url == "https://x.example/1"


@pytest.mark.parametrize(
    "body", [b"", b"no archive", b"\x1f\x8b\x08" * 100, gzip.compress(b"x", mtime=0)]
)
def test_file_that_is_no_archive_has_no_pages(tmp_path, body):
    path = tmp_path / "a.warc.gz"
    path.write_bytes(body)
    assert list(list_pages(ArchiveRange(str(path), 0, len(body)))) == []
