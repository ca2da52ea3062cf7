"""The rows of newsbeam's tables.

These classes are the one definition of the tables: `schemas.tables` derives the Arrow schema, the
BigQuery schema and the data dictionary from their fields. Columns are only ever added, and a column
that is added is nullable. Character offsets are Python indices (code points) into `text_content`.
All times are UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas.columns import column


@dataclass(frozen=True, kw_only=True)
class Span:
    """A half-open range of characters of the article's text."""

    start: int = column("First character")
    end: int = column("One past the last character")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A speaker that was considered for a quotation."""

    speaker: str = column("The candidate's name, or words where it has none")
    probability: float = column("How likely this speaker is; the candidates add up to at most 1")


@dataclass(frozen=True, kw_only=True)
class FeedRef:
    """A feed entry through which an article was found."""

    feed_url: str = column("Feed that carried the entry")
    entry_id: str = column("The entry's id (guid, atom:id) or its link where it has none")
    link: str | None = column("The entry's link as the feed gives it", default=None)


@dataclass(frozen=True, kw_only=True)
class StageCount:
    """One counter of a run."""

    stage: str = column("Stage of the pipeline: feeds, entries, pages, articles, quotes …")
    name: str = column("What was counted")
    count: int = column("How many")


@dataclass(frozen=True, kw_only=True)
class Article:
    """One revision of one article."""

    article_id: str = column(
        "Hex of SHA-256 of the normalized URL; of the entry's id or the text without one"
    )
    revision: int = column(
        "1, 2, …: a changed text or another model gives the next; the highest is current"
    )
    run_id: str = column("Run that wrote the row")
    original_url: str | None = column("Link as the feed gave it", default=None)
    url: str | None = column("Address after redirects", default=None)
    normalized_url: str | None = column(
        "Address without tracking parameters, www, AMP", default=None
    )
    canonical_url: str | None = column(
        "The page's own canonical link where it is believable", default=None
    )
    canonical_domain: str | None = column(
        "Registered domain of the canonical or final address", default=None
    )
    title: str | None = column("Headline", default=None)
    authors: tuple[str, ...] = column("Bylines, one a person", default=())
    publisher: str | None = column("Name of the site, or the feed's title", default=None)
    section: str | None = column("Section or category the page names", default=None)
    keywords: tuple[str, ...] = column("Tags of page and feed entry", default=())
    language: str | None = column("Language of the text, ISO 639-1", default=None)
    date_published: datetime | None = column("When the article was first published", default=None)
    date_published_source: str | None = column(
        "Where that date comes from: feed, jsonld, meta, url", default=None
    )
    date_modified: datetime | None = column("When the publisher last changed it", default=None)
    ingested_at: datetime = column("When newsbeam fetched it")
    text_content: str = column("The body's text, a line a paragraph; all offsets index this")
    word_count: int = column("Number of words of the text")
    content_hash: str = column("Hex of SHA-256 of the text")
    text_extraction_method: str = column("trafilatura, feed_content or feed_summary")
    truncation_suspected: bool = column("The text seems to be cut", default=False)
    paywall_suspected: bool = column(
        "The page seems to hide its text behind a paywall", default=False
    )
    feed_refs: tuple[FeedRef, ...] = column("The feed entries that led here", default=())
    raw_ref: str | None = column("Where the fetched page is archived", default=None)
    pipeline_version: str = column("Version of newsbeam")
    model_version: str = column(
        "Name and version of the language pipeline; empty where none was applied"
    )
    duplicate_cluster_id: str | None = column(
        "The story: article_id of its first article; near-duplicates share it", default=None
    )
    is_wire: bool | None = column(
        "Agency copy, by its own credit or that of a near-duplicate", default=None
    )
    wire_service: str | None = column("The agency whose copy it is", default=None)
    first_seen_at: datetime | None = column(
        "When newsbeam first saw an article of the story", default=None
    )


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One person, organization, place or other thing of one article."""

    entity_id: str = column("Hex; follows from article, revision and first mention")
    article_id: str = column("The article")
    revision: int = column("The article's revision")
    run_id: str = column("Run that wrote the row")
    canonical_name: str = column("The fullest name the article gives, without title or 'the'")
    entity_type: str = column("person, organization, place or other; newsbeam's last word")
    label: str = column("The model's own label of the canonical mention")
    aliases: tuple[str, ...] = column("Other names in the article", default=())
    role: str | None = column(
        "Role or description the article gives: 'the harbour minister'", default=None
    )
    mention_count: int = column("Mentions of all types")
    pipeline_version: str = column("Version of newsbeam")
    model_version: str = column("Name and version of the language pipeline")


@dataclass(frozen=True, kw_only=True)
class Mention:
    """One span that names or refers to an entity, without title, possessive or 'the'."""

    mention_id: str = column("Hex; follows from article, revision and offsets")
    article_id: str = column("The article")
    revision: int = column("The article's revision")
    run_id: str = column("Run that wrote the row")
    entity_id: str = column("The entity it belongs to")
    text: str = column("The span's text")
    label: str = column("Label of spaCy's English set: PERSON, ORG, GPE, LOC, FAC, NORP, EVENT …")
    mention_type: str = column("name, pronoun or nominal")
    char_start: int = column("First character")
    char_end: int = column("One past the last character")
    sentence_index: int = column("Number of the sentence, from 0")
    quote_id: str | None = column("The quotation it stands in", default=None)
    pipeline_version: str = column("Version of newsbeam")
    model_version: str = column("Name and version of the language pipeline")


