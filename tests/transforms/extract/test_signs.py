import pytest

from transforms.extract.document import parse_document
from transforms.extract.signs import is_paywalled, is_truncated


@pytest.mark.parametrize(
    "last",
    [
        "The board will meet again…",
        "The board will meet again...",
        "The board will meet [...]",
        "The board will meet […]",
        "“The board will meet…”",
        "Read more",
        "Read the full story »",
        "Continue reading",
        "Weiterlesen",
    ],
)
def test_text_that_ends_so_is_cut(last):
    assert is_truncated(["The board met.", last])


@pytest.mark.parametrize(
    ("lines", "announced"),
    [
        (["The board met.", "It will meet again."], 0),
        (["Well… that was it.", "They left."], 0),
        (["word " * 100], 100),
        (["word " * 100], 149),
        ([], 0),
    ],
)
def test_whole_text_is_not_cut(lines, announced):
    assert not is_truncated(lines, announced)


def test_text_much_shorter_than_announced_is_cut():
    assert is_truncated(["word " * 100], announced=400)


def page(head="", body="<p>Text.</p>"):
    return parse_document(f"<html><head>{head}</head><body>{body}</body></html>")


def declared(value):
    return (
        '<script type="application/ld+json">'
        f'{{"@type": "NewsArticle", "headline": "x", {value}}}</script>'
    )


NOT_FREE = [
    declared('"isAccessibleForFree": false'),
    declared('"isAccessibleForFree": "False"'),
    declared('"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": false}'),
    declared('"hasPart": [{"isAccessibleForFree": "False"}]'),
    '<meta property="article:content_tier" content="locked">',
]


@pytest.mark.parametrize("head", NOT_FREE)
def test_page_that_declares_itself_paid_hides_its_text(head):
    assert is_paywalled(page(head), words=120, announced=0)


@pytest.mark.parametrize(("words", "announced"), [(900, 0), (300, 310)])
def test_paid_page_that_shows_its_whole_text_hides_nothing(words, announced):
    assert not is_paywalled(page(NOT_FREE[0]), words, announced)


@pytest.mark.parametrize(
    "body",
    [
        '<p>Text.</p><div class="c-paywall-banner">Join</div>',
        '<section id="article-gate">Join</section>',
        "<p>Text.</p><p>Subscribe to continue reading.</p>",
        "<div>Already a subscriber? Log in</div>",
        "<p>This article is for subscribers only</p>",
    ],
)
def test_short_text_beside_a_wall_is_hidden(body):
    assert is_paywalled(page(body=body), words=60, announced=0)
    assert not is_paywalled(page(body=body), words=800, announced=0)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", "<p>The club asked members to subscribe.</p>"),
        (declared('"isAccessibleForFree": true'), "<p>Text.</p>"),
        (declared('"hasPart": 3'), "<p>Text.</p>"),
        ("", '<script>var a = "Subscribe to continue reading"</script><p>Text.</p>'),
    ],
)
def test_free_page_hides_nothing(head, body):
    assert not is_paywalled(page(head, body), words=60, announced=0)
