"""Every new article gets a story: alone by columns, near-duplicates story by story."""

from datetime import timedelta

import numpy as np
import pytest

from schemas.arrow_rows import from_record
from schemas.story import SignedArticle, StoryDecision
from tests.rows import NOW
from tests.transforms.syndication.test_blocks import block
from tests.transforms.syndication.test_clusters import HOUR, Member, new, old
from transforms.state import hash_of
from transforms.syndication.clusters import decide_alone
from transforms.syndication.pairs import LABEL
from transforms.syndication.settle import (
    Settled,
    settle_alone,
    settle_stories,
    split,
    with_story,
)


def remembered(settled: Settled) -> dict[str, SignedArticle]:
    rows = settled.remembered.to_pylist()
    return {row["article_id"]: from_record(SignedArticle, row) for row in rows}


@pytest.mark.parametrize(
    "member", [new("a"), new("a", service="AFP"), new("a", published_at=NOW - HOUR)]
)
def test_columns_say_of_an_article_alone_what_the_decision_says(member: Member) -> None:
    settled = settle_alone(block(member))
    article = member.article
    assert remembered(settled) == {"a": with_story(article, decide_alone(article))}
    assert settled.decisions == ()


def test_articles_of_earlier_runs_are_settled_already() -> None:
    assert remembered(settle_alone(block(old("a"), new("b")))).keys() == {"b"}


def test_a_revised_article_alone_keeps_its_story_and_its_file_has_to_say_so() -> None:
    before = old("a", cluster_id="s", first_seen_at=NOW - HOUR)
    settled = settle_alone(block(new("a"), before))
    assert settled.decisions == (StoryDecision("a", "s", NOW - HOUR, False, None),)
    assert remembered(settled)["a"].cluster_id == "s"


def test_an_article_that_came_twice_is_settled_once() -> None:
    settled = settle_alone(block(new("a", 1), new("a", 2)))
    assert settled.remembered.num_rows == 1


def label(**roots: str) -> "np.ndarray[tuple[int], np.dtype[np.void]]":
    return np.array([(hash_of(name), hash_of(root)) for name, root in roots.items()], LABEL)


def test_labelled_articles_are_settled_story_by_story() -> None:
    first = new("c", published_at=NOW - HOUR)
    rows = block(new("a"), first, new("d"), new("x", service="AFP"), new("y"))
    alone, labelled = split(rows, label(a="a", c="a", x="x", y="x"))
    assert alone.column("article_id").to_pylist() == ["d"]
    settled = settle_stories(labelled)
    told = {d.article_id: (d.cluster_id, d.wire_service) for d in settled.decisions}
    assert told == {"a": ("c", None), "y": ("x", "AFP")}  # the others' columns say so already
    assert {key: row.cluster_id for key, row in remembered(settled).items()} == {
        "a": "c",
        "c": "c",
        "x": "x",
        "y": "x",
    }


def test_without_labels_all_are_alone() -> None:
    rows = block(new("a"), old("b", seen_at=NOW - timedelta(days=1)))
    alone, labelled = split(rows, label())
    assert (len(alone), len(labelled)) == (2, 0)
    assert settle_stories(labelled).remembered.num_rows == 0
