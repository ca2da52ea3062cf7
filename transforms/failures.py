"""Turn an exception about one element into a row of `failures`."""

from datetime import UTC, datetime

from schemas.errors import ElementError
from schemas.ids import stable_id
from schemas.rows import Failure

MESSAGE_LENGTH = 2_000


def failure_row(run_id: str, stage: str, key: str, error: Exception) -> Failure:
    """Return the row for an element that failed; its message is cut at 2,000 characters."""
    known = isinstance(error, ElementError)
    error_class = error.code if isinstance(error, ElementError) else type(error).__name__
    message = error.message if known else f"{type(error).__name__}: {error}"  # type: ignore[attr-defined]
    return Failure(
        failure_id=stable_id(run_id, stage, key),
        run_id=run_id,
        stage=stage,
        key=key,
        error_class=error_class,
        message=message[:MESSAGE_LENGTH],
        first_seen=datetime.now(UTC),
    )
