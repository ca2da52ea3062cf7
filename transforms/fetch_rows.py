"""From what came of a request to rows of `fetches` and `failures`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam

from schemas.errors import FetchError
from schemas.ids import stable_id
from schemas.rows import Failure, Fetch
from schemas.state import RobotsFile
from transforms.retrieve import FetchOutcome, Retrieval
from transforms.web.robots import robots_file

FETCHES, FAILURES = "fetches", "failures"


@dataclass(frozen=True)
class Verdict:
    """What reading a body said of it."""

    outcome: FetchOutcome | None = None  # instead of the retrieval's
    error: str | None = None  # why, in words
    entries_seen: int | None = None


def fetch_row(
    retrieval: Retrieval,
    run_id: str,
    target_type: str,
    feed_url: str | None,
    verdict: Verdict | None = None,
) -> Fetch:
    """The row of one attempt; the verdict is that of reading the body, where it was read."""
    verdict = verdict or Verdict()
    body, wait = retrieval.body, retrieval.retry_after_s
    return Fetch(
        fetch_id=stable_id(run_id, target_type, retrieval.requested_url, retrieval.attempt),
        run_id=run_id,
        target_type=target_type,
        feed_url=feed_url,
        requested_url=retrieval.requested_url,
        final_url=retrieval.final_url,
        redirect_chain=retrieval.redirect_chain,
        fetched_at=retrieval.started_at,
        http_status=retrieval.status,
        outcome=str(verdict.outcome or retrieval.outcome),
        etag=retrieval.etag,
        last_modified=retrieval.last_modified,
        body_hash=retrieval.body_hash,
        bytes=None if body is None else len(body),
        duration_ms=retrieval.duration_ms,
        attempt=retrieval.attempt,
        retry_after_s=None if wait is None else round(wait),
        robots_decision=retrieval.robots_decision,
        entries_seen=verdict.entries_seen,
        error=verdict.error or retrieval.error,
    )


def robots_row(retrieval: Retrieval, run_id: str, stage: str) -> Fetch:
    """The row of a robots.txt; workers of several stages may ask, so the stage is in the id."""
    row = fetch_row(retrieval, run_id, "robots", None)
    return replace(row, fetch_id=stable_id(row.fetch_id, stage))


def robots_items(retrieval: Retrieval, run_id: str, stage: str) -> Iterator[Fetch | RobotsFile]:
    """Yield what is left of a robots.txt: its row, and the file itself where it is to be kept."""
    yield robots_row(retrieval, run_id, stage)
    kept = robots_file(retrieval)
    if kept is not None:
        yield kept


def fetch_error(retrieval: Retrieval) -> FetchError:
    """The error that stands for a request that failed for good; its code is the outcome."""
    said = retrieval.error or ""
    if retrieval.outcome not in (FetchOutcome.HTTP_ERROR, FetchOutcome.GONE):
        said = f"{retrieval.outcome.meaning} ({said})" if said else retrieval.outcome.meaning
    error = FetchError(said, target=retrieval.requested_url)
    error.code = str(retrieval.outcome)
    return error


def tagged(item: Any) -> Any:
    """Send rows of `fetches` and `failures` to their outputs; all else goes to the main one."""
    if isinstance(item, Fetch):
        return beam.pvalue.TaggedOutput(FETCHES, item)
    if isinstance(item, Failure):
        return beam.pvalue.TaggedOutput(FAILURES, item)
    return item
