import pytest

from schemas.errors import FeedListError
from transforms.feed_lists import read_feed_list, read_feed_lists

OPML = """<?xml version="1.0" encoding="{encoding}"?>
<opml version="2.0"><head><title>My feeds</title></head><body>{outlines}</body></opml>"""


def write_opml(folder, outlines, encoding="utf-8", name="feeds.opml"):
    path = folder / name
    path.write_bytes(OPML.format(outlines=outlines, encoding=encoding).encode(encoding))
    return str(path)


def urls(feeds):
    return [feed.url for feed in feeds]


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("https://example.org/feed", "https://example.org/feed"),
        (" http://127.0.0.1:8080/feed ", "http://127.0.0.1:8080/feed"),
        ("feed://example.org/feed", "http://example.org/feed"),
        ("feed:https://example.org/feed", "https://example.org/feed"),
    ],
)
def test_address_is_one_feed(source, url):
    (feed,) = read_feed_list(source)
    assert feed.url == url
    assert feed.listed_in is None


def test_opml_outlines_are_read_at_any_depth_and_in_any_case(tmp_path):
    path = write_opml(
        tmp_path,
        """
        <outline text="World">
          <outline type="rss" text="One" title="First" xmlUrl="https://example.org/1"/>
          <outline text="Deeper"><Outline TEXT="Two" XMLURL="https://example.org/2"/></outline>
        </outline>
        <outline type="rss" url="https://example.org/3"/>
        <outline text="A link, no feed" type="link" url="https://example.org/page"/>
        """,
    )
    feeds = read_feed_list(path)
    assert urls(feeds) == [f"https://example.org/{n}" for n in (1, 2, 3)]
    assert [feed.title for feed in feeds] == ["First", "Two", None]
    assert {feed.listed_in for feed in feeds} == {path}


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_opml_encoding_is_read(tmp_path, encoding):
    path = write_opml(tmp_path, '<outline text="Zürich" xmlUrl="https://example.org/1"/>', encoding)
    assert read_feed_list(path)[0].title == "Zürich"


def test_opml_is_recognized_by_what_it_holds(tmp_path):
    path = write_opml(tmp_path, '<outline xmlUrl="https://example.org/1"/>', name="my feeds")
    assert urls(read_feed_list(path)) == ["https://example.org/1"]


def test_text_file_has_an_address_a_line(tmp_path):
    path = tmp_path / "feeds.txt"
    path.write_bytes(
        b"\xef\xbb\xbf# my feeds\r\n\r\nhttps://example.org/1\r\n"
        b"  https://example.org/2#part  # the second\n#https://example.org/3\n"
    )
    assert urls(read_feed_list(str(path))) == [
        "https://example.org/1",
        "https://example.org/2#part",
    ]


def test_feed_listed_twice_is_kept_once_in_the_order_of_mention(tmp_path):
    path = tmp_path / "feeds.txt"
    path.write_text("https://example.org/2/\nhttps://example.org/1\nhttp://example.org/2\n")
    feeds = read_feed_lists(["https://example.org/1", str(path), "https://example.org/3"])
    assert urls(feeds) == [
        "https://example.org/1",
        "https://example.org/2/",
        "https://example.org/3",
    ]


def test_feed_listed_twice_in_one_file_is_kept_as_it_stands_first(tmp_path):
    listing = tmp_path / "feeds.txt"
    listing.write_text("https://example.org/feed\nhttp://example.org/feed/\n")
    feeds = read_feed_lists([str(listing), "https://example.org/feed", "https://example.org/other"])
    assert urls(feeds) == ["https://example.org/feed", "https://example.org/other"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("feeds.opml", b"https://example.org/feed\n", "not well-formed XML"),
        ("feeds.opml", b"<opml><body><outline", "not well-formed XML"),
        ("feeds.xml", b"<rss version='2.0'><channel/></rss>", "not OPML"),
        ("feeds.opml", b"<opml><body><outline text='x'/></body></opml>", "names no feed"),
        ("feeds.opml", b"<opml><body><outline xmlUrl='ftp://x/'/></body></opml>", "ftp://x/"),
        ("feeds.txt", b"\n# nothing yet\n", "names no feed"),
        ("feeds.txt", b"https://example.org/1\nexample.org/2\n", "line 2"),
        ("feeds.txt", b"https://example.org/1 https://example.org/2\n", "line 1"),
        ("feeds.txt", b"\x80\x81\x82", "UTF-8"),
    ],
)
def test_wrong_list_says_what_is_wrong_and_where(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FeedListError) as caught:
        read_feed_list(str(path))
    assert says in caught.value.message
    assert caught.value.target == str(path)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("no/such/file.opml", "no such file"),
        ("ftp://example.org/feed", "http or https"),
        ("https:///feed", "http or https"),
        (".", "folder"),
    ],
)
def test_source_that_is_nothing_says_what_to_give(source, says):
    with pytest.raises(FeedListError, match=says):
        read_feed_list(source)


def test_entity_bomb_in_opml_is_refused(tmp_path):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    path = tmp_path / "feeds.opml"
    path.write_text(
        f"<!DOCTYPE opml [{entities}]><opml><body>"
        "<outline text='&l11;' xmlUrl='https://example.org/'/></body></opml>"
    )
    with pytest.raises(FeedListError, match="not well-formed"):
        read_feed_list(str(path))
