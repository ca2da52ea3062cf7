import pytest

from tests.rows import known
from tests.transforms.streaming.running import leave
from transforms.find_state import find_by_keys
from transforms.state import hash_of, shard_of
from transforms.streaming.committed import Committed, InFlight, still_in_flight

KEY = "https://example.org/a"


def ask(committed):
    return committed.ask(lambda files: find_by_keys(files, shard_of(hash_of(KEY)), [KEY]))


class Record:
    """A record that a test moves on."""

    def __init__(self, left):
        self.left = left
        self.looks = 0

    def __call__(self):
        self.looks += 1
        return self.left()


def test_window_counts_from_its_commit_on(tmp_path):
    record = Record(leave(tmp_path, "run-1"))
    committed = Committed(record)
    assert not committed.has("run-2")
    record.left = leave(tmp_path, "run-2", known(normalized_link=KEY, revision=2))
    assert committed.has("run-2")
    assert ask(committed)[KEY].revision == 2


def test_what_is_committed_is_not_looked_up_again(tmp_path):
    record = Record(leave(tmp_path, "run-2"))
    committed = Committed(record)
    assert [committed.has(run) for run in ("run-1", "run-2", "run-1")] == [True] * 3
    assert record.looks == 1


def test_files_that_a_commit_merged_away_meanwhile_are_found_where_they_went(tmp_path):
    old = leave(tmp_path, "run-1", known(normalized_link=KEY, revision=1))
    record = Record(old)
    committed = Committed(record)
    assert ask(committed)[KEY].revision == 1
    record.left = leave(tmp_path, "run-2", known(normalized_link=KEY, revision=2))
    for path in old.paths:
        (tmp_path / path).unlink()
    assert ask(committed)[KEY].revision == 2


def test_state_that_is_lost_is_an_error_and_not_taken_for_empty(tmp_path):
    left = leave(tmp_path, "run-1", known(normalized_link=KEY))
    (tmp_path / left.paths[0]).unlink()
    with pytest.raises(OSError, match="articles"):
        ask(Committed(left))


def test_memory_counts_until_its_window_is_committed(tmp_path):
    held = {run: InFlight(run, known()) for run in ("run-1", "run-2", "run-3")}
    assert set(still_in_flight(held, Committed(leave(tmp_path, "run-2")))) == {"run-3"}