@dataclass(frozen=True, kw_only=True)
class Quote:
    """One utterance of one speaker."""

    quote_id: str = column("Hex; follows from article, revision and offsets")
    article_id: str = column("The article")
    revision: int = column("The article's revision")
    run_id: str = column("Run that wrote the row")
    quote_text: str = column("The texts of the spans, joined by one space")
    content_spans: tuple[Span, ...] = column(
        "Where the words stand, without marks, a span a paragraph"
    )
    quote_type: str = column("direct, mixed or indirect")
    is_multi_paragraph: bool = column("The utterance runs over several paragraphs", default=False)
    is_floating: bool = column(
        "No cue of its own: the speaker comes from what went before", default=False
    )
    cue_text: str | None = column("The words of saying: 'said', 'according to'", default=None)
    cue_start: int | None = column("First character of the cue", default=None)
    cue_end: int | None = column("One past the cue's last character", default=None)
    speaker_text: str | None = column(
        "The speaker's words beside the cue: 'Ms Orr', 'she', 'a witness'", default=None
    )
    speaker_start: int | None = column("First character of these words", default=None)
    speaker_end: int | None = column("One past their last character", default=None)
    speaker_mention_type: str | None = column("name, pronoun or nominal", default=None)
    speaker_canonical: str | None = column(
        "The fullest name the article gives; null where unnamed or unknown", default=None
    )
    speaker_entity_id: str | None = column("The speaker's row in entities", default=None)
    attribution_method: str = column("The rule or model that decided")
    confidence: float = column("Calibrated probability that the attribution is right, 0 to 1")
    candidates: tuple[Candidate, ...] = column("Speakers considered, likeliest first", default=())
    pre: str = column("Up to 100 characters before", default="")
    post: str = column("Up to 100 characters after", default="")
    canonical_quotation_hash: str = column("Hash of the words in lower case without punctuation")
    flags: tuple[str, ...] = column(
        "unnamed_speaker, unknown_speaker, negated, hypothetical, scare_quote …", default=()
    )
    pipeline_version: str = column("Version of newsbeam")
    model_version: str = column("Name and version of the language pipeline")


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """One attempt to retrieve a feed, a page or a robots.txt; append-only."""

    fetch_id: str = column("Hex; follows from run, target and attempt")
    run_id: str = column("Run that wrote the row")
    target_type: str = column("feed, page or robots")
    feed_url: str | None = column("Feed that was asked for, or that led to the page", default=None)
    requested_url: str = column("Address that was asked for")
    final_url: str | None = column("Address that answered", default=None)
    redirect_chain: tuple[str, ...] = column("Addresses passed on the way", default=())
    fetched_at: datetime = column("When the request started")
    http_status: int | None = column("Status of the last answer", default=None)
    outcome: str = column("ok, not_modified, malformed, gone, http_error, timeout, refused …")
    etag: str | None = column("ETag of the answer", default=None)
    last_modified: str | None = column("Last-Modified of the answer", default=None)
    body_hash: str | None = column("Hex of SHA-256 of the body", default=None)
    bytes: int | None = column("Size of the decoded body", default=None)
    duration_ms: int | None = column("Time from request to the body's end", default=None)
    attempt: int = column("1 for the first try of this run; 0: nothing was asked", default=1)
    retry_after_s: int | None = column("Seconds the server asked to wait", default=None)
    robots_decision: str | None = column(
        "allowed, disallowed, unavailable; null where not asked", default=None
    )
    entries_seen: int | None = column("Entries of the feed", default=None)
    entries_new: int | None = column("Of these, not known before", default=None)
    next_fetch_at: datetime | None = column("When the feed is due again", default=None)
    error: str | None = column("What was wrong, in words", default=None)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the pipeline."""

    run_id: str = column("Name of the run; sorts by start time")
    started_at: datetime = column("When it started")
    finished_at: datetime = column("When it was ready to commit")
    pipeline_version: str = column("Version of newsbeam")
    model_version: str = column("Name and version of the language pipeline")
    beam_version: str = column("Version of Apache Beam")
    options: str = column("The options as JSON")
    counts: tuple[StageCount, ...] = column("Counters by stage", default=())
    exit_status: int = column("0 committed, 3 every feed failed")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One element that could not be processed."""

    failure_id: str = column("Hex; follows from run, stage and key")
    run_id: str = column("Run that wrote the row")
    stage: str = column(
        "read_feeds, fetch_feeds, parse_feeds, fetch_pages, extract, annotate, write"
    )
    key: str = column("Address or id of the element")
    error_class: str = column("Short stable name of the error")
    message: str = column("What happened, and the remedy where there is one")
    first_seen: datetime = column("When it happened")
