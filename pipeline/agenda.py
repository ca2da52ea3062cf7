"""Which of the listed feeds a pass asks for, from what the state says; and when the next is due."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.options import RunOptions
from schemas.errors import FetchError
from schemas.flow import Feed
from schemas.ids import stable_id
from schemas.rows import Failure, Fetch
from schemas.state import EntryRetry, FeedState
from transforms.failures import failure_row
from transforms.polling import Agenda, PassMoment, PollOptions, next_due, plan_pass
from transforms.retrieve import FetchOutcome
from transforms.state import FEEDS, RETRIES, StateFiles, read_rows

REMEDY = "take it off the list, or ask for it once more with --force"


@dataclass(frozen=True)
class FeedBook:
    """What the state says of feeds, by their keys."""

    states: dict[str, FeedState]
    retries: dict[str, tuple[EntryRetry, ...]]

    def next_due(self, keys: Collection[str], options: PollOptions) -> datetime | None:
        """Return when the first of the feeds with these keys is due; None where none ever is."""
        states = (state for key, state in self.states.items() if key in keys)
        return next_due(states, self.retries, options)


def read_book(files: StateFiles) -> FeedBook:
    """Read what the state says of all feeds."""
    states = {row.key: row for row in read_rows(files.of(FEEDS), FEEDS)}
    retries = {row.key: row.retries for row in read_rows(files.of(RETRIES), RETRIES)}
    return FeedBook(states, retries)


def make_agenda(
    book: FeedBook, feeds: Iterable[Feed], options: RunOptions, moment: tuple[datetime, str]
) -> Agenda:
    """Decide which feeds are due at a time, with a model version."""
    now, model_version = moment
    pass_moment = PassMoment(now, model_version, options.poll, options.force)
    return plan_pass(feeds, book.states, book.retries, pass_moment)


def gone_rows(agenda: Agenda, run_id: str, now: datetime) -> Iterator[Fetch | Failure]:
    """Yield the rows that say, in every pass, of which feeds nothing comes any more."""
    for state in agenda.gone:
        why = gone_reason(state)
        yield Fetch(
            fetch_id=stable_id(run_id, "feed", state.url, "gone"),
            run_id=run_id,
            target_type="feed",
            feed_url=state.url,
            requested_url=state.fetch_url,
            fetched_at=now,
            outcome=str(FetchOutcome.GONE),
            attempt=0,
            error=why,
        )
        error = FetchError(why, target=state.url)
        error.code = str(FetchOutcome.GONE)
        yield replace(failure_row(run_id, "fetch_feeds", state.url, error), first_seen=now)


def gone_reason(state: FeedState) -> str:
    """Say in words why a feed is not asked for, and what to do."""
    since = f"{state.gone_since:%Y-%m-%d %H:%M}" if state.gone_since else "?"
    return f"not asked: its server said on {since} UTC that it is gone for good (410); {REMEDY}"
