from dataclasses import replace
from datetime import timedelta

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import sha256_hex
from tests.rows import NOW, article
from tests.transforms.streaming.running import leave
from transforms.state import StateFiles
from transforms.streaming.window_stories import group_window
from transforms.syndication.group_articles import GroupArticles, sign_article
from transforms.syndication.known import STORY_WINDOW, KnownSignatures

WORDS = [f"word{n}" for n in range(400)]
SINCE = NOW - STORY_WINDOW


def signed(name, text, minutes=0):
    seen = NOW + timedelta(minutes=minutes)
    return sign_article(
        article(article_id=sha256_hex(name)[:32], text_content=text, ingested_at=seen)
    )


def text(start, length=120):
    return "Headline\n" + " ".join(WORDS[start : start + length])


@pytest.mark.parametrize("old", [0, 2])
def test_stories_are_those_of_a_pass(tmp_path, old):
    articles = [signed(f"{n}", text(start), n) for n, start in enumerate([0, 200, 2, 0, 204, 390])]
    _, before = group_window(articles[:old], KnownSignatures())
    files = StateFiles(leave(tmp_path, "20260101T000000000000Z", *before).paths)
    known = KnownSignatures(files, SINCE)
    decisions, remembered = group_window(articles[old:], known)
    assert decisions
    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as root:
        grouped = root | beam.Create(articles[old:]) | GroupArticles(known)
        assert_that(grouped["decisions"], equal_to(list(decisions.values())), "decisions")
        assert_that(grouped["remembered"], equal_to(remembered), "remembered")


@given(st.lists(st.integers(0, 390), max_size=6, unique=True))
def test_every_article_is_remembered_with_a_story(starts):
    articles = [signed(str(start), text(start)) for start in starts]
    _, remembered = group_window(articles, KnownSignatures())
    assert sorted(row.article_id for row in remembered) == sorted(a.article_id for a in articles)
    stories = {row.article_id: row.cluster_id for row in remembered}
    assert set(stories.values()) <= set(stories)


def test_article_that_is_revised_within_a_window_counts_once():
    one = signed("a", text(0))
    _, remembered = group_window([one, replace(one, seen_at=one.seen_at)], KnownSignatures())
    assert len(remembered) == 1
