import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.web.markup import clean_text, html_from_text, one_line, strip_markup


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("Storm hits coast", "Storm hits coast"),
        ("Storm <b>hits</b> coast", "Storm hits coast"),
        ("Marks &amp; Spencer", "Marks & Spencer"),
        ("Marks &amp;amp; Spencer", "Marks & Spencer"),
        ("&#8216;No&#8217;, he said", "‘No’, he said"),
        ("&lt;b&gt;Storm&lt;/b&gt;", "Storm"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("the <custom> tag", "the <custom> tag"),
        (" two\n\tlines ", "two lines"),
        ("", ""),
        (None, ""),
    ],
)
def test_headline_is_plain_text(markup, plain):
    assert strip_markup(markup) == plain


def test_all_tags_go_where_the_text_is_html():
    assert strip_markup("<custom>Storm</custom> & rain", all_tags=True) == "Storm & rain"


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\x00b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("co\u00adoperate", "cooperate"),
        ("\ufeffa\u200bb", "ab"),
        ("cafe\u0301", "café"),
        ("a\n\tb", "a\n\tb"),
    ],
)
def test_text_has_nothing_that_disturbs_offsets(dirty, clean):
    assert clean_text(dirty) == clean


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_becomes_one_line_of_utf_8(text):
    line = one_line(text)
    line.encode("utf-8")
    assert "\n" not in line
    assert one_line(line) == line


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\n\ntwo\nlines", "<p>one</p><p>two\nlines</p>"),
        ("one\ntwo", "<p>one</p><p>two</p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("  ", ""),
    ],
)
def test_plain_text_becomes_paragraphs(text, html):
    assert html_from_text(text) == html
