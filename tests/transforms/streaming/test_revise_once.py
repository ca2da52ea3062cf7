from datetime import UTC, datetime, timedelta

import pytest

from schemas.flow import KnownArticle
from schemas.ids import sha256_hex
from schemas.rows import FeedRef
from tests.rows import article, known, request
from tests.transforms.streaming.running import leave, play, stream_plan
from transforms.extract_articles import ExtractedArticle
from transforms.streaming.revise_once import FORGET_AFTER, ReviseOnce
from transforms.streaming.windows import whole_ms

NOW = whole_ms(datetime.now(UTC) + timedelta(hours=1))  # ahead of all that happens meanwhile
MINUTE = timedelta(minutes=1)
OUTPUTS = {"articles": "articles", "kept": "kept"}
BEFORE = "20260101T000000000000Z"


def extracted(text="Rain fell.", link="https://example.org/a", **fields):
    fields = {"article_id": "a1", "text_content": text, "content_hash": sha256_hex(text)} | fields
    refs = (FeedRef(feed_url=f"{link}/feed", entry_id="1", link=link),)
    return ExtractedArticle(article(feed_refs=refs, **fields), request(key=link, feed_refs=refs))


def revise(folder, *steps, **fields):
    """Articles at some minutes; returns their texts with revisions, and what is kept."""
    timed = [(after * MINUTE, ((item.article.article_id, item),)) for after, item in steps]
    told = play(ReviseOnce(stream_plan(NOW, **fields)), OUTPUTS, NOW, timed, folder)
    written = [(item.article.text_content, item.article.revision) for _, item in told["articles"]]
    return written, [item for _, item in told["kept"]]


def test_each_text_is_written_once_and_a_changed_one_is_the_next_revision(tmp_path):
    written, kept = revise(
        tmp_path,
        (0, extracted("Rain fell.")),
        (1, extracted("Rain fell.")),
        (2, extracted("Snow fell.")),
        (9, extracted("Snow fell.")),
        (10, extracted("Other.", article_id="b2")),
    )
    assert written == [("Rain fell.", 1), ("Snow fell.", 2), ("Other.", 1)]
    assert [(row.revision, type(row)) for row in kept] == [(1, KnownArticle), (2, KnownArticle)]


def test_two_addresses_of_one_article_are_written_once(tmp_path):
    other = extracted(link="https://short.example/x")
    written, (row,) = revise(tmp_path, (0, extracted()), (3, other))
    assert written == [("Rain fell.", 1)]
    assert row.normalized_link == "https://short.example/x"
    assert [ref.link for ref in row.feed_refs] == ["https://example.org/a", row.normalized_link]


@pytest.mark.parametrize(
    ("text", "expected"), [("Rain fell.", []), ("Snow fell.", [("Snow fell.", 5)])]
)
def test_what_is_committed_is_looked_up(tmp_path, text, expected):
    row = known(article_id="a1", revision=4, content_hash=sha256_hex("Rain fell."))
    written, _ = revise(tmp_path, (0, extracted(text)), look=leave(tmp_path, BEFORE, row))
    assert written == expected


def test_what_a_window_did_not_commit_is_written_after_all(tmp_path):
    """A window ran twice; the commit is that of the first time, which had not this article."""
    committed = stream_plan(NOW).windows.run(NOW).value
    written, _ = revise(
        tmp_path, (0, extracted()), (6, extracted()), look=leave(tmp_path, committed)
    )
    assert written == [("Rain fell.", 1)] * 2


def test_memory_ends_when_the_warehouse_has_it_for_long(tmp_path):
    forgotten = int(FORGET_AFTER / MINUTE) + 1
    written, _ = revise(tmp_path, (0, extracted()), (forgotten, extracted()))
    assert len(written) == 2
