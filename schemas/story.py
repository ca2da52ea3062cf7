"""What is kept of an article to find its near-duplicates, and what is decided of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SignedArticle:
    """An article as a signature; a row of the state until the window of days has passed."""

    article_id: str
    seen_at: datetime  # when newsbeam fetched it
    scheme: str  # how the signature was made; others cannot be compared with it
    numbers: bytes  # the signature; empty where the text is too short for one
    shingles: int  # of the body
    published_at: datetime | None = None  # decides who is first among articles of one run
    service: str | None = None  # the agency that it credits
    is_original: bool = False  # it stands on that agency's own site
    cluster_id: str | None = None  # the story; None: not yet decided
    first_seen_at: datetime | None = None  # of the story


@dataclass(frozen=True)
class StoryDecision:
    """What the columns of an article are to say of its story."""

    article_id: str
    cluster_id: str
    first_seen_at: datetime
    is_wire: bool
    wire_service: str | None
