"""Errors of Google's services in words: what was refused, and what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core import exceptions
from google.auth import exceptions as auth
from requests import exceptions as http

from schemas.errors import NewsbeamError

NO_CREDENTIALS = (
    "no credentials were found: run `gcloud auth application-default login`, or let "
    "GOOGLE_APPLICATION_CREDENTIALS name a service account's key"
)
# The reason that the service gives, and the remedy.
_REASONS = {
    "quotaExceeded": "a quota is used up: wait for it to refill, or ask for a higher one",
    "rateLimitExceeded": "too many requests: start again later, or less often",
    "billingNotEnabled": "the project has no billing: enable it, or name another project",
    "accessNotConfigured": "the service is not enabled in the project: `gcloud services enable`",
    "SERVICE_DISABLED": "the service is not enabled in the project: `gcloud services enable`",
    "responseTooLarge": "the answer is too large; please report it",
}
_CONNECTION = (
    *(http.ConnectionError, http.Timeout, exceptions.RetryError),
    *(exceptions.ServiceUnavailable, ConnectionError, TimeoutError),
)


@contextmanager
def explained(kind: type[NewsbeamError], target: str, permissions: str) -> Iterator[None]:
    """Raise errors of the services as `kind`; `permissions` says what the work needs."""
    try:
        yield
    except (exceptions.GoogleAPIError, auth.GoogleAuthError, http.RequestException) as error:
        raise kind(explain(error, permissions), target) from error


def explain(error: Exception, permissions: str) -> str:
    """Return what is wrong and the remedy, in one line."""
    said = _said(error)
    if isinstance(error, auth.DefaultCredentialsError):
        return NO_CREDENTIALS
    if isinstance(error, (auth.RefreshError, exceptions.Unauthorized)):
        return f"the credentials are not accepted ({said}): log in again, or renew the key"
    if isinstance(error, (auth.TransportError, *_CONNECTION)):
        return f"cannot be reached ({said}): look at the network and start again"
    remedy = next((_REASONS[reason] for reason in reasons(error) if reason in _REASONS), None)
    if remedy is None:
        remedy = _by_status(error, said, permissions)
    return f"{remedy} ({said})"


def reasons(error: Exception) -> list[str]:
    """Return the reasons that the service gives."""
    details = getattr(error, "errors", None) or ()
    found = [item.get("reason", "") for item in details if isinstance(item, dict)]
    return [*found, getattr(error, "reason", None) or ""]


def _by_status(error: Exception, said: str, permissions: str) -> str:
    if isinstance(error, exceptions.TooManyRequests):
        return _REASONS["rateLimitExceeded"]
    if isinstance(error, exceptions.Forbidden):
        return f"no permission: grant {permissions}, or name another project"
    if "location" in said.lower() or "region" in said.lower():
        return "the location is not the dataset's, or there is none of this name"
    if isinstance(error, exceptions.NotFound):
        return "there is no such project, dataset or bucket: look at its name and location"
    return "the service refused"


def _said(error: Exception) -> str:
    """Return the service's own words, without the request and job that the client adds."""
    details = getattr(error, "errors", None) or ()
    words = [item.get("message") for item in details if isinstance(item, dict)]
    text = next(filter(None, words), None) or getattr(error, "message", None) or str(error)
    return " ".join(str(text or type(error).__name__).split())[:300]
