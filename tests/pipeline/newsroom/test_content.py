"""The content files: they parse, their offsets are right, and every promised feature is there."""

import re
from collections import Counter

import pytest

from pipeline.newsroom.content import (
    LAST_EDITION,
    expected_quotes,
    load_articles,
    load_newsroom,
    parse_article,
)

EDITIONS = {edition: load_articles(edition) for edition in range(1, LAST_EDITION + 1)}
TEXTS = [
    pytest.param(article, id=f"{article.article_id}.{edition}")
    for edition, articles in EDITIONS.items()
    for article in articles.values()
    if article.edition == edition
]
ANNOTATED = [param for param in TEXTS if param.values[0].language.startswith("en")]
OPENING, CLOSING = "“\"‘'«„", "”\"’'»“"


def of(article_id, edition=1):
    return EDITIONS[edition][article_id]


@pytest.mark.parametrize("article", ANNOTATED)
def test_spans_give_the_quotation_and_never_hold_a_line_break(article):
    for quote in expected_quotes(article):
        parts = [article.text_content[start:end] for start, end in quote.spans]
        assert " ".join(parts) == quote.text
        assert "\n" not in quote.text
        assert list(quote.spans) == sorted(quote.spans)
        assert quote.in_headline == (quote.spans[0][1] <= len(article.headline))


@pytest.mark.parametrize("article", ANNOTATED)
def test_cue_and_source_spans_give_their_words(article):
    for quote in expected_quotes(article):
        for words, span in ((quote.cue, quote.cue_span), (quote.source, quote.source_span)):
            assert words == (article.text_content[slice(*span)] if span else None)


@pytest.mark.parametrize("article", ANNOTATED)
def test_direct_and_mixed_quotations_stand_between_marks_and_indirect_ones_do_not(article):
    for quote in expected_quotes(article):
        text = "\n" + article.text_content
        first = text[quote.spans[0][0]]
        assert (first in OPENING) == (quote.kind != "indirect"), quote.text
        if quote.kind != "indirect":
            rest = article.text_content[quote.spans[-1][1] :]
            assert re.match(rf"[.,]?[{CLOSING}]", rest) or article.page == "cut", quote.text
            assert quote.text[0] not in OPENING


@pytest.mark.parametrize("article", ANNOTATED)
def test_every_double_mark_is_accounted_for_by_a_quotation(article):
    marked = {
        position
        for quote in expected_quotes(article)
        for start, end in quote.spans
        for position in range(start - 1, end + 2)
    }
    text = article.text_content
    stray = [m.start() for m in re.finditer('["“”«»]', text) if m.start() not in marked]
    assert [text[at - 20 : at + 20] for at in stray] == []


@pytest.mark.parametrize("article", ANNOTATED)
def test_kinds_flags_and_speakers_are_consistent(article):
    for quote in expected_quotes(article):
        assert quote.kind in ("direct", "mixed", "indirect")
        assert quote.flags <= {"unnamed_speaker", "negated", "hypothetical"}
        assert (quote.speaker is None) == ("unnamed_speaker" in quote.flags)
        assert quote.is_floating or quote.source is not None
        if quote.cue is None and not quote.is_floating:
            assert re.match(r"\s*:", article.text_content[quote.source_span[1] :])


@pytest.mark.parametrize("article", TEXTS)
def test_mentions_give_their_text_without_titles_and_possessives(article):
    for mention in article.mentions:
        text = article.text_content
        assert text[mention.start : mention.end] == mention.text == mention.text.strip()
        assert not re.search("['’]s$", mention.text)
        if mention.label == "PERSON":
            assert not re.match(r"(Mr|Mrs|Ms|Dr|Sir|Cllr|Judge|President|Gov|Sen)\b", mention.text)


