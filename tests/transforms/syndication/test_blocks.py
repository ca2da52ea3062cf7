"""Signed articles as tables, and back."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.rows import NOW
from tests.transforms.syndication.test_clusters import Member, new, old, signed
from transforms.state import STORIES, hash_of
from transforms.syndication.blocks import (
    IS_NEW,
    SCHEMA,
    comparable,
    deal_rows,
    from_bytes,
    handles_in,
    moments_in,
    numbers_in,
    pack,
    to_bytes,
    unpack,
)

MEMBERS = [new("a", 1, service="AFP", published_at=NOW), old("b", 2), new("c", numbers=b"")]


def block(*members: Member) -> pa.Table:
    return pa.concat_tables([pack([m.article], is_new=m.is_new) for m in members])


def test_a_block_gives_back_what_was_packed() -> None:
    assert unpack(block(*MEMBERS)) == MEMBERS
    assert unpack(pack([], is_new=True)) == []


def test_a_block_has_the_columns_of_the_state() -> None:
    row = STORIES.record(MEMBERS[0].article)
    assert block(*MEMBERS).slice(0, 1).to_pylist() == [{**row, IS_NEW: True}]


def test_blocks_are_joined_when_they_are_read() -> None:
    packed = [to_bytes(block(member)) for member in MEMBERS]
    assert unpack(from_bytes(packed)) == MEMBERS
    assert from_bytes([]).equals(SCHEMA.empty_table())


def test_rows_are_dealt_to_their_places_and_none_is_lost() -> None:
    dealt = dict(deal_rows(block(*MEMBERS), np.array([5, 0, 5], np.uint64)))
    assert unpack(from_bytes([dealt[5]])) == [MEMBERS[0], MEMBERS[2]]
    assert unpack(from_bytes([dealt[0]])) == [MEMBERS[1]]
    assert list(deal_rows(pack([], is_new=True), np.array([], np.uint64))) == []


@pytest.mark.parametrize("fields", [{"numbers": b""}, {"numbers": b"1"}, {"scheme": "other"}])
def test_only_signatures_of_this_version_are_compared(fields: dict[str, Any]) -> None:
    rows = comparable(block(new("a", **fields), new("b", 1)))
    assert rows.column("article_id").to_pylist() == ["b"]
    assert numbers_in(rows).tobytes() == signed("b", 1).numbers


def test_columns_are_arrays() -> None:
    rows = block(*MEMBERS)
    assert handles_in(rows).tolist() == [hash_of(name) for name in "abc"]
    moments = moments_in(rows, "published_at").tolist()
    assert moments == [int(NOW.timestamp() * 1e6), -(2**63), -(2**63)]
