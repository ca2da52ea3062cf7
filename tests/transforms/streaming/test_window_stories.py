from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import sha256_hex
from tests.rows import NOW, article
from tests.transforms.streaming.running import leave
from tests.transforms.syndication.test_group_articles import group
from transforms.state import StateFiles
from transforms.streaming.window_stories import group_window
from transforms.syndication.group_articles import sign_article
from transforms.syndication.known import STORY_WINDOW, KnownSignatures

WORDS = [f"word{n}" for n in range(400)]


def story(number, start):
    text = "Headline\n" + " ".join(WORDS[start : start + 120])
    name = sha256_hex(str(number))[:32]
    seen = NOW + timedelta(minutes=number)
    return article(article_id=name, text_content=text, ingested_at=seen)


def rows_of(tables):
    return {row["article_id"]: row for table in tables for row in table.table.to_pylist()}


@pytest.mark.parametrize("old", [0, 2])
def test_stories_are_those_of_a_pass(tmp_path, old):
    articles = [story(n, start) for n, start in enumerate([0, 200, 2, 0, 204, 390])]
    signed = [sign_article(item) for item in articles]
    _, before = group_window(signed[:old], KnownSignatures())
    files = StateFiles(leave(tmp_path, "20260101T000000000000Z", *before).paths)
    known = KnownSignatures(files, NOW - STORY_WINDOW)
    decisions, tables = group_window(signed[old:], known)
    expected, remembered = group(articles[old:], known)
    assert decisions == expected
    assert len(decisions) >= 3
    stories = {name: row["cluster_id"] for name, row in rows_of(tables).items()}
    assert stories == {name: row.cluster_id for name, row in remembered.items()}


@given(st.lists(st.integers(0, 390), max_size=6, unique=True))
def test_every_article_is_remembered_with_a_story(starts):
    articles = [sign_article(story(start, start)) for start in starts]
    remembered = rows_of(group_window(articles, KnownSignatures())[1])
    assert set(remembered) == {item.article_id for item in articles}
    assert {row["cluster_id"] for row in remembered.values()} <= set(remembered)


def test_article_that_is_revised_within_a_window_counts_once():
    one = sign_article(story(0, 0))
    _, tables = group_window([one, replace(one, seen_at=one.seen_at)], KnownSignatures())
    assert len(rows_of(tables)) == sum(len(table.table) for table in tables) == 1
