"""What goes into the retriever and what comes out of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from transforms.web.shares import HostShare


class FetchOutcome(StrEnum):
    """How a request ended; `meaning` is the sentence for the operator's page."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> FetchOutcome:
        """Make a member that also knows what it means."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = "ok", "The server answered with a body."
    NOT_MODIFIED = "not_modified", "The server says that nothing changed since the last fetch."
    MALFORMED = "malformed", "A feed came, but not well-formed; what could be had was taken."
    BAD_CONTENT = "bad_content", "A body came that is not what was asked for (HTML for a feed)."
    GONE = "gone", "Status 410: the publisher took it away for good."
    HTTP_ERROR = "http_error", "Another status that is no success; http_status says which."
    TIMEOUT = "timeout", "Connecting, a pause between two bytes or the whole took too long."
    TOO_LARGE = "too_large", "The body, unpacked, exceeds the limit; nothing of it was kept."
    TOO_MANY_REDIRECTS = "too_many_redirects", "The redirects go in a circle or never end."
    BAD_REDIRECT = "bad_redirect", "A redirect without an address, or to no http(s) one."
    BAD_URL = "bad_url", "The address cannot be asked for: not http or https, or without a host."
    DNS_ERROR = "dns_error", "The host name does not resolve."
    REFUSED_NETWORK = (
        "refused_network",
        "The host lies in a private network that --allow-network does not name.",
    )
    TLS_ERROR = "tls_error", "The encrypted connection failed: certificate or handshake."
    CONNECTION_ERROR = "connection_error", "The host refused or broke the connection."
    PROTOCOL_ERROR = "protocol_error", "What the server sent is no HTTP, or wrongly compressed."
    ROBOTS_DISALLOWED = "robots_disallowed", "robots.txt forbids it; nothing was asked."
    ROBOTS_UNAVAILABLE = "robots_unavailable", "robots.txt could not be had; not asked this time."
    DEFERRED = (
        "deferred",
        "The host asked to wait, or did not answer several times in a row; nothing was asked.",
    )
    INTERNAL_ERROR = "internal_error", "The retriever itself failed; please report it."


@dataclass(frozen=True)
class RetrieveOptions:
    """How to retrieve; these are all the defaults there are."""

    user_agent: str = "newsbeam/0.1 (news table builder)"
    connect_timeout_s: float = 10.0  # one connection, all its addresses together
    read_timeout_s: float = 20.0  # longest pause between two pieces
    total_timeout_s: float = 60.0  # one request with its redirects, to the body's last byte
    max_bytes: int = 10 * 1024 * 1024  # of a body, unpacked
    max_redirects: int = 8
    max_in_flight: int = 32  # requests under way at once
    per_host_connections: int = 2  # of these, to one host
    host_delay_s: float = 1.0  # between two starts on one host; none in allowed networks
    host_delays_s: Mapping[str, float] = field(default_factory=dict)  # the same, by host
    host_shares: Mapping[str, HostShare] = field(default_factory=dict)  # set by the graph
    allow_networks: tuple[str, ...] = ()  # CIDR; private networks that may be entered
    obey_robots: bool = True  # ask for robots.txt first, and do what it says
    max_retries: int = 2  # tries after the first, for what can get better
    retry_wait_s: float = 2.0  # before the first of these; doubles, with jitter
    max_wait_s: float = 30.0  # longest wait that a pass accepts from a server
    max_host_failures: int = 8  # in a row without any answer; then the host is left alone
    buffer_results: int = 32  # finished results waiting for the consumer …
    buffer_bytes: int = 32 * 1024 * 1024  # … and their bodies; then no new request starts
    lookahead: int = 1_000  # requests taken from the input before they are due


@dataclass(frozen=True)
class RetrieveRequest:
    """One address to ask for."""

    url: str
    etag: str | None = None  # validators of the last answer (RFC 9110, 13.1)
    last_modified: str | None = None
    accept: str = "*/*"
    context: Any = None  # the caller's own; comes back with the retrieval


@dataclass(frozen=True)
class Retrieval:
    """What came of one attempt; a failure is a value, too."""

    request: RetrieveRequest
    started_at: datetime  # UTC
    outcome: FetchOutcome
    duration_ms: int = 0
    attempt: int = 1
    will_retry: bool = False  # another attempt follows; this one is for the record only
    final_url: str | None = None  # that answered
    redirect_chain: tuple[str, ...] = ()  # addresses that sent us on, the requested one first
    redirect_statuses: tuple[int, ...] = ()  # their status codes
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    content_type: str | None = None
    cache_control: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # all of the last answer's
    retry_after_s: float | None = None
    robots_decision: str | None = None  # allowed, disallowed, unavailable; None: not asked
    is_robots: bool = False  # this is the robots.txt of a site, for the record only
    body: bytes | None = None  # unpacked; only where the outcome is ok
    error: str | None = None  # in words, where the outcome is no success

    @cached_property
    def body_hash(self) -> str | None:
        """Hex SHA-256 of the body; None without one."""
        return None if self.body is None else hashlib.sha256(self.body).hexdigest()

    @property
    def requested_url(self) -> str:
        """The address that was asked for."""
        return self.request.url

    @property
    def is_final(self) -> bool:
        """Whether this is the end of its request: neither tried again nor for the record only."""
        return not (self.will_retry or self.is_robots)

    @property
    def is_success(self) -> bool:
        """Whether the server answered as hoped."""
        return self.outcome in (FetchOutcome.OK, FetchOutcome.NOT_MODIFIED)
