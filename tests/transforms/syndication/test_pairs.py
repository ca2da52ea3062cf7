"""Which articles are compared, and what hangs together, as arrays."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import NOW
from tests.transforms.syndication.test_clusters import HOUR, new, old, signed
from transforms.state import hash_of
from transforms.syndication.blocks import pack
from transforms.syndication.clusters import Member
from transforms.syndication.pairs import (
    ENTRY,
    PAIR,
    deal,
    find_candidates,
    find_components,
    find_matches,
    make_entries,
    make_signed,
    requests_of,
)
from transforms.syndication.signatures import BODY, ROWS, SIZE

PLACES = 4


def block(*members: Member) -> pa.Table:
    return pa.concat_tables([pack([m.article], is_new=m.is_new) for m in members])


def names(pairs: np.ndarray, members: Sequence[Member]) -> set[frozenset[str]]:
    ids = {hash_of(m.article.article_id): m.article.article_id for m in members}
    return {frozenset(ids[handle] for handle in pair) for pair in pairs.tolist()}


def candidates(*members: Member) -> set[frozenset[str]]:
    dealt: dict[int, list[bytes]] = {}
    for member in members:  # as if each came from a worker of its own
        for place, packed in deal(*make_entries(block(member), PLACES)):
            dealt.setdefault(place, []).append(packed)
    found = [find_candidates(np.frombuffer(b"".join(rows), ENTRY))[0] for rows in dealt.values()]
    return names(np.concatenate([np.zeros(0, PAIR), *found]), members)


def test_articles_that_share_a_band_are_candidates() -> None:
    assert candidates(new("a", 1), new("b", 1), new("c", 2)) == {frozenset("ab")}


def test_two_old_articles_are_no_candidates() -> None:
    found = candidates(old("a", 1), old("b", 1), new("c", 1))
    assert frozenset("ab") not in found
    assert {frozenset("ac"), frozenset("bc")} & found


def test_a_bucket_gives_pairs_in_proportion_to_its_size() -> None:
    members = [new(f"{n}", 1, published_at=NOW + n * HOUR) for n in range(50)]
    found = candidates(*members)
    assert len(found) <= 2 * len(members)
    assert all(frozenset(("0", f"{n}")) in found for n in range(1, 50))


@pytest.mark.parametrize("moment", [None, datetime(1900, 1, 1, tzinfo=UTC), NOW + 9**6 * HOUR])
def test_any_date_will_do(moment: datetime | None) -> None:
    odd = new("a", 1, published_at=moment)
    assert candidates(odd, new("b", 1), new("c", 1)) >= {frozenset("bc")}


@pytest.mark.parametrize("fields", [{"numbers": b""}, {"numbers": b"1234"}, {"scheme": "another"}])
def test_what_cannot_be_compared_is_no_candidate(fields: dict[str, Any]) -> None:
    assert candidates(new("a", 1), new("b", 1, **fields)) == set()
    assert candidates(new("a", 1, **fields)) == set()
    assert candidates() == set()


def template(number: int) -> bytes:
    """A signature of which one band is shared by all, and the rest by a text and its copy."""
    numbers = np.random.default_rng(number // 2).integers(0, 2**32, SIZE, np.uint32)
    numbers[:ROWS] = 7
    return numbers.tobytes()


def test_copies_are_found_among_texts_of_one_template_and_no_others() -> None:
    """A band that hundreds share says nothing, and costs no more than two pairs an article."""
    members = [
        new(f"{n}", numbers=template(n), published_at=NOW + (n * 37 % 400) * HOUR)
        for n in range(400)
    ]
    found = candidates(*members)
    assert len(found) <= 3 * len(members)
    assert found >= {frozenset((f"{n}", f"{n + 1}")) for n in range(0, 400, 2)}
    assert matches(*members) == {frozenset((f"{n}", f"{n + 1}")) for n in range(0, 400, 2)}


def matches(*members: Member) -> set[frozenset[str]]:
    rows = block(*members)
    pairs, _ = find_candidates(make_entries(rows, PLACES)[0])
    return names(find_matches(make_signed(rows), pairs), members)


def test_a_candidate_is_no_match_unless_the_signatures_agree() -> None:
    numbers = np.frombuffer(signed("a", 1).numbers, "<u4").copy()
    numbers[BODY - 99 : BODY] = 0
    alike, unlike = new("b", numbers=numbers.tobytes()), new("c", numbers=template(9))
    assert frozenset("ab") in candidates(new("a", 1), alike, unlike)
    assert matches(new("a", 1), alike, unlike) == set()
    assert matches(new("a", 1), new("b", 1), unlike) == {frozenset("ab")}


def test_of_an_article_that_was_revised_the_new_text_is_compared() -> None:
    before, after, other = old("a", 1), new("a", 2), new("b", 1)
    assert matches(before, other) == {frozenset("ab")}
    assert matches(before, after, other) == set()
    assert matches(before, after, new("b", 2)) == {frozenset("ab")}


def test_signatures_are_asked_for_once_a_place() -> None:
    pairs = np.array([(1, 2), (1, 3), (2, 3)], PAIR)
    found = requests_of(pairs, np.array([0, 0, 1], np.uint64))
    assert found.tolist() == [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1)]


HANDLES = st.integers(0, 30)


@given(st.lists(st.tuples(HANDLES, HANDLES), max_size=40))
def test_components_are_what_hangs_together(edges: list[tuple[int, int]]) -> None:
    found = dict(find_components(np.array(edges, PAIR)).tolist())
    groups = [{handle} for handle in {end for edge in edges for end in edge}]
    for one, other in edges:
        joined = [group for group in groups if one in group or other in group]
        groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    assert found == {handle: min(group) for group in groups for handle in group}


def test_the_order_in_which_articles_come_is_no_matter() -> None:
    members = [new(f"{n}", n % 3, published_at=NOW + timedelta(hours=n % 4)) for n in range(12)]
    assert candidates(*members) == candidates(*members[::-1])
    assert matches(*members) == matches(*members[::-1])
    assert len(matches(*members)) <= len(list(combinations(members, 2)))
