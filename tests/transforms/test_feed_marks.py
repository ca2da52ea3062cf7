import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.state import EntryRetry
from tests.rows import NOW, entry
from transforms.feed_marks import (
    by_key,
    entry_hash,
    find_changes,
    pack_marks,
    request_key,
    signature,
    unpack_marks,
)
from transforms.state import hash_bytes

LINK = "https://example.org/a"


def test_links_that_differ_in_tracking_only_are_one_article():
    plain = entry(link=LINK)
    tracked = entry(link="https://www.example.org/a?utm_source=rss")
    assert request_key(plain) == request_key(tracked)
    assert list(by_key([plain, tracked])) == [LINK]


def test_an_entry_without_link_is_known_by_feed_and_id():
    keys = {request_key(entry(link=None, entry_id=i, feed_url=f)) for i in "12" for f in "fg"}
    assert len(keys) == 4


@pytest.mark.parametrize("field", ["title", "summary_html", "content_html", "link", "entry_id"])
def test_a_changed_entry_changes_the_hash(field):
    assert entry_hash([entry(**{field: "x"})]) != entry_hash([entry(**{field: "y"})])


@given(st.lists(st.integers(0, 50), max_size=60, unique=True))
def test_marks_take_sixteen_bytes_and_do_not_depend_on_order(numbers):
    entries = [entry(link=f"https://example.org/{n}", title=str(n)) for n in numbers]
    marks = pack_marks(by_key(entries))
    assert len(marks) == 16 * len(entries)
    assert marks == pack_marks(by_key(reversed(entries)))
    assert set(unpack_marks(marks)) == {hash_bytes(e.link) for e in entries}


def changes(now, before=(), retries=(), **fields):
    marks = pack_marks(by_key(before))
    found = find_changes(by_key(now), marks, "f", retries, **fields)
    return [(change.entry.title, change.is_new, change.is_changed) for change in found]


A, B = entry(title="A"), entry(title="B", link="https://example.org/b")


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ([A, B], [], [("A", True, False), ("B", True, False)]),
        ([A, B], [A, B], []),
        ([B], [A, B], []),
        ([A, B], [A], [("B", True, False)]),
        ([entry(title="A2"), B], [A, B], [("A2", False, True)]),
    ],
)
def test_what_is_new_or_changed_is_found(now, before, expected):
    assert changes(now, before) == expected


def test_entries_to_be_tried_again_are_changed():
    retry = EntryRetry(hash_bytes(LINK), 4, NOW)
    (found,) = find_changes(by_key([A, B]), pack_marks(by_key([A, B])), "f", [retry])
    assert (found.entry, found.is_changed, found.attempts, found.feed_key) == (A, True, 4, "f")


def test_all_can_be_taken():
    assert changes([A, B], [A, B], takes_all=True) == [("A", False, False), ("B", False, False)]


def test_signature_follows_the_entries():
    one, same, other = (pack_marks(by_key(group)) for group in ([A, B], [B, A], [A]))
    assert signature(one) == signature(same) != signature(other)
