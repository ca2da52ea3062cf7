import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.web.charsets import codec_name, decode_html, decode_text, decode_xml

TEXT = "Zürich – „Grüezi“, señor: über 5 € für Käse"
CYRILLIC = "Суд отложил рассмотрение дела о порте до понедельника, сообщил представитель"


def page(text, charset=None):
    meta = f'<meta charset="{charset}">' if charset else ""
    return f"<html><head>{meta}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("encoding", "header", "meta"),
    [
        ("utf-8", "utf-8", None),
        ("utf-8", None, None),
        ("utf-8", None, "utf-8"),
        ("utf-8", "iso-8859-1", None),  # the header lies
        ("utf-8", None, "windows-1252"),  # the page lies
        ("cp1252", "iso-8859-1", None),  # read as browsers do
        ("cp1252", "windows-1252", "utf-8"),
        ("cp1252", None, "iso-8859-1"),
        ("cp1252", "utf-8", None),  # the header lies
        ("cp1252", None, None),
        ("utf-16", None, None),
        ("utf-16-le", None, None),
        ("utf-8-sig", "iso-8859-1", "iso-8859-1"),
    ],
)
def test_page_is_decoded_although_labels_lie(encoding, header, meta):
    data = page(TEXT * 3, meta).encode(encoding)
    content_type = f"text/html; charset={header}" if header else "text/html"
    assert TEXT in decode_html(data, content_type)


@pytest.mark.parametrize("encoding", ["koi8-r", "windows-1251", "iso-8859-5", "utf-8"])
def test_label_decides_among_other_charsets(encoding):
    assert CYRILLIC in decode_html(page(CYRILLIC, encoding).encode(encoding), None)


def test_few_broken_bytes_do_not_spoil_the_rest():
    data = page(TEXT, "utf-8").encode() + b" \xff"
    assert TEXT in decode_html(data, "text/html; charset=utf-8")


def test_japanese_in_escape_sequences_is_read_by_its_label():
    data = page("日本語", "iso-2022-jp").encode("iso-2022-jp")
    assert "日本語" in decode_html(data, None)


def test_label_far_down_the_page_is_found():
    padding = "<!-- " + "x" * 3000 + " -->"
    data = (padding + page(CYRILLIC, "windows-1251")).encode("windows-1251")
    assert CYRILLIC in decode_html(data, None)


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_xml_is_decoded_by_its_declaration_which_goes(encoding):
    data = f'<?xml version="1.0" encoding="{encoding}"?><rss>Zürich</rss>'.encode(encoding)
    assert decode_xml(data).strip() == "<rss>Zürich</rss>"


def test_header_comes_before_the_declaration():
    data = '<?xml version="1.0" encoding="koi8-r"?><rss>Zürich</rss>'.encode("iso-8859-1")
    assert "Zürich" in decode_xml(data, "text/xml; charset=iso-8859-1")


@pytest.mark.parametrize("label", ["base64", "rot13", "utf-7", "idna", "no-such", "", None])
def test_what_is_no_charset_is_not_used(label):
    assert codec_name(label) is None


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "gbk", "shift_jis", "hz", "x"]))
def test_any_bytes_become_text(data, label):
    assert isinstance(decode_text(data, [label]), str)
