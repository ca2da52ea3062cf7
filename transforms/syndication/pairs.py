"""Which articles are near-duplicates, as arrays: candidates by bands, matches, components.

An article is named by its handle, the first 64 bits of the hash of its id. All steps are sorts
and searches of arrays; what an article adds to them does not depend on how many there are.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.syndication.blocks import (
    IS_NEW,
    by_place,
    comparable,
    handles_in,
    moments_in,
    numbers_in,
)
from transforms.syndication.signatures import SIZE, Keys, band_keys, near_duplicates

Rows = NDArray[np.void]

ENTRY = np.dtype([("key", "<u8"), ("order", "<u4"), ("handle", "<u8"), ("is_new", "?")])
SIGNED = np.dtype(
    [("handle", "<u8"), ("rank", "<i8"), ("shingles", "<u4"), ("numbers", "<u4", (SIZE,))]
)
PAIR = np.dtype([("one", "<u8"), ("other", "<u8")])
LABEL = np.dtype([("handle", "<u8"), ("root", "<u8")])
REQUEST = np.dtype([("handle", "<u8"), ("place", "<u4")])  # send this signature there

AT_ONCE = 20_000  # pairs that are compared together
OLD = 1 << 62  # added to the rank of rows of earlier runs


def places_of(handles: Keys, places: int) -> Keys:
    """Return which of so many places each handle belongs to."""
    return handles % np.uint64(places)


def deal(rows: Rows, places: Keys) -> Iterator[tuple[int, bytes]]:
    """Deal rows to places, packed."""
    for place, mine in by_place(places):
        yield place, rows[mine].tobytes()


def make_entries(block: pa.Table, places: int) -> tuple[Rows, Keys]:
    """Return an entry for every band of every article of a block, and each entry's place."""
    table = comparable(block)
    keys = band_keys(numbers_in(table))
    published, seen = moments_in(table, "published_at"), moments_in(table, "seen_at")
    seconds = np.where(published == -(2**63), seen, published) // 1_000_000
    entries = np.zeros(keys.shape, ENTRY)
    entries["key"] = keys
    entries["order"] = np.clip(seconds, 0, 2**32 - 1).reshape(-1, 1)
    entries["handle"] = handles_in(table).reshape(-1, 1)
    entries[IS_NEW] = table.column(IS_NEW).to_numpy().reshape(-1, 1)
    return entries.ravel(), places_of(keys.ravel(), places)


def find_candidates(entries: Rows) -> tuple[Rows, Keys]:
    """Return the pairs of articles that share a band, and the first article of each one's bucket.

    Of a bucket with n articles at most 2n pairs are taken, however many texts are made by one
    template: each new article with the oldest, and with the one before it. Two articles of earlier
    runs are no pair.
    """
    entries = _in_buckets(entries)
    keys, handles = entries["key"], entries["handle"]
    place = np.arange(len(entries))
    follows = np.concatenate([[False], keys[1:] == keys[:-1]])[: len(entries)]
    first = np.maximum.accumulate(np.where(follows, 0, place))
    wanted = place[follows & entries["is_new"]]
    pairs = np.zeros((2, len(wanted)), PAIR)
    for row, with_whom in enumerate((first[wanted], wanted - 1)):
        pairs[row]["one"] = np.minimum(handles[with_whom], handles[wanted])
        pairs[row]["other"] = np.maximum(handles[with_whom], handles[wanted])
    firsts = handles[np.tile(first[wanted], 2)]
    return _unique_pairs(pairs.ravel(), firsts)


def _in_buckets(entries: Rows) -> Rows:
    """Return the entries that share their key with another one, by key, those of the past first."""
    order = np.argsort(entries["key"], kind="stable")
    keys = entries["key"][order]
    same = keys[1:] == keys[:-1]
    shared = np.zeros(len(keys), bool)
    shared[1:] |= same
    shared[:-1] |= same
    found = entries[order[shared]]
    return found[np.lexsort([found[name] for name in ("handle", "order", "is_new", "key")])]


def _unique_pairs(pairs: Rows, firsts: Keys) -> tuple[Rows, Keys]:
    order = np.lexsort([pairs["other"], pairs["one"], firsts])
    pairs, firsts = pairs[order], firsts[order]
    again = (pairs[1:] == pairs[:-1]) & (firsts[1:] == firsts[:-1])
    kept = np.concatenate([[True], ~again])[: len(pairs)] & (pairs["one"] != pairs["other"])
    return pairs[kept], firsts[kept]


def requests_of(pairs: Rows, places: Keys) -> Rows:
    """Return which signatures are wanted where, for pairs that are compared at these places."""
    handles = np.concatenate([pairs["one"], pairs["other"]])
    wanted = np.unique(np.rec.fromarrays([handles, np.tile(places, 2)], REQUEST))
    return np.asarray(wanted)


def make_signed(block: pa.Table) -> Rows:
    """Return what is compared of a block's articles; of one article the smallest rank counts."""
    table = comparable(block)
    signed = np.zeros(len(table), SIGNED)
    signed["handle"] = handles_in(table)
    is_new = table.column(IS_NEW).to_numpy()
    signed["rank"] = moments_in(table, "seen_at") + np.where(is_new, 0, OLD)
    signed["shingles"] = table.column("shingles").to_numpy()
    signed["numbers"] = numbers_in(table)
    return signed


def merge_signed(signed: Rows) -> Rows:
    """Return one row an article, by handle: that of this run before that of an earlier one."""
    order = np.lexsort([signed["numbers"][:, 0], signed["rank"], signed["handle"]])
    _, first = np.unique(signed["handle"][order], return_index=True)
    return signed[order[first]]


def find_matches(signed: Rows, pairs: Rows) -> Rows:
    """Return the pairs that are near-duplicates indeed."""
    merged = merge_signed(signed)
    starts = range(0, len(pairs), AT_ONCE)
    found = [_are_matches(merged, pairs[start : start + AT_ONCE]) for start in starts]
    return np.asarray(pairs[np.concatenate([np.zeros(0, bool), *found])])


def _are_matches(merged: Rows, pairs: Rows) -> NDArray[np.bool_]:
    handles = merged["handle"]
    one, other = (merged[np.searchsorted(handles, pairs[side])] for side in ("one", "other"))
    shingles = one["shingles"].astype(np.int64), other["shingles"].astype(np.int64)
    return near_duplicates((one["numbers"], other["numbers"]), shingles)


def find_components(edges: Rows) -> Rows:
    """Return a label for each article of the edges: the smallest handle of its component."""
    ends = np.concatenate([edges["one"], edges["other"]])
    handles, numbers = np.unique(ends, return_inverse=True)
    parent = list(range(len(handles)))
    for one, other in numbers.reshape(2, -1).T.tolist():
        root, second = _root(parent, one), _root(parent, other)
        parent[max(root, second)] = min(root, second)
    labels = np.zeros(len(handles), LABEL)
    labels["handle"] = handles
    labels["root"] = handles[[_root(parent, number) for number in range(len(handles))]]
    return labels


def _root(parent: list[int], item: int) -> int:
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item