@pytest.mark.parametrize("article", TEXTS)
def test_article_is_complete(article):
    words = sum(len(paragraph.split()) for paragraph in article.paragraphs)
    shortest = {"full": 110, "paywall": 60, "cut": 50, "player": 110, "shell": 15, "none": 40}
    assert shortest[article.page] <= words <= 450
    assert article.headline
    assert article.standfirst.endswith(".")
    assert article.published <= article.modified
    assert article.published.utcoffset().total_seconds() == 0
    assert article.authors
    assert article.keywords


@pytest.mark.parametrize("edition", EDITIONS)
def test_outlets_carry_only_articles_that_exist_and_carry_all_of_them(edition):
    carried = Counter()
    for outlet in load_newsroom()["outlet"]:
        for feed in outlet["feed"]:
            for entry in feed["entries"]:
                name = entry if isinstance(entry, str) else entry.get("article")
                carried[name] += name in EDITIONS[LAST_EDITION]
    assert set(EDITIONS[edition]) <= {name for name, count in carried.items() if count}


@pytest.mark.parametrize("article", TEXTS)
def test_text_of_a_page_without_a_body_is_what_the_feed_says_of_it(article):
    assert article.page != "shell" or article.paragraphs == (article.standfirst,)


def has(article_id, edition=1, **wanted):
    """Whether an article has a quotation of which all this is true."""

    def check():
        return any(
            all(getattr(quote, name) == value for name, value in wanted.items())
            for quote in expected_quotes(of(article_id, edition))
        )

    return check


def says(article_id, pattern, edition=1):
    """Whether an article's text matches a pattern."""

    def check():
        article = of(article_id, edition)
        return re.search(pattern, article.text_content) is not None

    return check


def flagged(article_id, flag):
    return lambda: any(flag in quote.flags for quote in expected_quotes(of(article_id)))


def cue_inside(article_id, text):
    def check():
        (quote,) = (q for q in expected_quotes(of(article_id)) if q.text.startswith(text))
        return quote.spans[0][1] < quote.cue_span[0] < quote.spans[1][0]

    return check


def in_turns():
    speakers = [quote.speaker for quote in expected_quotes(of("c05"))]
    return speakers[:4] == ["Wendy Garside", "Tom Okafor"] * 2


def wire_copies():
    texts = [set(of(name).paragraphs) for name in ("m02", "c07", "t02")]
    straight = [{p.translate({8220: 34, 8221: 34}) for p in paragraphs} for paragraphs in texts]
    return all(
        straight[0] != copy and any(_alike(p, q) for p in straight[0] for q in copy)
        for copy in straight[1:]
    )


def _alike(one, other):
    first, second = set(one.split()), set(other.split())
    return len(first & second) > 0.7 * len(first | second)


