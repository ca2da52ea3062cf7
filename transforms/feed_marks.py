"""What a feed holds, in sixteen bytes an entry, and what is new or changed in it."""

from collections.abc import Iterable, Iterator, Mapping

from schemas.flow import EntryChange, FeedEntry
from schemas.ids import sha256_hex, stable_id
from schemas.state import EntryRetry
from transforms.state import hash_bytes
from transforms.urls import normalize_url

HALF = 8  # bytes: of the key's hash, and of the entry's


def request_key(entry: FeedEntry) -> str:
    """Return what two entries of the same article share: the normalized link."""
    if entry.link:
        return normalize_url(entry.link)
    return f"entry:{stable_id(entry.feed_url, entry.entry_id)}"


def entry_hash(entries: Iterable[FeedEntry]) -> str:
    """Return a hash that changes when a publisher changes one of the entries.

    Content and summary count; the feed's own address and the order of feeds do not.
    """
    marks = sorted(
        stable_id(
            e.entry_id,
            e.link,
            e.title,
            str(e.updated or e.published),
            e.summary_html,
            e.content_html,
        )
        for e in entries
    )
    return stable_id(*marks)


def by_key(entries: Iterable[FeedEntry]) -> dict[str, list[FeedEntry]]:
    """Bring the entries of one feed together by article."""
    found: dict[str, list[FeedEntry]] = {}
    for entry in entries:
        found.setdefault(request_key(entry), []).append(entry)
    return found


def pack_marks(entries: Mapping[str, list[FeedEntry]]) -> bytes:
    """Return the marks of a feed's entries, in an order that does not change."""
    return b"".join(
        sorted(hash_bytes(key) + hash_bytes(entry_hash(group)) for key, group in entries.items())
    )


def unpack_marks(marks: bytes) -> dict[bytes, bytes]:
    """Return the hash of each entry by the hash of its article's key."""
    step = 2 * HALF
    return {
        marks[at : at + HALF]: marks[at + HALF : at + step] for at in range(0, len(marks), step)
    }


def signature(marks: bytes) -> str:
    """Return what changes when an entry comes, goes or changes, and with nothing else."""
    return sha256_hex(marks.hex())[:32]


def find_changes(
    entries: Mapping[str, list[FeedEntry]],
    marks: bytes,
    feed_key: str,
    due_retries: Iterable[EntryRetry] = (),
    *,
    takes_all: bool = False,
) -> Iterator[EntryChange]:
    """Yield the entries that are new in their feed, changed, or to be tried again.

    `takes_all` yields the others, too: another model has to look at them.
    """
    held = unpack_marks(marks)
    attempts = {retry.key_hash: retry.attempts for retry in due_retries}
    for key, group in entries.items():
        hashed = hash_bytes(key)
        was, now = held.get(hashed), hash_bytes(entry_hash(group))
        is_retry, is_changed = hashed in attempts, was is not None and was != now
        if was is None or is_changed or is_retry or takes_all:
            for entry in group:
                yield EntryChange(
                    key=key,
                    entry=entry,
                    feed_key=feed_key,
                    is_changed=is_changed or is_retry,
                    is_new=was is None,
                    attempts=attempts.get(hashed, 0),
                )
