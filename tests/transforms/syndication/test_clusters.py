"""Which articles are one story, decided from signatures."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from schemas.story import SignedArticle, StoryDecision
from tests.rows import NOW
from transforms.syndication.clusters import Member, decide_alone, decide_story, merge_member
from transforms.syndication.signatures import SCHEME, SIZE

HOUR = timedelta(hours=1)


def signed(article_id: str, seed: int = 0, **fields: Any) -> SignedArticle:
    numbers = np.random.default_rng(seed).integers(0, 2**32, SIZE, np.uint32).tobytes()
    defaults: dict[str, Any] = {
        "seen_at": NOW,
        "scheme": SCHEME,
        "numbers": numbers,
        "shingles": 100,
    }
    return SignedArticle(article_id=article_id, **(defaults | fields))


def new(article_id: str, seed: int = 0, **fields: Any) -> Member:
    return Member(signed(article_id, seed, **fields), is_new=True)


def old(article_id: str, seed: int = 0, **fields: Any) -> Member:
    known = {"cluster_id": article_id, "first_seen_at": NOW - HOUR, "seen_at": NOW - HOUR}
    return Member(signed(article_id, seed, **(known | fields)), is_new=False)


def story(*members: Member) -> dict[str, StoryDecision]:
    return {decision.article_id: decision for decision in decide_story(members)}


def test_the_first_published_gives_a_new_story_its_name() -> None:
    a, b, c = (new(i, published_at=NOW - n * HOUR) for n, i in enumerate("abc"))
    found = story(a, b, c)
    assert {decision.cluster_id for decision in found.values()} == {"c"}
    assert len(found) == 3


def test_a_story_was_first_seen_when_its_first_article_was() -> None:
    a = new("a", seen_at=NOW + HOUR)
    b = new("b", seen_at=NOW, published_at=NOW + 2 * HOUR)
    assert {decision.first_seen_at for decision in story(a, b).values()} == {NOW}


def test_a_new_article_joins_the_oldest_story_and_old_rows_are_not_decided() -> None:
    early = {"first_seen_at": NOW - 9 * HOUR, "cluster_id": "z"}
    found = story(new("a"), old("b"), old("c", **early))
    assert set(found) == {"a"}
    assert (found["a"].cluster_id, found["a"].first_seen_at) == ("z", NOW - 9 * HOUR)


def test_a_revised_article_keeps_its_story() -> None:
    revised = merge_member([new("a"), old("a", cluster_id="s", first_seen_at=NOW - 2 * HOUR)])
    assert revised.is_new
    found = story(revised, old("b", cluster_id="t", first_seen_at=NOW - 5 * HOUR))
    assert (found["a"].cluster_id, found["a"].first_seen_at) == ("s", NOW - 2 * HOUR)


def test_an_article_that_came_twice_counts_once_whatever_the_order() -> None:
    versions = [new("a", 1), new("a", 2)]
    assert merge_member(versions) == merge_member(versions[::-1])


@pytest.mark.parametrize(
    ("credited", "wire"),
    [
        ({}, {"a": (False, None), "b": (False, None), "c": (False, None)}),
        ({"a": "AFP"}, {"a": (True, "AFP"), "b": (True, "AFP"), "c": (True, "AFP")}),
        ({"a": "AFP", "b": "PA"}, {"a": (True, "AFP"), "b": (True, "PA"), "c": (True, "AFP")}),
    ],
)
def test_one_credit_makes_the_story_agency_copy(
    credited: dict[str, str], wire: dict[str, tuple[bool, str | None]]
) -> None:
    a, b, c = (new(i, service=credited.get(i)) for i in "abc")
    found = story(a, b, c)
    assert {i: (d.is_wire, d.wire_service) for i, d in found.items()} == wire


def test_the_agencys_own_article_is_no_copy_and_makes_the_others_copies() -> None:
    found = story(new("a", service="AFP", is_original=True), new("b"))
    assert {i: d.is_wire for i, d in found.items()} == {"a": False, "b": True}


@pytest.mark.parametrize(
    ("fields", "is_wire"),
    [({}, False), ({"service": "AFP"}, True), ({"service": "AFP", "is_original": True}, False)],
)
def test_an_article_alone_is_its_own_story(fields: dict[str, Any], is_wire: bool) -> None:
    decision = decide_alone(signed("a", **fields))
    assert decision == StoryDecision("a", "a", NOW, is_wire, fields.get("service"))