FEATURES = {
    "multi-paragraph quotation": has("c01", is_multi_paragraph=True),
    "multi-paragraph quotation, curly, American": has("t06", is_multi_paragraph=True),
    "floating quotation": has("c05", is_floating=True, speaker="Wendy Garside"),
    "cue in the middle of a sentence": cue_inside("m01", "This is a deal"),
    "cue after two words": cue_inside("c11", "I think"),
    "indirect speech cut by its cue": cue_inside("m06", "If prices fell"),
    "direct quotation in a headline": has("t13", in_headline=True, kind="direct"),
    "mixed quotation in a headline": has("c06", in_headline=True, kind="mixed"),
    "quotation in a headline without a speaker": has("c01", in_headline=True, is_floating=True),
    "mixed fragment": has("c04", kind="mixed", text="a scandal in slow motion"),
    "indirect speech": has("c02", kind="indirect", text="he would not appeal"),
    "negated": flagged("c04", "negated"),
    "denied": has("t13", cue="denied"),
    "hypothetical": flagged("c04", "hypothetical"),
    "Mr": says("c02", r"\bMr Thorley"),
    "Mrs": says("c11", r"\bMrs Abbot"),
    "Mr.": says("t05", r"\bMr\. Osgood"),
    "Ms": says("c02", r"\bMs Thorley"),
    "Dr": says("c03", r"\bDr Adeyemi"),
    "Cllr": says("c01", r"\bCllr Petty"),
    "Sir with the given name": has("c12", source="Sir Martin", speaker="Martin Ashby"),
    "President": has("m11", 2, source="President Phiri", speaker="Grace Phiri"),
    "Governor": has("m06", source="Governor Pall Hallgrimsson"),
    "Captain": has("m09", source="Captain Menon", speaker="Rajiv Menon"),
    "pronoun as speaker": has("m09", source="she", speaker="Ines Carvalho"),
    "role as speaker": has("t09", source="the mayor", speaker="Tanya Whitebird"),
    "description as speaker": has("c06", source="the defender", speaker="Lee Furness"),
    "company as speaker": has("c07", source="The company", speaker="Norvane"),
    "a witness": says("c03", "said a woman who had been walking her dog"),
    "a spokesman for a firm": has("c04", source="A spokesman for Helix Imaging, the supplier,"),
    "police": has("c03", source="Police", speaker=None),
    "two of the same surname": has("c02", source="Ms Thorley", speaker="Denise Thorley"),
    "husband and wife": has("t05", source="Ms. Osgood", speaker="Maria Osgood"),
    "son named in full": has("t07", source="Scott Jankowski", speaker="Scott Jankowski"),
    "two people in turns": in_turns,
    "according to": has("m01", cue="according to", speaker="Niko Prela"),
    "a statement": has("c01", cue="said in a statement", speaker="Humber Gateway Terminals"),
    "curly marks": says("c01", "“.+”"),
    "straight marks": says("m01", '".+"'),
    "single marks": says("c12", "‘We were asked"),
    "guillemets": says("m03", "«.+»"),
    "nested quotation": has("t03", is_floating=False, speaker="Dale Pruitt", kind="direct"),
    "colon dialogue": says("m07", 'Rask: "When'),
    "said, colon": says("c04", "said: “"),
    "wire story with small changes": wire_copies,
    "updated article": lambda: of("t01").paragraphs != of("t01", 2).paragraphs,
    "article of the second edition": lambda: "m11" in EDITIONS[2] and "m11" not in EDITIONS[1],
    "no quotation at all": lambda: not expected_quotes(of("m10")),
    "another language": lambda: of("m04").language == "de",
    "page without a body": lambda: of("c10").page == "shell",
    "feed carries more than the page": lambda: of("c09").page == "player",
    "paywall": lambda: of("c08").page == "paywall",
    "truncated": lambda: of("t11").page == "cut" and of("t11").text_content.endswith("…"),
    "entry without a page": lambda: of("t10").page == "none",
    "credit line": lambda: of("m01").credit is not None,
    "two authors": lambda: len(of("c03").authors) == 2,
}


@pytest.mark.parametrize("feature", FEATURES)
def test_newsroom_shows(feature):
    assert FEATURES[feature]()


def test_newsroom_is_of_the_promised_size():
    quotes = [q for article in EDITIONS[1].values() for q in expected_quotes(article)]
    assert 30 <= len(EDITIONS[1]) <= 40
    assert {article.outlet for article in EDITIONS[1].values()} == {
        "courier",
        "tribune",
        "meridian",
    }
    assert len(quotes) > 150


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("<p>a</p><q2/>", None),
        ("<p> a</p>", "blank edge"),
        ("<p>a\nb</p>", "line break"),
        ('<p><cue q="q9">said</cue></p>', "unknown quotations"),
        ('<p><q id="q1" speaker="p7" kind="direct">a</q></p>', "not named"),
        ("<p><b>a</b></p>", "unknown element"),
    ],
)
def test_fault_in_a_content_file_is_named(fault, message):
    xml = (
        '<article id="x01" outlet="courier" desk="News" lang="en" byline="A B" '
        'published="2026-03-10T10:00:00Z"><headline>h</headline>'
        f"<standfirst>s</standfirst>{fault}</article>"
    )
    if message is None:
        assert parse_article(xml, "x").paragraphs == ("a",)
    else:
        with pytest.raises(ValueError, match=message):
            parse_article(xml, "x")
