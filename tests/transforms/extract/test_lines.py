import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.extract.lines import count_words, html_lines, is_furniture, without_furniture


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>One.</p><p>Two.</p>", ["One.", "Two."]),
        ("One.<br>Two.<br/><br/>Three.", ["One.", "Two.", "Three."]),
        ("<p>One\n  line <b>of</b>\ttext.</p>", ["One line of text."]),
        ("<div>Loose <p>inner</p> tail</div>", ["Loose", "inner", "tail"]),
        ("<ul><li>• One</li><li>- Two</li></ul>", ["One", "Two"]),
        ("<blockquote>“One,<p>“two.”</p></blockquote>", ["“One,", "“two.”"]),
        ("<p>One<script>var x</script> two<style>p{}</style>.</p>", ["One two."]),
        ("<figure><img><figcaption>A pump</figcaption></figure><p>One.</p>", ["One."]),
        ("<!-- hidden --><p>One.<!-- x --></p>", ["One."]),
        ("plain words", ["plain words"]),
        ("Fish &amp; chips &#8211; hot", ["Fish & chips – hot"]),
        ("<p>zero\u200bwidth, so\u00adft, nb\u00a0space</p>", ["zerowidth, soft, nb space"]),
        (
            "<table><tr><td>One</td><td>two</td></tr><tr><td>three</td></tr></table>",
            ["One two", "three"],
        ),
        ("<p> </p>", []),
        ("", []),
        (None, []),
    ],
)
def test_fragment_gives_a_line_a_paragraph(html, lines):
    assert html_lines(html) == lines


def test_deeply_nested_fragment_gives_its_text():
    assert html_lines("<span>" * 5_000 + "deep")[:1] in (["deep"], [])


@given(st.text(max_size=200))
def test_any_fragment_gives_clean_lines(html):
    for line in html_lines(html):
        assert line == line.strip() != ""
        assert "\n" not in line
        line.encode("utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "Read more: Storm closes pier",
        "READ MORE",
        "Related: The 15 strangest lakes",
        "Sign up for our daily newsletter",
        "Get the best of the Courier in your inbox",
        "Follow us on Twitter and Facebook",
        "© 2024 The Associated Press. All rights reserved.",
        "Copyright 2024 Example News",
        "All rights reserved.",
        "(Reporting by Amina Orr; Editing by Tom Reed)",
        "Amina Orr contributed to this report.",
        "By Amina Orr",
        "Published: 9 March 2024",
        "Source: Example News",
        "https://example.org/video",
        "desk@example.org",
        "Advertisement",
        "Continue reading",
        "The post Storm closes pier appeared first on Example News.",
        "12 comments",
        "3 min read",
        "* * *",
    ],
)
def test_furniture_is_recognized(line):
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "Read more books, the minister told pupils on Monday.",
        "Related parties were paid two million, the audit found.",
        "“Follow us on Twitter,” the sign said.",
        "By Monday the water had gone.",
        "Advertisement revenue fell by a fifth.",
        "Share prices fell on Monday.",
        "More than 30 people were hurt.",
        "The source said that the ship had left.",
        "Subscribe or leave, the club told its members, who left.",
        "All rights groups condemned the vote.",
        "He said: “Sign up for our newsletter.”",
        "Sign up for the marathon closes on Friday.",
    ],
)
def test_news_is_not_furniture(line):
    assert not is_furniture(line)


def test_list_of_links_goes_with_its_heading():
    lines = [
        "The ferry left at nine.",
        "DON'T MISS",
        "Storm closes pier",
        "Ten pumps for your garden",
        "It came back at ten.",
        "Nobody was hurt.",
    ]
    assert without_furniture(lines) == [lines[0], *lines[4:]]


def test_long_line_that_follows_itself_stands_once():
    long = "The board voted by four to three to delay the closing of both schools."
    assert without_furniture([long, long, "No.", "No.", long]) == [long, "No.", "No.", long]


def test_words_are_counted_over_lines():
    assert count_words(["one two", "", "three"]) == 3
